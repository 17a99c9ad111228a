// Package tables declares the tables of the database: their columns, keys and retention, which topics feed them, and in which
// order they are written. A table is declared here once. Its DDL, the typed builders of its rows (pipeline/rows), the audit,
// the simulated ClickHouse and schemas/TABLES.md follow from it. Start at [Table] and [All].
package tables

import "slices"

//go:generate go run ./generate ../../pipeline/rows/tables.gen.go ../TABLES.md

// Table is one table. Of the rows of one key, the one with the highest version stays; of equal versions, the last.
type Table struct {
	Name    string
	About   string
	Kind    Kind
	Topics  []string // that feed it; none for tables of commands and of the watch of alerts
	Stage   Stage    // the stage of a flush that writes it
	Key     []string // the sorting key
	Version string   // column; "" if all rows of a key are equal, or the last one counts
	// Customer names columns with the id of a customer, or of a terminal or store in its stead.
	Customer []string
	Keep     Retention
	Indexes  []string // data-skipping indexes, as DDL
	Columns  []Column
}

// Column is one column.
type Column struct {
	Name, Type string
	Default    string // SQL; "" for the default of the type
	Codec      string // DDL; "" for the usual one
	Comment    string
}

// Kind says what a row is, and how it records what it has absorbed.
type Kind uint8

// The kinds.
const (
	Record     Kind = iota // what a command or the watch of alerts did
	Sums                   // a pane: partial sums of one partition, which add up; has a mark
	Marked                 // follows from one topic's log; has a mark
	AsReceived             // one event; has its offset
	Versioned              // follows from several topics; its version counts the events absorbed
	Position               // how far the other rows are
)

// Stage is a part of a flush, which begins when the one before is acknowledged (pipeline/CORRECTNESS.md).
type Stage uint8

// The stages, in order.
const (
	NoStage        Stage = iota
	FactsStage           // events as received; panes, single complaints and responses
	CustomersStage       // what several topics say of a customer
	HistoriesStage       // after everything that was computed from them
	PositionsStage       // last: how far all of them are
	Stages         = 5
)

// Retention is how long rows are kept; the zero value means for ever.
type Retention struct {
	Column string // whose time counts
	Raw    bool   // as long as events as received (clickhouse.raw_days)
	Days   int
}

// OfPipeline are the tables that a partition's flushes write.
var OfPipeline = []*Table{SatisfactionPanes, RecoveryPanes, CustomerResponses, CustomerComplaints, Complaints, Moments, Churn, Responses, CustomerPurchases, Purchases, Observations, Departures, Asked, ComplaintEvents, Positions}

// OfCommands are the tables that commands, the watch of alerts, and a starting process write.
var OfCommands = []*Table{ImprovementLog, CSIEstimates, AlertLog, AlertEvaluations, AlertDeliveries, ActionLog, RiskLevels, Settings}

// All are all tables.
func All() []*Table { return slices.Concat(OfPipeline, OfCommands) }

// Of returns the table of a name, nil if there is none.
func Of(name string) *Table {
	for _, list := range [][]*Table{OfPipeline, OfCommands} {
		for _, t := range list {
			if t.Name == name {
				return t
			}
		}
	}
	return nil
}

// Column returns the column of a name, nil if there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Names returns all names that schema_migrations may hold: tables, columns (table.column), and those of [Legacy].
func Names() map[string]bool {
	names := map[string]bool{}
	for _, name := range Legacy {
		names[name] = true
	}
	for _, t := range All() {
		names[t.Name] = true
		for _, c := range t.Columns {
			names[t.Name+"."+c.Name] = true
		}
	}
	return names
}
