package pls

import (
	"testing"

	"pgregory.net/rapid"
)

// drawProblem returns a small triangle with data, and a scheme.
func drawProblem(t *rapid.T) (Model, Data, Settings) {
	k := rapid.IntRange(1, 4).Draw(t, "indicators")
	n := rapid.IntRange(40, 120).Draw(t, "rows")
	seed := rapid.Uint64().Draw(t, "seed")
	s := wide
	s.Scheme = rapid.SampledFrom([]Scheme{PathScheme, Centroid, Factorial}).Draw(t, "scheme")
	s.Tolerance = 1e-24
	return triangle(k), triangleData(n, k, .8, seed), s
}

// same compares the results that do not depend on the units of the indicators.
func same(t *rapid.T, before, after *Result) {
	check := func(what string, a, b float64) {
		if d := a - b; !(d < 1e-8 && d > -1e-8) {
			t.Fatalf("%s was %v and is %v", what, a, b)
		}
	}
	for i, of := range before.Indicators {
		check("weight of "+of.ID, of.Weight, after.Indicators[i].Weight)
		check("loading of "+of.ID, of.Loading, after.Indicators[i].Loading)
	}
	for i, of := range before.Effects {
		check("direct effect", of.Direct, after.Effects[i].Direct)
		check("total effect", of.Total, after.Effects[i].Total)
	}
	for i, of := range before.Latents {
		check("R² of "+of.ID, of.R2, after.Latents[i].R2)
		check("AVE of "+of.ID, of.AVE, after.Latents[i].AVE)
		check("rho of "+of.ID, of.Rho, after.Latents[i].Rho)
	}
}

func rapidFit(t *rapid.T, m Model, data Data, s Settings) *Result {
	r, err := Fit(m, data, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheOrderOfRowsAndColumnsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, data, s := drawProblem(t)
		before := rapidFit(t, m, data, s)
		rows := rapid.Permutation(indicesTo(len(data.Rows))).Draw(t, "order of rows")
		columns := rapid.Permutation(indicesTo(len(data.Columns))).Draw(t, "order of columns")
		var moved Data
		for _, c := range columns {
			moved.Columns = append(moved.Columns, data.Columns[c])
		}
		for _, r := range rows {
			var row []float64
			for _, c := range columns {
				row = append(row, data.Rows[r][c])
			}
			moved.Rows = append(moved.Rows, row)
		}
		after := rapidFit(t, m, moved, s)
		same(t, before, after)
		for i, l := range before.Latents {
			if d := l.Index - after.Latents[i].Index; !(d < 1e-8 && d > -1e-8) {
				t.Fatalf("the index of %s was %v and is %v", l.ID, l.Index, after.Latents[i].Index)
			}
		}
	})
}

func indicesTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestTheUnitOfAnIndicatorDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, data, s := drawProblem(t)
		before := rapidFit(t, m, data, s)
		column := rapid.IntRange(0, len(data.Columns)-1).Draw(t, "column")
		factor := rapid.Float64Range(0.01, 100).Draw(t, "factor")
		shift := rapid.Float64Range(-1000, 1000).Draw(t, "shift")
		for _, row := range data.Rows {
			row[column] = factor*row[column] + shift
		}
		same(t, before, rapidFit(t, m, data, s))
	})
}

func TestAReversedIndicatorOfSeveralReversesItsWeightAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, data, s := triangle(4), triangleData(80, 4, .9, rapid.Uint64().Draw(t, "seed")), wide
		s.Tolerance = 1e-24
		before := rapidFit(t, m, data, s)
		column := rapid.IntRange(0, len(data.Columns)-1).Draw(t, "column")
		for _, row := range data.Rows {
			row[column] = -row[column]
		}
		after := rapidFit(t, m, data, s)
		after.Indicators[column].Weight *= -1
		after.Indicators[column].Loading *= -1
		for i := range after.Latents { // rho is of the block's common sense, which is broken now
			after.Latents[i].Rho = before.Latents[i].Rho
		}
		same(t, before, after)
	})
}
