package pipeline

import (
	"csatflow/pipeline/rows"
	"csatflow/schemas/tables"
)

// Rows are rows of one table, as columns of equal length.
type Rows = rows.Rows

// Column is one column of [Rows].
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
	TableAsked             = "asked"
	TableComplaints        = "complaints"
	TableMoments           = "moments"
	TableChurn             = "churn"
	TablePositions         = "positions"
)

var historyTables = [historyTopics]string{TableCustomerResponses, TableCustomerComplaint, TableCustomerPurchases}

// HistoryTable returns the table of a topic's histories; only responses, complaints and purchases have one.
func HistoryTable(topic Topic) string { return historyTables[topic] }

// Flush is what a partition has to write: its rows, in an order in which a crash anywhere does no harm, then the offsets
// to commit.
type Flush struct {
	Partition int
	Dead      []DeadLetter
	Birth     []Rows // identify the log, before the first rows
	stages    [tables.Stages][]Rows
	Next      [Topics]int64 // offsets to commit after all rows, or up to which the rows of a begun flush are
	Applied   int           // records since the last flush
	Begun     bool          // it has no end: see [Task.FlushMinutes]
}

// add puts rows into the stages of their tables.
func (f *Flush) add(list ...Rows) {
	for _, r := range list {
		stage := tables.Of(r.Table).Stage
		f.stages[stage] = appendRows(f.stages[stage], r)
	}
}

// Of returns the rows of one stage.
func (f *Flush) Of(stage tables.Stage) []Rows { return f.stages[stage] }

// Stages returns the inserts in order; those of one stage may run together.
func (f *Flush) Stages() [][]Rows {
	return append([][]Rows{f.Birth}, f.stages[tables.FactsStage:]...)
}

// Empty reports whether there is nothing to write or commit.
func (f *Flush) Empty() bool {
	return f.Applied == 0 && len(f.Of(tables.CustomersStage)) == 0 && len(f.Of(tables.PositionsStage)) == 0
}
