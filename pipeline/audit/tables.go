package audit

import (
	"slices"

	"csatflow/pipeline"
)

// kind is how rows of a table are compared and how far they say to be.
type kind uint8

const (
	sums       kind = iota // panes: partial sums add up; a mark
	marked                 // rows of one topic's log: a mark
	asReceived             // a row an event: its offset
	versioned              // rows that two topics make: a version that counts the events absorbed
)

// table is one of the tables that are compared.
type table struct {
	name     string
	kind     kind
	topic    pipeline.Topic // that feeds it; versioned tables have both
	key      []string
	customer []string // columns of the customer's id, none for panes
}

var tables = []table{
	{pipeline.TableSatisfactionPanes, sums, pipeline.Responses, []string{"partition", "resolution", "pane_start", "scope_kind", "scope_id", "survey", "brand"}, nil},
	{pipeline.TableRecoveryPanes, sums, pipeline.Complaints, []string{"partition", "resolution", "pane_start", "scope_kind", "scope_id"}, nil},
	{pipeline.TableCustomerResponses, marked, pipeline.Responses, []string{"partition", "kind", "customer_id"}, []string{"customer_id"}},
	{pipeline.TableCustomerComplaint, marked, pipeline.Complaints, []string{"partition", "customer_id"}, []string{"customer_id"}},
	{pipeline.TableComplaints, marked, pipeline.Complaints, []string{"partition", "customer_id", "complaint_id"}, []string{"customer_id"}},
	{pipeline.TableMoments, versioned, 0, []string{"partition", "customer_id", "kind", "moment_id"}, []string{"customer_id"}},
	{pipeline.TableChurn, versioned, 0, []string{"partition", "customer_id"}, []string{"customer_id"}},
	{pipeline.TableResponses, asReceived, pipeline.Responses, []string{"partition", "offset"}, []string{"customer_id", "terminal_id"}},
	{pipeline.TableComplaintEvents, asReceived, pipeline.Complaints, []string{"partition", "offset"}, []string{"customer_id"}},
}

func tableOf(name string) int {
	return slices.IndexFunc(tables, func(t table) bool { return t.name == name })
}

// bookkeeping says that a column tells how far a row is and not what it says. The version of a churn row is content: it
// is the number of events that the score stands for, and the table has no other column for it.
func (t *table) bookkeeping(column string) bool {
	return column == "mark" || column == "version" && t.name != pipeline.TableChurn
}

// follows says that a row of the table follows from this topic's log.
func (t *table) follows(topic pipeline.Topic) bool { return t.kind == versioned || t.topic == topic }
