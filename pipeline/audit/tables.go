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
	topic    pipeline.Topic // that feeds it; versioned tables have several
	key      []string
	customer []string // columns of the customer's id, none for panes and observations
	kept     bool     // rows of events that do not expire, whether or not events as received are kept
}

var tables = []table{
	{pipeline.TableSatisfactionPanes, sums, pipeline.Responses, []string{"partition", "resolution", "pane_start", "scope_kind", "scope_id", "survey", "brand"}, nil, false},
	{pipeline.TableRecoveryPanes, sums, pipeline.Complaints, []string{"partition", "resolution", "pane_start", "scope_kind", "scope_id"}, nil, false},
	{pipeline.TableCustomerResponses, marked, pipeline.Responses, []string{"partition", "kind", "customer_id"}, []string{"customer_id"}, false},
	{pipeline.TableCustomerComplaint, marked, pipeline.Complaints, []string{"partition", "customer_id"}, []string{"customer_id"}, false},
	{pipeline.TableComplaints, marked, pipeline.Complaints, []string{"partition", "customer_id", "complaint_id"}, []string{"customer_id"}, false},
	{pipeline.TableMoments, versioned, 0, []string{"partition", "customer_id", "kind", "moment_id"}, []string{"customer_id"}, false},
	{pipeline.TableChurn, versioned, 0, []string{"partition", "customer_id"}, []string{"customer_id"}, false},
	{pipeline.TableResponses, asReceived, pipeline.Responses, []string{"partition", "offset"}, []string{"customer_id", "terminal_id"}, false},
	{pipeline.TableCustomerPurchases, marked, pipeline.Purchases, []string{"partition", "customer_id"}, []string{"customer_id"}, false},
	{pipeline.TablePurchases, asReceived, pipeline.Purchases, []string{"partition", "offset"}, []string{"customer_id"}, false},
	{pipeline.TableObservations, asReceived, pipeline.Observations, []string{"partition", "offset"}, []string{"store_id"}, true},
	{pipeline.TableDepartures, asReceived, pipeline.Departures, []string{"partition", "offset"}, []string{"customer_id"}, true},
	{pipeline.TableComplaintEvents, asReceived, pipeline.Complaints, []string{"partition", "offset"}, []string{"customer_id"}, false},
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
func (t *table) follows(topic pipeline.Topic) bool {
	switch t.name {
	case pipeline.TableMoments:
		return topic == pipeline.Responses || topic == pipeline.Complaints
	case pipeline.TableChurn:
		return topic == pipeline.Responses || topic == pipeline.Complaints || topic == pipeline.Purchases
	}
	return t.topic == topic
}
