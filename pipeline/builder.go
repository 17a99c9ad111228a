package pipeline

// rowBuilder collects rows of one table, column by column.
type rowBuilder struct {
	table   string
	columns []Column
	rows    int
}

// take gives what was collected and begins anew.
func (w *rowBuilder) take() Rows {
	rows := Rows{Table: w.table, Columns: w.columns}
	w.columns, w.rows = nil, 0
	return rows
}

// row begins a row; add its values in the same order for each.
func (w *rowBuilder) row() *adder {
	w.rows++
	return &adder{w: w}
}

// adder appends one row; the first row makes the columns.
type adder struct {
	w *rowBuilder
	i int
}

func add[T any](a *adder, name string, v T) {
	if a.i == len(a.w.columns) {
		a.w.columns = append(a.w.columns, Column{Name: name, Values: []T(nil)})
	}
	c := &a.w.columns[a.i]
	c.Values = append(c.Values.([]T), v)
	a.i++
}
