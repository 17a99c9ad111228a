package detect

import (
	"math"
	"time"
)

const hoursOfWeek = 168

// Usual is the usual course of one scope: a mean grade for each hour of the week with its uncertainty, the distribution of the
// grades around it, and how much the level varies from hour to hour.
type Usual struct {
	Track        *Track
	N            float64 // responses from which it was learnt
	hours        [hoursOfWeek]float64
	unsure       [hoursOfWeek]float64 // variance of the hour's effect
	distribution distribution
	spread       float64 // variance of a grade
	wander       float64 // variance of the level from hour to hour
}

// fewHours is how many hours of the week need data before the variance of their differences is learnt; until then it is
// hourPrior.
const (
	fewHours  = 48
	hourPrior = 0.04
)

// Learn learns the usual of the scopes of one kind from the hours of the four weeks before a time. A scope's effects of the
// hour of the week are shrunk to those of the kind, and these to 0, by how much of their scatter is chance (empirical Bayes).
func Learn(tracks []*Track, before time.Time) []*Usual {
	to := slot(before, Coarse)
	from := to - int64(Baseline/Coarse)
	list := make([]*Usual, len(tracks))
	sums := make([]weekSums, len(tracks))
	all := Grades{}
	for i, t := range tracks {
		sums[i] = t.week(from, to)
		all.Add(&sums[i].grades)
	}
	common := distributionOf(&all, ptr(even()), 7)
	_, spread := common.moments()
	kind := kindHours(sums, spread)
	own := ownScatter(sums, &kind, spread)
	for i, t := range tracks {
		s := &sums[i]
		u := &Usual{Track: t, N: s.n, distribution: distributionOf(&s.grades, &common, 20)}
		mean, variance := u.distribution.moments()
		u.spread = variance
		for h := range hoursOfWeek {
			w := 0.0
			if own > 0 && s.by[h].n > 0 {
				w = own / (own + variance/s.by[h].n)
			}
			residual := 0.0
			if s.by[h].n > 0 {
				residual = s.by[h].sum/s.by[h].n - s.mean - kind.mean[h]
			}
			u.hours[h] = mean + kind.mean[h] + w*residual
			u.unsure[h] = kind.variance[h] + own*(1-w)
		}
		list[i] = u
	}
	wander := wandering(list, from, to)
	for _, u := range list {
		u.wander = wander
	}
	return list
}

func ptr[T any](v T) *T { return &v }

type hourSum struct{ n, sum float64 }

// weekSums are a scope's grades by hour of the week.
type weekSums struct {
	grades Grades
	n      float64
	mean   float64
	by     [hoursOfWeek]hourSum
}

func (t *Track) week(from, to int64) (s weekSums) {
	for h := max(from, t.from); h < to; h++ {
		g := t.coarse.get(h)
		if g == nil || t.odd[h] {
			continue
		}
		s.grades.Add(g)
		b := &s.by[h%hoursOfWeek]
		b.n += g.N()
		b.sum += g.Sum()
	}
	s.n = s.grades.N()
	s.mean = s.grades.Sum() / max(s.n, 1)
	return s
}

// kindWeek has the effects of the hours of the week over all scopes of a kind.
type kindWeek struct{ mean, variance [hoursOfWeek]float64 }

func kindHours(sums []weekSums, spread float64) (k kindWeek) {
	var n, residual [hoursOfWeek]float64
	seen := 0
	for i := range sums {
		for h, b := range sums[i].by {
			n[h] += b.n
			residual[h] += b.sum - b.n*sums[i].mean
		}
	}
	excess, weight := 0.0, 0.0
	for h := range n {
		if n[h] > 0 {
			seen++
			r := residual[h] / n[h]
			excess += n[h]*r*r - spread
			weight += n[h]
		}
	}
	scatter := hourPrior
	if seen >= fewHours && weight > 0 {
		scatter = max(excess/weight, 0)
	}
	for h := range n {
		if scatter == 0 {
			continue
		}
		share := 0.0
		if n[h] > 0 {
			share = scatter / (scatter + spread/n[h])
			k.mean[h] = share * residual[h] / n[h]
		}
		k.variance[h] = scatter * (1 - share)
	}
	return k
}

// ownScatter is the variance of scopes' hours of the week around the kind's, beyond chance.
func ownScatter(sums []weekSums, kind *kindWeek, spread float64) float64 {
	excess, weight := 0.0, 0.0
	for i := range sums {
		for h, b := range sums[i].by {
			if b.n == 0 {
				continue
			}
			r := b.sum/b.n - sums[i].mean - kind.mean[h]
			if r*r*b.n > 16*spread {
				continue // an incident, not the usual
			}
			excess += b.n*r*r - spread
			weight += b.n
		}
	}
	if weight == 0 {
		return 0
	}
	return max(excess/weight, 0)
}

// wandering is the variance of the level from hour to hour, beyond chance and the hours of the week.
func wandering(list []*Usual, from, to int64) float64 {
	excess, weight := 0.0, 0.0
	for _, u := range list {
		for h := max(from, u.Track.from); h < to; h++ {
			g := u.Track.coarse.get(h)
			if g == nil || u.Track.odd[h] {
				continue
			}
			n := g.N()
			if n < 4 {
				continue
			}
			r := g.Sum()/n - u.hours[h%hoursOfWeek]
			if r*r*n > 16*u.spread {
				continue
			}
			excess += n*r*r - u.spread
			weight += n
		}
	}
	if weight == 0 {
		return 0
	}
	return max(excess/weight, 0)
}

// At is the usual mean grade at a time.
func (u *Usual) At(t time.Time) float64 { return u.hours[slot(t, Coarse)%hoursOfWeek] }

// stretch has the sums of a stretch of fine cells, observed and expected.
type stretch struct {
	Grades
	n, sum   float64
	expected float64 // Σ of n · usual
	hours    []hourPart
}

type hourPart struct {
	hour int64
	n    float64
}

// take adds the fine cell s; cells are added backwards in time.
func (u *Usual) take(w *stretch, s int64) {
	g := u.Track.fine.get(s)
	if g == nil {
		return
	}
	n := g.N()
	if n == 0 {
		return
	}
	w.Add(g)
	w.n += n
	w.sum += g.Sum()
	hour := s * int64(Fine) / int64(Coarse)
	w.expected += n * u.hours[hour%hoursOfWeek]
	if last := len(w.hours) - 1; last >= 0 && w.hours[last].hour == hour {
		w.hours[last].n += n
	} else {
		w.hours = append(w.hours, hourPart{hour, n})
	}
}

// beyond is the variance of a stretch's mean less its expectation, on top of that of single grades: the level varies, and the usual is an estimate.
func (u *Usual) beyond(w *stretch) float64 {
	v := u.spread / max(u.N, 1)
	for _, p := range w.hours {
		share := p.n / w.n
		v += share*share*u.wander + share*share*u.unsure[p.hour%hoursOfWeek]
	}
	return v
}

// plainly is the number of standard errors up to which an exact tail is not needed.
const plainly = 2

// test returns how far a stretch lies below the usual.
func (u *Usual) test(w *stretch) (drop, squareError, z float64) {
	expected := w.expected / w.n
	drop = expected - w.sum/w.n
	sampling, more := u.spread/w.n, u.beyond(w)
	squareError = sampling + more
	if z = drop / math.Sqrt(squareError); z < plainly {
		return drop, squareError, z
	}
	p := u.distribution.tilted(expected)
	z = -p.lowTail(w.n, w.sum) * math.Sqrt(sampling/squareError)
	return drop, squareError, z
}
