package detect

import (
	"math"
	"slices"
)

// residual is by how much the mean grade of an hour differs from the usual.
type residual struct {
	slot int64
	at   localHour
	n    float64
	mean float64
	// kept is the part of a variance that is left in the residual: the rest went into the usual of the hour.
	kept float64
}

// Moments are taken up to this many hours apart, and from at most this many scopes.
const (
	lags        = 24 * 8
	apart       = 9 // local days
	mostLearnt  = 60
	leastInHour = 4
)

// trimmed is beyond how many standard deviations an hour is taken for an incident, and keptSquare the variance that is left of a normal
// distribution within them.
const trimmed = 2.75

var keptSquare = func() float64 {
	density := math.Exp(-trimmed*trimmed/2) / math.Sqrt(2*math.Pi)
	return 1 - 2*trimmed*density/math.Erf(trimmed/math.Sqrt2)
}()

// moment is the mean product of two residuals of a scope that are so many hours and days apart.
type moment struct{ sum, n float64 }

// moments of a kind: of hours of one day; of hours of several days, by lag and days apart; and of an hour with itself, by the number of its
// responses.
type moments struct {
	day   [24][24]moment
	apart [lags][apart]moment
	self  [24]selfMoment
}

type selfMoment struct{ square, inverse, n float64 }

// fitLevel estimates the components of a kind's level from residuals by scope, by matching moments: the covariances of hours that are
// given lags and days apart are made as equal as they can be to those of a sum of candidates with variances of 0 or more (non-negative
// least squares). Hours that lie beyond the whole variance are left out, and what that takes from the variance is put back.
func fitLevel(list [][]residual, spread float64) *level {
	list = sampled(list)
	l := plain()
	total := startVariance(list, spread)
	for range 4 {
		l = momentsOf(list, l, spread, total).fit(spread)
		total = l.total()
	}
	l.assume(list)
	return l
}

// Of few scopes little is known: not how a pay-day or the weather moves all. Until enough is, days vary by this much more; it is worth so many
// weeks of a scope.
const (
	assumedVariance = 0.0025
	assumedRho      = 0.5
	assumedWeeks    = 4
)

func (l *level) assume(list [][]residual) {
	days := 0.0
	for _, of := range list {
		if len(of) > 0 {
			days += float64(of[len(of)-1].at.day - of[0].at.day + 1)
		}
	}
	more := assumedVariance * assumedWeeks / (assumedWeeks + days/7)
	for i := range l.components {
		if c := &l.components[i]; c.daily && c.rho == assumedRho {
			c.variance += more
			return
		}
	}
	l.components = append(l.components, component{daily: true, rho: assumedRho, variance: more})
}

// sampled are some of the scopes, those with most hours.
func sampled(list [][]residual) [][]residual {
	if len(list) <= mostLearnt {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b []residual) int { return len(b) - len(a) })
	return list[:mostLearnt]
}

// startVariance is the variance of levels by the median of squares.
func startVariance(list [][]residual, spread float64) float64 {
	const medianOfChiSquare = 0.4549364
	low, high := 0.0, 1.0
	for range 20 {
		v := (low + high) / 2
		all, above := 0, 0 // above what the median of squares would be
		for _, of := range list {
			for i := range of {
				r := &of[i]
				if all++; r.mean*r.mean > medianOfChiSquare*(r.kept*(spread/r.n+v)) {
					above++
				}
			}
		}
		if all == 0 {
			return 0
		}
		if all-above <= all/2 {
			low = v
		} else {
			high = v
		}
	}
	return high
}

// ofMean is the variance of a scope's mean of four weeks, which has moods too. It is missing in moments, as residuals are distances from that mean.
func (l *level) ofMean() (v float64) {
	const days = 28
	for d := range int64(days) {
		w := 2 * (1 - float64(d)/days) / days
		if d == 0 {
			w = 1. / days
		}
		for _, c := range l.components {
			if c.daily {
				v += w * c.variance * power(c.rho, d)
			} else if d == 0 {
				v += w * c.variance * min(1, max(float64(c.shift), (1+c.rho)/(1-c.rho))/12)
			}
		}
	}
	return v
}

// standing is a residual with what every pair that it is in needs of it.
type standing struct {
	slot, day int64
	hour      int     // of the day
	scaled    float64 // the residual as if nothing of it had gone into the usual
	weight    float64 // pairs of hours with few responses tell less
}

func momentsOf(list [][]residual, l *level, spread, total float64) *moments {
	m, lost := &moments{}, l.ofMean()
	var kept []standing
	for _, of := range list {
		kept = kept[:0]
		for i := range of {
			r := &of[i]
			if r.mean*r.mean <= trimmed*trimmed*r.kept*(l.design*spread/r.n+total) { // never so for NaN
				bin := &m.self[min(int(2*math.Log2(r.n)), len(m.self)-1)]
				bin.square += r.mean*r.mean/(r.kept*keptSquare) + lost
				bin.inverse += 1 / r.n
				bin.n++
				kept = append(kept, standing{slot: r.slot, day: r.at.day, hour: r.at.week % 24, scaled: r.mean / math.Sqrt(r.kept), weight: 1 / (spread/r.n + total)})
			}
		}
		for i := range kept {
			a := &kept[i]
			for j := i + 1; j < len(kept); j++ {
				b := &kept[j]
				lag, days := b.slot-a.slot, b.day-a.day
				if lag >= lags || days >= apart {
					break
				}
				p := &m.apart[lag][days]
				if days == 0 {
					p = &m.day[a.hour][b.hour]
				}
				w := a.weight * b.weight
				p.sum += w * (a.scaled*b.scaled + lost)
				p.n += w
			}
		}
	}
	return m
}

// fit matches the moments. The unknowns are the variances of the candidates and, last, what clusters of answers add to the variance of
// a grade.
func (m *moments) fit(spread float64) *level {
	k := len(candidates) + 1
	square, with := make([][]float64, k), make([]float64, k)
	for i := range square {
		square[i] = make([]float64, k)
	}
	row := make([]float64, k)
	var some []int // columns of a row that are not 0; of hours far apart, few
	add := func(y, weight float64) {
		some = some[:0]
		for i, r := range row {
			if r != 0 {
				some = append(some, i)
			}
		}
		for _, i := range some {
			w, into := weight*row[i], square[i]
			with[i] += w * y
			for _, j := range some {
				into[j] += w * row[j]
			}
		}
	}
	scale := 0.0 // of the weights of pairs, so that they count as numbers of pairs
	for a := range m.day {
		for b := range m.day[a] {
			scale = max(scale, m.day[a][b].n)
		}
	}
	most := 0.0
	for _, s := range m.self {
		most = max(most, s.n)
	}
	for lag := 1; lag < lags; lag++ {
		for days := 1; days < apart; days++ {
			p := &m.apart[lag][days]
			if p.n == 0 {
				continue
			}
			for i := range candidates {
				row[i] = candidates[i].correlation(localHour{}, localHour{day: int64(days)}, int64(lag))
			}
			row[k-1] = 0
			add(p.sum/p.n/keptSquare, p.n/scale)
		}
	}
	for a := range m.day {
		for b := range m.day[a] {
			p := &m.day[a][b]
			if p.n == 0 {
				continue
			}
			for i := range candidates {
				row[i] = candidates[i].correlation(localHour{week: a}, localHour{week: b}, int64(b-a))
			}
			row[k-1] = 0
			add(p.sum/p.n/keptSquare, p.n/scale)
		}
	}
	for _, s := range m.self {
		if s.n == 0 {
			continue
		}
		inverse := spread * s.inverse / s.n
		for i := range candidates {
			row[i] = 1
		}
		row[k-1] = inverse
		// The squares of hours with few responses scatter more.
		add(s.square/s.n-inverse, s.n/most*4/(1+inverse*inverse*1e3))
	}
	v := nonNegative(square, with)
	l := &level{design: 1 + v[k-1]}
	for i, c := range candidates {
		if c.variance = v[i]; c.variance > 1e-6 {
			l.components = append(l.components, c)
		}
	}
	slices.SortStableFunc(l.components, func(a, b component) int {
		switch {
		case a.variance > b.variance:
			return -1
		case a.variance < b.variance:
			return 1
		}
		return 0
	})
	if most := mostComponents - 1; len(l.components) > most { // one is left for assume
		for _, c := range l.components[most:] {
			l.components[0].variance += c.variance
		}
		l.components = l.components[:most]
	}
	return l
}

// nonNegative minimises x'Ax/2 - b'x over x >= 0 by coordinate descent, which converges as A is positive semidefinite (Franc, Hlaváč,
// Navara 2005, "Sequential coordinate-wise algorithm for the non-negative least squares problem").
func nonNegative(a [][]float64, b []float64) []float64 {
	x := make([]float64, len(b))
	for range 5000 {
		moved := 0.0
		for i := range x {
			if a[i][i] <= 0 {
				continue
			}
			slope := -b[i]
			for j := range x {
				slope += a[i][j] * x[j]
			}
			next := max(0, x[i]-slope/a[i][i])
			moved = max(moved, math.Abs(next-x[i]))
			x[i] = next
		}
		if moved < 1e-10 {
			break
		}
	}
	return x
}
