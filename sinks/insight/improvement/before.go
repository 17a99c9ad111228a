package improvement

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Trend is how the scope moved against the untreated ones before the change.
type Trend struct {
	Slope float64 // of its distance from their mean, per day
	// Placebo is the share of all scopes, including this one, whose own distance moves at least as much: small if the scopes did not
	// run in parallel before the change, and the effect may be what went on anyway.
	Placebo float64
}

// trend measures how parallel the scopes run before the change, with a test by permutation over the scopes, as days are correlated.
func (p *panel) trend() Trend {
	t := Trend{Slope: p.slope()}
	larger, all := 1, 1
	for i := 1; i < len(p.rows); i++ {
		all++
		if math.Abs(p.as(i, true).slope()) >= math.Abs(t.Slope) {
			larger++
		}
	}
	t.Placebo = float64(larger) / float64(all)
	return t
}

func (p *panel) slope() float64 {
	x := make([]float64, p.before)
	for t := range x {
		x[t] = float64(t)
	}
	_, slope := stat.LinearRegression(x, p.gaps()[:p.before], nil, false)
	return slope
}

// Extreme is where the scope stood among all before the change.
type Extreme struct {
	Share float64 // of the scopes, including this one, at least as far from the middle on its side
	// Regression is the change that untreated scopes which began where it did show on average, beyond the change of all: regression to
	// the mean (Galton 1886; Barnett, van der Pols, Dobson 2005). 0 with fewer than five untreated scopes.
	Regression float64
}

// FarOut reports whether the scope was among the outermost tenth on its side, as one that is chosen for being the worst is.
func (e Extreme) FarOut() bool { return e.Share <= .1 }

const leastForRegression = 5 // untreated scopes

func (p *panel) extreme() (e Extreme) {
	var before, after []float64
	for _, row := range p.rows {
		before = append(before, stat.Mean(row[:p.before], nil))
		after = append(after, stat.Mean(row[p.before:], nil))
	}
	low, high := 0.0, 0.0
	for _, b := range before {
		if b <= before[0] {
			low++
		}
		if b >= before[0] {
			high++
		}
	}
	e.Share = min(low, high) / float64(len(before))
	if len(p.rows) > leastForRegression && stat.Variance(before[1:], nil) > 0 {
		_, slope := stat.LinearRegression(before[1:], after[1:], nil, false)
		e.Regression = (slope - 1) * (before[0] - stat.Mean(before[1:], nil))
	}
	return e
}
