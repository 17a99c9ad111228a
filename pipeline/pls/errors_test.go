package pls

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestWhatCannotBeEstimatedIsToldByName(t *testing.T) {
	column := func(from, to int, factor float64) func(Data) Data {
		return func(d Data) Data {
			for _, row := range d.Rows {
				row[to] = factor * row[from]
			}
			return d
		}
	}
	for _, c := range []struct {
		name   string
		change func(Data) Data
		s      Settings
		is     error
		want   string
	}{
		{"too few rows", func(d Data) Data { d.Rows = d.Rows[:19]; return d }, wide, ErrTooFewRows, "19 of 19 rows have an answer to every indicator, 20 are needed"},
		{"too few complete rows", func(d Data) Data {
			for _, row := range d.Rows[15:] {
				row[2] = math.NaN()
			}
			return d
		}, wide, ErrTooFewRows, "15 of 60 rows have an answer to every indicator, 20 are needed"},
		{"no rows", func(d Data) Data { d.Rows = nil; return d }, wide, ErrTooFewRows, "0 of 0 rows"},
		{"constant", column(3, 3, 0), wide, ErrConstant, "B1 is 0 in all 60 complete rows"},
		{"not converged", column(0, 0, 1), Settings{MaxIterations: 2, Least: -9, Most: 9}, ErrNotConverged, "within 2 iterations to a tolerance of 1e-12"},
		{"singular", func(d Data) Data { return column(0, 2, 1)(column(1, 3, 1)(d)) }, wide, ErrSingular, "the regression of C"},
		{"cancelling", column(2, 3, -1), wide, ErrSingular, "the indicators of B cancel each other out"},
		{"outside the scale", func(d Data) Data { d.Rows[4][5] = 11; return d }, Settings{Least: -10, Most: 10}, nil, "row 4 has 11 for C1, outside the scale from -10 to 10"},
		{"infinite", func(d Data) Data { d.Rows[4][5] = math.Inf(1); return d }, wide, nil, "row 4 has +Inf for C1"},
		{"a short row", func(d Data) Data { d.Rows[4] = d.Rows[4][:5]; return d }, wide, nil, "row 4 has 5 values for 6 columns"},
		{"no column", func(d Data) Data { d.Columns[5] = "C9"; return d }, wide, nil, `there is no column "C1", which is an indicator of C`},
		{"unknown scheme", column(0, 0, 1), Settings{Scheme: 7}, nil, "unknown scheme 7"},
		{"negative tolerance", column(0, 0, 1), Settings{Tolerance: -1}, nil, "tolerance -1 is not above 0"},
		{"negative iterations", column(0, 0, 1), Settings{MaxIterations: -1}, nil, "-1 iterations"},
		{"empty scale", column(0, 0, 1), Settings{Least: 3, Most: 3}, nil, "the scale from 3 to 3 is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Fit(triangle(2), c.change(triangleData(60, 2, .8, 9)), c.s)
			if r != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("want %s\ngot  %v, %v", c.want, r, err)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
		})
	}
}

func TestAnInvalidModelIsToldByName(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Model)
		want   string
	}{
		{"no latent", func(m *Model) { *m = Model{} }, "there is no latent variable"},
		{"latent twice", func(m *Model) { m.Latents[1].ID = "A" }, `latent variable "A" is there twice`},
		{"no indicator", func(m *Model) { m.Latents[1].Indicators = nil }, `latent variable "B" has no indicator`},
		{"indicator twice", func(m *Model) { m.Latents[1].Indicators[0] = "A1" }, `indicator "A1" is there twice`},
		{"unknown end", func(m *Model) { m.Paths[1].To = "D" }, `the path from "A" to "D" has an end that is no latent variable`},
		{"path twice", func(m *Model) { m.Paths[1].To = "B" }, `the path from "A" to "B" is there twice`},
		{"no path", func(m *Model) { m.Paths = m.Paths[:1] }, `latent variable "C" has no path`},
		{"cycle", func(m *Model) { m.Paths[1] = Path{"C", "A"} }, `latent variable "A" is in a cycle`},
		{"path to itself", func(m *Model) { m.Paths[2] = Path{"C", "C"} }, `latent variable "C" is in a cycle`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := triangle(2)
			c.change(&m)
			if _, err := Fit(m, triangleData(60, 2, .8, 9), wide); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %s\ngot  %v", c.want, err)
			}
		})
	}
}

func TestRowsWithAMissingIndicatorAreLeftOutAndCounted(t *testing.T) {
	data := triangleData(60, 2, .8, 9)
	data.Columns = append(data.Columns, "diagnostic")
	for i, row := range data.Rows {
		data.Rows[i] = append(row, math.NaN()) // no indicator: no reason to leave a row out
	}
	without := Data{Columns: data.Columns, Rows: slices.Concat(data.Rows[1:7], data.Rows[8:])}
	want := mustFit(t, triangle(2), without, wide)
	data.Rows[0][0], data.Rows[7][4] = math.NaN(), math.NaN()
	got := mustFit(t, triangle(2), data, wide)
	if got.Rows != 58 || got.Missing != 2 || want.Missing != 0 {
		t.Errorf("%d rows used, %d left out", got.Rows, got.Missing)
	}
	if got.Used[0] != 1 || got.Used[6] != 8 || len(got.Used) != 58 {
		t.Errorf("rows used: %v", got.Used)
	}
	for i, p := range want.Paths {
		near(t, p.From+" -> "+p.To, got.Paths[i].Coefficient, p.Coefficient, 0)
	}
}
