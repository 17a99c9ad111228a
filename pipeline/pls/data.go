package pls

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Data is a table of answers: a row for each respondent, a column for each question; NaN where there is no answer.
// Columns that the model does not name are ignored.
type Data struct {
	Columns []string
	Rows    [][]float64
}

// sample is the complete rows of the indicators of a design.
type sample struct {
	x       *mat.Dense // rows × indicators, standardised
	used    []int      // the row of Data that each row is
	missing int        // rows left out
	moments *moments
}

func (d Data) sample(of *design, s Settings) (*sample, error) {
	raw, used, err := d.complete(of, s)
	if err != nil {
		return nil, err
	}
	if len(used) < s.MinRows {
		return nil, fmt.Errorf("%w: %d of %d rows have an answer to every indicator, %d are needed", ErrTooFewRows, len(used), len(d.Rows), s.MinRows)
	}
	x := mat.NewDense(len(used), len(of.indicators), raw)
	mean, sd := make([]float64, len(of.indicators)), make([]float64, len(of.indicators))
	column := make([]float64, len(used))
	for j, id := range of.indicators {
		mat.Col(column, j, x)
		if slices.Min(column) == slices.Max(column) {
			return nil, fmt.Errorf("%w: %s is %v in all %d complete rows; leave it out of the model", ErrConstant, id, column[0], len(used))
		}
		mean[j], sd[j] = standardise(column)
		x.SetCol(j, column)
	}
	return &sample{x: x, used: used, missing: len(d.Rows) - len(used), moments: momentsOf(x, mean, sd)}, nil
}

// complete returns the indicators of the rows that have all of them, row after row, and the indices of these rows.
func (d Data) complete(of *design, s Settings) (raw []float64, used []int, err error) {
	columns := make([]int, len(of.indicators))
	for j, id := range of.indicators {
		if columns[j] = slices.Index(d.Columns, id); columns[j] < 0 {
			return nil, nil, fmt.Errorf("data: there is no column %q, which is an indicator of %s", id, of.latents[of.latentOf[j]])
		}
	}
rows:
	for i, row := range d.Rows {
		if len(row) != len(d.Columns) {
			return nil, nil, fmt.Errorf("data: row %d has %d values for %d columns", i, len(row), len(d.Columns))
		}
		for j, c := range columns {
			switch v := row[c]; {
			case math.IsNaN(v):
				raw = raw[:len(used)*len(columns)]
				continue rows
			case v < s.Least || v > s.Most:
				return nil, nil, fmt.Errorf("data: row %d has %v for %s, outside the scale from %v to %v", i, v, of.indicators[j], s.Least, s.Most)
			default:
				raw = append(raw, v)
			}
		}
		used = append(used, i)
	}
	return raw, used, nil
}
