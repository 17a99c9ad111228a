// Package improvement keeps the improvements of a company and says what they brought (schemas/DOMAIN.md, section 8): what was
// planned, changed, checked and decided.
//
// Start at [Estimate], which knows no database, and at [Log].
package improvement

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Day is a measure of a scope on a day, and how many responses or complaints it is a measure of.
type Day struct{ Value, N float64 }

// Effect is what a change brought to a measure.
type Effect struct {
	// Difference in differences: (after - before) of the scope - (after - before) of the untreated scopes, with its 95 %
	// interval and standard error.
	Effect, Low, High, Error    float64
	Before, After               float64 // of the scope, days weighed alike
	ControlBefore, ControlAfter float64
	DaysBefore, DaysAfter       int // with a value of both
	Controls                    int // untreated scopes
	// Placebo is the share of all scopes, this one counted, whose effect would have been as far from 0 had the change been
	// theirs: a check that asks for no normal errors (Abadie, Diamond, Hainmueller 2010). 1 with no untreated scope.
	Placebo float64
}

// ErrTooLittle says that there are too few days or scopes to compare.
var ErrTooLittle = errors.New("too little to compare")

const leastDays = 3 // on either side

// Estimate compares a scope before and after a change with scopes in which nothing was changed: by day, the scope's
// value less the mean of the others (weighed by their numbers), and of those differences the mean after less the mean
// before, with Welch's t interval. Days are taken as independent; where they hang together the interval is too narrow
// (Bertrand, Duflo, Mullainathan 2004, "How much should we trust differences-in-differences estimates?"), which the
// placebo share does not suffer from. Days are numbers that rise with time; change is the first one after the change.
func Estimate(treated map[int]Day, controls []map[int]Day, change int) (*Effect, error) {
	e, err := difference(treated, controls, change)
	if err != nil {
		return nil, err
	}
	e.Controls = len(controls)
	larger, all := 1, 1
	for i := range controls {
		others := slices.Delete(slices.Clone(controls), i, i+1)
		p, err := difference(controls[i], others, change)
		if err != nil {
			continue // it has too few days of its own
		}
		all++
		if math.Abs(p.Effect) >= math.Abs(e.Effect) {
			larger++
		}
	}
	e.Placebo = float64(larger) / float64(all)
	return e, nil
}

func difference(treated map[int]Day, controls []map[int]Day, change int) (*Effect, error) {
	var gaps, own, other [2][]float64 // before, after
	for day, v := range treated {
		sum, n := 0.0, 0.0
		for _, c := range controls {
			if d, has := c[day]; has {
				sum, n = sum+d.Value*d.N, n+d.N
			}
		}
		if n == 0 || v.N == 0 {
			continue
		}
		side := 0
		if day >= change {
			side = 1
		}
		gaps[side] = append(gaps[side], v.Value-sum/n)
		own[side], other[side] = append(own[side], v.Value), append(other[side], sum/n)
	}
	e := &Effect{DaysBefore: len(gaps[0]), DaysAfter: len(gaps[1])}
	if e.DaysBefore < leastDays || e.DaysAfter < leastDays {
		return nil, fmt.Errorf("%w: %d days before the change and %d after it have values of the scope and of untreated ones, %d on either side are needed", ErrTooLittle, e.DaysBefore, e.DaysAfter, leastDays)
	}
	e.Before, e.After = stat.Mean(own[0], nil), stat.Mean(own[1], nil)
	e.ControlBefore, e.ControlAfter = stat.Mean(other[0], nil), stat.Mean(other[1], nil)
	m0, v0 := stat.MeanVariance(gaps[0], nil)
	m1, v1 := stat.MeanVariance(gaps[1], nil)
	a, b := v0/float64(e.DaysBefore), v1/float64(e.DaysAfter)
	e.Effect, e.Error = m1-m0, math.Sqrt(a+b)
	e.Low, e.High = e.Effect, e.Effect
	if e.Error > 0 {
		freedom := (a + b) * (a + b) / (a*a/float64(e.DaysBefore-1) + b*b/float64(e.DaysAfter-1))
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(0.975)
		e.Low, e.High = e.Effect-t*e.Error, e.Effect+t*e.Error
	}
	return e, nil
}
