// Package rows builds the rows of the tables column by column. Each table of schemas/tables has a builder of its name, made
// by go generate ./schemas/tables: call Row, append to every column once, and Take all of it. Start at [Rows].
package rows

import (
	"fmt"
	"reflect"
)

// Column is one column of rows for a table: a slice of Go values that the table's type takes.
type Column struct {
	Name   string
	Values any
}

// Rows are rows for one table, by columns of equal length.
type Rows struct {
	Table   string
	Columns []Column
}

// Len is the number of rows.
func (r *Rows) Len() int {
	if len(r.Columns) == 0 {
		return 0
	}
	return reflect.ValueOf(r.Columns[0].Values).Len()
}

// counted is how many rows a builder has begun.
type counted struct {
	rows   int
	before int // rows of the last batch: the next is likely as long
}

// Len is how many rows there are.
func (c *counted) Len() int { return c.rows }

// even panics when a column has not one value a row, which would move the values of other rows.
func (c *counted) even(table, column string, values int) {
	if values != c.rows {
		panic(fmt.Sprintf("rows of %s: column %s has %d values of %d rows", table, column, values, c.rows))
	}
}
