package detect

import (
	"math"
	"slices"
)

// kind has the hours of the scopes of one kind while their usual is learnt.
type kind struct {
	*Learner
	from, to     int64
	tracks       []*Track
	sums         []weekSums
	distribution distribution
	spread       float64 // variance of a grade
	week         kindWeek
	alike        bool    // no scope has hours of the week of its own
	own          float64 // variance of scopes' hours of the week around the kind's
	usuals       []*Usual
}

type hourSum struct {
	n, sum float64
	weeks  float64 // hours with responses
}

// weekSums are a scope's grades by hour of the week.
type weekSums struct {
	grades Grades
	n      float64
	mean   float64
	by     [hoursOfWeek]hourSum
}

func (k *kind) add(t *Track) {
	k.tracks, k.sums = append(k.tracks, t), append(k.sums, k.sum(t, func(int64, *Grades) bool { return true }))
}

// sum sums the hours of a track that count.
func (k *kind) sum(t *Track, counts func(h int64, g *Grades) bool) (s weekSums) {
	k.each(t, func(h int64, g *Grades) {
		if !counts(h, g) {
			return
		}
		s.grades.Add(g)
		b := &s.by[k.Calendar.at(h).week]
		b.n += g.N()
		b.sum += g.Sum()
		b.weeks++
	})
	s.n = s.grades.N()
	s.mean = s.grades.Sum() / max(s.n, 1)
	return s
}

// trim leaves out the hours that are incidents by the whole variance of their means: they lie far from the usual, and from the median of
// the same hour in other weeks too. What comes back every week is no incident.
func (k *kind) trim() {
	total := k.level.total()
	for i, t := range k.tracks {
		u := k.usuals[i]
		var odd [hoursOfWeek][]float64 // means of all hours of the week in which one is odd
		beyond := func(g *Grades, week int, r float64) bool {
			return r*r > trimmed*trimmed*(k.level.design*u.spread/g.N()+total+u.unsure[week])
		}
		k.each(t, func(h int64, g *Grades) {
			if week := k.Calendar.at(h).week; beyond(g, week, g.Sum()/g.N()-u.hours[week]) {
				odd[week] = make([]float64, 0, 5)
			}
		})
		k.each(t, func(h int64, g *Grades) {
			if week := k.Calendar.at(h).week; odd[week] != nil {
				odd[week] = append(odd[week], g.Sum()/g.N())
			}
		})
		for week := range odd {
			slices.Sort(odd[week])
		}
		k.sums[i] = k.sum(t, func(h int64, g *Grades) bool {
			week := k.Calendar.at(h).week
			means := odd[week]
			if len(means) < leastWeeks {
				return true
			}
			mean, median := g.Sum()/g.N(), means[len(means)/2]
			return !beyond(g, week, mean-u.hours[week]) || !beyond(g, week, mean-median)
		})
	}
}

// leastWeeks is how many hours of several weeks it takes to tell which of them is odd.
const leastWeeks = 3

// each calls f for the hours of a track that count.
func (k *kind) each(t *Track, f func(h int64, g *Grades)) {
	for h := max(k.from, t.from); h < k.to; h++ {
		if g := t.coarse.get(h); g != nil && !t.odd[h] && !k.Learner.fallen[t][h] && g.N() > 0 {
			f(h, g)
		}
	}
}

// chanceOf is the variance of the mean of an hour of the week.
func (k *kind) chanceOf(b *hourSum) float64 {
	return k.level.design*k.spread/b.n + k.level.total()/b.weeks
}

// usual makes the usual of each scope, with the level as it is known.
func (k *kind) usual(all *Usual) []*Usual {
	grades := Grades{}
	for i := range k.sums {
		grades.Add(&k.sums[i].grades)
	}
	k.distribution = distributionOf(&grades, ptr(even()), 7)
	_, k.spread = k.distribution.moments()
	k.week = k.kindHours()
	k.own = 0
	if !k.alike {
		k.own = k.ownScatter()
	}
	list := make([]*Usual, len(k.tracks))
	for i, t := range k.tracks {
		s := &k.sums[i]
		u := &Usual{Track: t, N: s.n, calendar: k.Calendar, level: k.level, scale: 1, distribution: distributionOf(&s.grades, &k.distribution, 20)}
		mean, variance := u.distribution.moments()
		u.spread = variance
		if all != nil && k.follows > 0 {
			u.chain = &chain{all: all, follows: k.follows, limit: k.limit}
		}
		for h := range hoursOfWeek {
			own, unsure := k.hourOf(&s.by[h], s.mean+k.week.mean[h])
			u.hours[h] = mean + k.week.mean[h] + own
			u.unsure[h] = k.week.variance[h] + unsure
		}
		list[i] = u
	}
	k.usuals = list
	return list
}

// hourOf is by how much a scope's hour of the week differs from what is expected, and the variance of the rest: shrunk, but by no more than a
// standard error, so that one hour that is always bad stays so (Efron, Morris 1972, "Limiting the risk of Bayes and empirical Bayes estimators").
func (k *kind) hourOf(b *hourSum, expected float64) (own, unsure float64) {
	if b.n == 0 || k.own == 0 && b.weeks < leastWeeks {
		return 0, k.own
	}
	raw, chance := b.sum/b.n-expected, k.chanceOf(b)
	w := k.own / (k.own + chance)
	if limit := limited * math.Sqrt(chance); b.weeks >= leastWeeks && math.Abs(raw)*(1-w) > limit {
		return raw - math.Copysign(limit, raw), chance
	}
	return w * raw, k.own * (1 - w)
}

// limited is in standard errors, and wide enough that of the hours of many scopes few are that far off by chance.
const limited = 3.5

// residuals are those of each scope, without what the chain did.
func (k *kind) residuals() [][]residual {
	list := make([][]residual, len(k.tracks))
	for i, t := range k.tracks {
		u := k.usuals[i]
		k.each(t, func(h int64, g *Grades) {
			n := g.N()
			if n < leastInHour {
				return
			}
			at := k.Calendar.at(h)
			b := &k.sums[i].by[at.week]
			kept := 1.0
			if k.own > 0 {
				w := k.own / (k.own + k.chanceOf(b))
				kept = 1 - w*(2-w)/b.weeks
			}
			list[i] = append(list[i], residual{h, at, n, g.Sum()/n - u.hours[at.week] - u.chain.moved(u, h, h, 0), max(kept, .2)})
		})
	}
	return list
}

// kindWeek has the effects of the hours of the week over all scopes of a kind.
type kindWeek struct{ mean, variance [hoursOfWeek]float64 }

func (k *kind) kindHours() (w kindWeek) {
	var n, residual, chance [hoursOfWeek]float64
	seen := 0
	for i := range k.sums {
		for h := range k.sums[i].by {
			b := &k.sums[i].by[h]
			if b.n == 0 {
				continue
			}
			n[h] += b.n
			residual[h] += b.sum - b.n*k.sums[i].mean
			chance[h] += b.n * b.n * k.chanceOf(b)
		}
	}
	excess, weight := 0.0, 0.0
	for h := range n {
		if n[h] > 0 {
			seen++
			r := residual[h] / n[h]
			chance[h] /= n[h] * n[h]
			excess += (r*r - chance[h]) / (chance[h] + hourPrior)
			weight += 1 / (chance[h] + hourPrior)
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
			share = scatter / (scatter + chance[h])
			w.mean[h] = share * residual[h] / n[h]
		}
		w.variance[h] = scatter * (1 - share)
	}
	return w
}

// ownScatter is the variance of scopes' hours of the week around the kind's, beyond chance.
func (k *kind) ownScatter() float64 {
	excess, weight := 0.0, 0.0
	for i := range k.sums {
		for h := range k.sums[i].by {
			b := &k.sums[i].by[h]
			if b.n == 0 {
				continue
			}
			r := b.sum/b.n - k.sums[i].mean - k.week.mean[h]
			chance := k.chanceOf(b)
			if r*r > 16*chance {
				continue // an incident, not the usual
			}
			w := 1 / ((chance + hourPrior) * (chance + hourPrior))
			excess += w * (r*r - chance)
			weight += w
		}
	}
	if weight == 0 {
		return 0
	}
	return max(excess/weight, 0)
}
