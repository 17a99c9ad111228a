package pipeline

import "reflect"

// rowBuilder collects rows of one table, column by column.
type rowBuilder struct {
	table  string
	names  []string
	values []any // a pointer to each column's slice: appending through it boxes nothing
	rows   int
	before int // rows of the last batch: the next is likely as long
	adder  adder
}

// take gives what was collected and begins anew.
func (w *rowBuilder) take() Rows {
	rows := Rows{Table: w.table}
	for i, name := range w.names {
		rows.Columns = append(rows.Columns, Column{Name: name, Values: reflect.ValueOf(w.values[i]).Elem().Interface()})
	}
	w.names, w.values, w.before, w.rows = nil, nil, w.rows, 0
	return rows
}

// row begins a row; add its values in the same order for each.
func (w *rowBuilder) row() *adder {
	w.rows++
	w.adder = adder{w: w}
	return &w.adder
}

// adder appends one row; the first row makes the columns.
type adder struct {
	w *rowBuilder
	i int
}

func add[T any](a *adder, name string, v T) {
	if a.i == len(a.w.values) {
		column := make([]T, 0, a.w.before)
		a.w.names, a.w.values = append(a.w.names, name), append(a.w.values, &column)
	}
	column := a.w.values[a.i].(*[]T)
	*column = append(*column, v)
	a.i++
}
