package improvement

import (
	"fmt"
	"math"
	"slices"
)

// panel has a value of each scope for each day: the days on which the treated scope has one. The treated scope is the first row.
type panel struct {
	days   []int
	before int // days before the change
	rows   [][]float64
}

// leastKnown is the share of the days, on either side of the change, on which an untreated scope needs a value to be compared with.
const leastKnown = 2. / 3

// balanced makes the panel. Days that an untreated scope lacks get what its level and the day let expect (two-way additive means).
func balanced(treated map[int]Day, controls []map[int]Day, change int) (*panel, error) {
	p := &panel{}
	for day, v := range treated {
		if v.N > 0 && slices.ContainsFunc(controls, func(c map[int]Day) bool { return c[day].N > 0 }) {
			p.days = append(p.days, day)
		}
	}
	slices.Sort(p.days)
	p.before, _ = slices.BinarySearch(p.days, change)
	after := len(p.days) - p.before
	if p.before < leastDays || after < leastDays {
		return nil, fmt.Errorf("%w: %d days before the change and %d after it have values both of the scope and of untreated ones; each side needs %d", ErrTooLittle, p.before, after, leastDays)
	}
	for i, scope := range append([]map[int]Day{treated}, controls...) {
		row, known := make([]float64, len(p.days)), [2]float64{}
		for t, day := range p.days {
			row[t] = math.NaN()
			if v := scope[day]; v.N > 0 {
				row[t] = v.Value
				known[p.side(t)]++
			}
		}
		if i == 0 || known[0] >= leastKnown*float64(p.before) && known[1] >= leastKnown*float64(after) {
			p.rows = append(p.rows, row)
		}
	}
	p.fill()
	return p, nil
}

func (p *panel) side(t int) int {
	if t >= p.before {
		return 1
	}
	return 0
}

// fill sets what is missing.
func (p *panel) fill() {
	ofDay := make([]float64, len(p.days))
	for t := range p.days {
		sum, n := 0.0, 0.0
		for _, row := range p.rows {
			if !math.IsNaN(row[t]) {
				sum, n = sum+row[t], n+1
			}
		}
		ofDay[t] = sum / n
	}
	for _, row := range p.rows {
		sum, n := 0.0, 0.0
		for t, v := range row {
			if !math.IsNaN(v) {
				sum, n = sum+v-ofDay[t], n+1
			}
		}
		for t, v := range row {
			if math.IsNaN(v) {
				row[t] = ofDay[t] + sum/n
			}
		}
	}
}

// as returns the panel with untreated scope i in the place of the treated one, of a placebo: with the treated scope among those that it is
// compared with, or without.
func (p *panel) as(i int, with bool) *panel {
	rows := [][]float64{p.rows[i]}
	for j := range p.rows {
		if j != i && (j > 0 || with) {
			rows = append(rows, p.rows[j])
		}
	}
	return &panel{days: p.days, before: p.before, rows: rows}
}

// gaps are by how much the treated scope differs from the mean of the others, by day.
func (p *panel) gaps() []float64 {
	gaps := make([]float64, len(p.days))
	for t := range gaps {
		sum := 0.0
		for _, row := range p.rows[1:] {
			sum += row[t]
		}
		gaps[t] = p.rows[0][t] - sum/float64(len(p.rows)-1)
	}
	return gaps
}
