package pipeline

import "csatflow/pipeline/rows"

// Rows are rows for one table, by columns of equal length.
type Rows = rows.Rows

// Column is one column of them.
type Column = rows.Column

// The tables that the pipeline writes.
const (
	TableResponses         = "responses"
	TableComplaintEvents   = "complaint_events"
	TableSatisfactionPanes = "satisfaction_panes"
	TableRecoveryPanes     = "recovery_panes"
	TableCustomerResponses = "customer_responses"
	TableCustomerComplaint = "customer_complaints"
	TableCustomerPurchases = "customer_purchases"
	TablePurchases         = "purchases"
	TableObservations      = "observations"
	TableDepartures        = "departures"
	TableComplaints        = "complaints"
	TableMoments           = "moments"
	TableChurn             = "churn"
	TablePositions         = "positions"
)

var historyTables = [historyTopics]string{TableCustomerResponses, TableCustomerComplaint, TableCustomerPurchases}

// HistoryTable is the table of a topic's histories; only responses, complaints and purchases have one.
func HistoryTable(topic Topic) string { return historyTables[topic] }

// Flush is what a partition has to write: its rows, in the order that lets a crash happen anywhere, and then the
// offsets to commit.
type Flush struct {
	Partition int
	Dead      []DeadLetter
	Birth     []Rows        // from which log the rows come, before the first of them
	Events    []Rows        // as received
	Derived   []Rows        // panes, and the rows of single complaints and responses
	Customers []Rows        // what several topics say of a customer; after Derived, since it vouches for it
	Histories []Rows        // after everything that was computed from them
	Positions []Rows        // after all rows: how far they are
	Next      [Topics]int64 // offsets to commit, last of all
	Applied   int           // records since the last flush
}

// Stages are the inserts in order; those of one stage may go together.
func (f *Flush) Stages() [][]Rows {
	return [][]Rows{f.Birth, append(append([]Rows(nil), f.Events...), f.Derived...), f.Customers, f.Histories, f.Positions}
}
