// Package improvement keeps the improvements of a company - planned, changed, checked, decided - and estimates their effect
// (schemas/DOMAIN.md, section 8).
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

// Day is a measure of a scope on a day, with its number of responses or complaints.
type Day struct{ Value, N float64 }

// Effect is the effect of a change on a measure.
type Effect struct {
	// Difference in differences: (after - before) of the scope - (after - before) of the untreated scopes, with its 95 %
	// interval and standard error.
	Effect, Low, High, Error    float64
	Before, After               float64 // of the scope, equal weight for each day
	ControlBefore, ControlAfter float64
	DaysBefore, DaysAfter       int // with a value of the scope and of untreated ones
	Controls                    int // untreated scopes
	// Placebo is the share of all scopes, including this one, that would show an effect at least as far from 0 if the
	// change had been theirs: a check that does not assume normal errors (Abadie, Diamond, Hainmueller 2010). 1 without
	// untreated scopes.
	Placebo float64
}

// ErrTooLittle is returned when there are too few days or scopes to compare.
var ErrTooLittle = errors.New("too little to compare")

const leastDays = 3 // on either side

// Estimate compares a scope before and after a change with scopes in which nothing changed. For each day it takes the
// scope's value less the mean of the others (weighted by their numbers); the effect is the mean of these differences
// after the change less that before, with Welch's t interval. Days are taken as independent; if they are correlated
// the interval is too narrow (Bertrand, Duflo, Mullainathan 2004, "How much should we trust
// differences-in-differences estimates?"), the placebo share is not. Days are numbers that rise with time; change is
// the first day after the change.
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
			continue // too few days
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
		return nil, fmt.Errorf("%w: %d days before the change and %d after it have values both of the scope and of untreated ones; each side needs %d", ErrTooLittle, e.DaysBefore, e.DaysAfter, leastDays)
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
