package detect

import "time"

// Slow is a slow fall over days.
type Slow struct {
	From time.Time // begin of the first day of the fall
	Distance
}

// charted is in how many days a slow fall is looked for, and slowDays the lengths that are tried.
const charted = 14

var slowDays = []int64{2, 3, 5, 7, 10, 14}

// Drift looks for a fall that began two to 14 days ago and has lasted, against the four weeks before those days, from which u must have
// been learnt. What a single hour can add is bounded, so that one bad afternoon is no drift.
func (u *Usual) Drift(now time.Time) (s Slow, found bool) {
	const day = 24
	end := slot(now, Coarse)
	l := &look{u: u, filter: u.known}
	for _, days := range slowDays {
		l.windows = append(l.windows, window{from: end - days*day})
	}
	f := &l.filter
	for h := u.knownTo; h < end; h++ {
		g := u.Track.coarse.get(h)
		if g == nil || h < u.Track.from || g.N() == 0 {
			continue
		}
		at := u.calendar.at(h)
		passed := f.to(h, at)
		innovation, variance, usual := u.observe(f, at, 1, g.N(), g.Sum(), u.chain.moved(u, h, h, 0))
		innovation = clipped(innovation, variance, slowMost)
		for i := range l.windows {
			l.windows[i].shift.pass(f, &passed)
		}
		f.take(innovation, variance)
		for i := range l.windows {
			if w := &l.windows[i]; h >= w.from {
				w.take(f, innovation, variance, g.N(), g.Sum(), usual)
			}
		}
	}
	begin, d, found := l.lowest(u.N * charted / 2)
	return Slow{time.Unix(begin*3600, 0).UTC(), d}, found
}

// slowMost is by how many standard errors an hour can speak for a slow fall.
const slowMost = 2.5

// ReferenceEnd is the end of the reference time of Drift.
func ReferenceEnd(now time.Time) time.Time { return now.AddDate(0, 0, -charted) }
