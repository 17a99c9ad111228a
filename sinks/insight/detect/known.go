package detect

import (
	"math"
	"time"
)

// Moods are how the level of a scope varies, as standard deviations in grades with the correlation of one hour, or day, and the next. A
// shift has four hours, the first from midnight on.
type Moods struct{ HourSD, HourRho, DaySD, DayRho, ShiftSD float64 }

// Known is the truth about a scope, for a test that no other can beat: it bounds what can be found.
type Known struct {
	Calendar *Calendar
	Track    *Track
	Level    Moods
	// Usual is the true mean grade of the hour that begins at a time, but for a constant and an hour of the day's own, which are
	// learnt from all of the past; nil if it is the same at all times.
	Usual func(at time.Time) float64
	usual *Usual
	hours [24]struct{ n, sum float64 }
	upTo  int64
	all   Grades
}

// Settle takes the hours of the past before an hour.
func (k *Known) Settle(hour time.Time) {
	to := slot(hour, Coarse)
	if k.upTo == 0 {
		k.upTo = to - coarseKept + 1
	}
	for ; k.upTo < to; k.upTo++ {
		if g := k.Track.coarse.get(k.upTo); g != nil && g.N() > 0 && !k.Track.odd[k.upTo] {
			h := &k.hours[k.Calendar.at(k.upTo).week%24]
			h.n += g.N()
			h.sum += g.Sum() - g.N()*k.known(k.upTo)
			k.all.Add(g)
		}
	}
	p := distributionOf(&k.all, ptr(even()), 7)
	_, spread := p.moments()
	l := &level{design: 1}
	for _, c := range []component{
		{rho: k.Level.HourRho, variance: k.Level.HourSD * k.Level.HourSD}, {shift: 4, variance: k.Level.ShiftSD * k.Level.ShiftSD},
		{daily: true, rho: k.Level.DayRho, variance: k.Level.DaySD * k.Level.DaySD},
	} {
		if c.variance > 0 {
			l.components = append(l.components, c)
		}
	}
	u := &Usual{Track: k.Track, N: k.all.N(), calendar: k.Calendar, level: l, distribution: p, spread: spread, scale: 1}
	for h := to - hoursOfWeek + 3; h < to+3; h++ {
		week := k.Calendar.at(h).week
		if of := k.hours[week%24]; of.n > 0 {
			u.hours[week] = of.sum/of.n + k.known(h)
		}
	}
	u.settle(to-hoursOfWeek+3, to)
	u.scale = 1
	k.usual = u
}

func (k *Known) known(h int64) float64 {
	if k.Usual == nil {
		return 0
	}
	return k.Usual(time.Unix(h*int64(Coarse/time.Second), 0).UTC())
}

// LikelihoodRatio is the logarithm of the largest ratio of the likelihood of a fall by size grades that began at most length before now, to that of none.
func (k *Known) LikelihoodRatio(now time.Time, size float64, length time.Duration) float64 {
	end := slot(now, Fine)
	var begins []int64
	for back := int64(3); back <= cellsOf(length); back += 3 {
		begins = append(begins, end-back)
	}
	best := math.Inf(-1)
	for _, w := range k.usual.at(begins, end).windows {
		best = max(best, -size*w.shift.score-size*size/2*w.shift.information)
	}
	return best
}
