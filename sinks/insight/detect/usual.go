package detect

import (
	"math"
	"time"
)

const hoursOfWeek = 168

// Usual is the usual course of one scope: a mean grade for each local hour of the week with its uncertainty, the distribution of the
// grades around it, how the level varies, and where it is.
type Usual struct {
	Track        *Track
	N            float64 // responses from which it was learnt
	calendar     *Calendar
	hours        [hoursOfWeek]float64
	unsure       [hoursOfWeek]float64 // variance of the hour's effect
	distribution distribution
	spread       float64 // variance of a grade
	level        *level
	scale        float64 // how much more the scope varies than its kind, 1 or more
	chain        *chain
	known        filter // the level as of the last hour before the longest window, or of the reference time
	knownTo      int64
}

// fewHours is how many hours of the week need data before the variance of their differences is learnt; until then it is
// hourPrior.
const (
	fewHours  = 48
	hourPrior = 0.04
)

// Learner learns what is usual for the scopes of one kind. Its zero value with a calendar is ready. One goroutine uses it.
type Learner struct {
	Calendar *Calendar
	level    *level
	follows  float64 // see chain
	limit    float64
	fitted   int64                     // when the level was estimated, hours
	fallen   map[*Track]map[int64]bool // hours of falls in the past
}

// again is how often the components of a level are estimated anew, in hours.
const again = 24

// Learn learns the usual of the scopes from the hours of the four weeks before a time. A scope's effects of the hour of the week are
// shrunk to those of the kind, and these to 0, by how much of their scatter is chance (empirical Bayes). all is what is usual for the
// scope of all, for kinds whose scopes are parts of it; else nil.
func (l *Learner) Learn(tracks []*Track, all *Usual, before time.Time) []*Usual {
	to := slot(before, Coarse)
	if day := to - to%again; l.level == nil || l.fitted != day {
		l.fit(tracks, all, day)
	}
	k := l.of(tracks, to)
	list := k.trimmed(all)
	for _, u := range list {
		u.settle(k.from, to)
	}
	return list
}

// of gathers the four weeks of a kind before an hour.
func (l *Learner) of(tracks []*Track, to int64) *kind {
	k := &kind{Learner: l, from: to - int64(Baseline/Coarse), to: to}
	for _, t := range tracks {
		k.add(t)
	}
	return k
}

// fit estimates how levels vary, and how scopes follow the chain, as of the begin of a day: whoever asks on that day gets the same.
func (l *Learner) fit(tracks []*Track, all *Usual, day int64) {
	l.level, l.follows, l.limit, l.fitted, l.fallen = plain(), 0, 0, day, nil
	k := l.of(tracks, day)
	k.alike = true // what differs between scopes is known only beyond the variance of levels
	k.usual(nil)
	for range 3 {
		l.level = fitLevel(k.residuals(), k.spread)
		k.alike = false
		k.trimmed(nil)
	}
	if all != nil {
		l.follows, l.limit = k.follow(all)
		k.usual(all)
		l.level = fitLevel(k.residuals(), k.spread)
	}
	for range fallenRounds {
		l.fallen = k.fallen()
		k = l.of(tracks, day)
		k.trimmed(all)
		l.level = fitLevel(k.residuals(), k.spread)
	}
}

// trimmed learns what is usual twice, the second time without the hours that lie far from the first.
func (k *kind) trimmed(all *Usual) []*Usual {
	k.usual(all)
	k.trim()
	return k.usual(all)
}

func ptr[T any](v T) *T { return &v }

// settle follows the level up to the window of the longest look.
func (u *Usual) settle(from, to int64) {
	const week = 7 * 24
	u.knownTo = max(to-int64(settled), from)
	begin := max(u.knownTo-week, from, u.Track.from)
	f := newFilter(u.level, u.spread*u.level.design/max(u.N, 1)+u.level.ofMean(), u.scale)
	squares, n := settledPrior, settledPrior
	for h := begin; h < u.knownTo; h++ {
		g := u.Track.coarse.get(h)
		if g == nil || u.Track.odd[h] || g.N() == 0 {
			continue
		}
		at := u.calendar.at(h)
		f.to(h, at)
		innovation, variance, _ := u.observe(&f, at, 1, g.N(), g.Sum(), u.chain.moved(u, h, h, 0))
		squares += min(innovation*innovation/variance, settledMost*settledMost)
		n++
		f.take(clipped(innovation, variance, settledMost), variance)
	}
	u.scale = max(1, squares/n)
	f.scale = u.scale
	for i := range f.n {
		for j := range f.n {
			f.variance[i][j] *= u.scale
		}
	}
	u.known = f
}

// settled is how many hours before a time the level is known from: the longest window and the hours that are left out of the usual.
const (
	settled      = 50
	settledPrior = 50.0
	settledMost  = 3
)

// patternVariance is that of what changes within an hour, which the usual of the hour and its moods cannot tell: as of 0.05 grades. It matters
// where so many answer that a quarter of an hour alone would be a certain fall.
const patternVariance = 0.0025

// observe returns how far the mean of some responses of a part of an hour (0 to 1), to which the filter has moved, lies from what it expects, with the
// variance of that; and what was usual, of which the chain moved a part.
func (u *Usual) observe(f *filter, at localHour, part, n, sum, moved float64) (innovation, variance, usual float64) {
	usual = u.hours[at.week] + moved
	level, variance := f.expects(u.scale*u.level.design*u.spread/n + u.unsure[at.week] + patternVariance*(1-part))
	return sum/n - usual - level, variance, usual
}

// At is the usual mean grade at a time.
func (u *Usual) At(t time.Time) float64 { return u.hours[u.calendar.at(slot(t, Coarse)).week] }

// plainly is the number of standard errors up to which an exact tail is not needed.
const plainly = 2

// certain turns a number of standard errors below what is expected into one with the exact tail of grades, which are skewed. It matters
// as much as single grades, and not the level, make the error.
func (u *Usual) certain(n, sum, expected, z, squareError float64) float64 {
	if z < plainly {
		return z
	}
	sampling := u.spread / n
	normal := (expected - sum/n) / math.Sqrt(sampling)
	if normal < plainly {
		return z
	}
	p := u.distribution.tilted(expected)
	exact := -p.lowTail(n, sum)
	share := min(1, sampling/squareError)
	return z * (1 + share*(exact/normal-1))
}
