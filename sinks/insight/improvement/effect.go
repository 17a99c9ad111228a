// Package improvement keeps the improvements of a company - planned, changed, checked, decided - and estimates their effect
// (schemas/DOMAIN.md, section 8).
//
// Start at [Estimate], which knows no database, and at [Log].
package improvement

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Day is a measure of a scope on a day, with its number of responses or complaints.
type Day struct{ Value, N float64 }

// Methods of an estimate.
const (
	// SyntheticDifference is the synthetic difference in differences, with the variance of placebos.
	SyntheticDifference = "synthetic difference in differences"
	// PlainDifference is the difference in differences with Welch's interval, of a scope that has one to compare with: it takes days as
	// independent, and is too narrow if they are not.
	PlainDifference = "difference in differences"
)

// Effect is the effect of a change on a measure, in the measure's unit.
type Effect struct {
	Method string
	// Placebo is the share of all scopes, including this one, that would show an effect at least as far from 0 if the
	// change had been theirs (Abadie, Diamond, Hainmueller 2010): it assumes neither normal nor independent errors, but that the scope is
	// one as the others. 1 without placebos; its least value is 1 / (Controls + 1).
	Placebo float64
	// Effect by Method, with its 95 % interval and standard error.
	Effect, Low, High, Error float64
	// Difference is the plain difference in differences: (After - Before) - (ControlAfter - ControlBefore).
	Difference                  float64
	Before, After               float64 // of the scope, equal weight for each day
	ControlBefore, ControlAfter float64
	DaysBefore, DaysAfter       int // with a value of the scope and of untreated ones
	Controls                    int // untreated scopes
	Trend                       Trend
	Extreme                     Extreme
	Gaps                        []float64 // by day with values: the scope less the mean of the untreated ones
}

// ErrTooLittle is returned when there are too few days or scopes to compare.
var ErrTooLittle = errors.New("too little to compare")

const leastDays = 3 // on either side

// Estimate compares a scope before and after a change with scopes in which nothing changed, by the synthetic difference in
// differences. Its variance is that of the same estimate for each untreated scope, as if the change had been its (Algorithm 4 of the
// paper). With 19 of them or more the interval has the effects that the placebo share does not
// contradict at 5 %; with fewer it is by Student's t for as many. It holds however days are correlated (Bertrand, Duflo, Mullainathan 2004, "How much should we
// trust differences-in-differences estimates?") and whatever trends scopes have of their own, as long as the scope was not chosen for
// its past ([Extreme]). Days are numbers that rise with time; change is the first day after the change.
func Estimate(treated map[int]Day, controls []map[int]Day, change int) (*Effect, error) {
	e, err := difference(treated, controls, change)
	if err != nil {
		return nil, err
	}
	p, err := balanced(treated, controls, change)
	if err != nil {
		return nil, err
	}
	e.Method, e.Placebo, e.Difference, e.Controls = PlainDifference, 1, e.Effect, len(controls)
	if len(p.rows) < 2 {
		return e, nil
	}
	e.Trend, e.Extreme, e.Gaps = p.trend(), p.extreme(), p.gaps()
	if len(p.rows) < 3 {
		return e, nil
	}
	e.Method, e.Controls = SyntheticDifference, len(p.rows)-1
	e.Effect, _ = p.synthetic()
	placebos, squares := make([]placebo, e.Controls), 0.0
	for i := range placebos {
		alone, _ := p.as(i+1, false).synthetic()
		squares += alone * alone
		// Only if each scope is compared with all others, the share is exact.
		with, weights := p.as(i+1, true).synthetic()
		placebos[i] = placebo{effect: with, treated: weights[0]}
	}
	n := float64(e.Controls)
	e.Error = math.Sqrt(squares / (n - 1))
	e.Placebo = share(e.Effect, placebos)
	if e.Controls >= leastForShare {
		e.Low, e.High = inverted(e.Effect, placebos)
		return e, nil
	}
	reach := e.Error * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	e.Low, e.High = e.Effect-reach, e.Effect+reach
	return e, nil
}

// difference is the plain difference in differences: for each day the scope's value less the mean of the others, weighted by their
// numbers; the mean of these after the change less that before, with Welch's t interval.
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
