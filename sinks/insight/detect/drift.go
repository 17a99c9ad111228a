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
func (u *Usual) Drift(now time.Time) (best Slow, found bool) {
	const day = 24
	end := slot(now, Coarse)
	f := u.known
	windows := make([]window, len(slowDays))
	for i, days := range slowDays {
		windows[i].from = end - days*day
	}
	for h := u.knownTo; h < end; h++ {
		g := u.Track.coarse.get(h)
		if g == nil || h < u.Track.from || g.N() == 0 {
			continue
		}
		at := u.calendar.at(h)
		passed := f.to(h, at)
		n := g.N()
		usual := u.hours[at.week] + u.chain.moved(u, h, h, 0)
		level, variance := f.expects(u.scaled()*u.level.design*u.spread/n + u.unsure[at.week])
		innovation := clipped(g.Sum()/n-usual-level, variance, slowMost)
		for i := range windows {
			windows[i].shift.pass(&f, &passed)
		}
		f.take(innovation, variance)
		for i := range windows {
			w := &windows[i]
			if h >= w.from {
				w.shift.take(&f, innovation, variance)
				w.n += n
				w.sum += g.Sum()
				w.expected += n * usual
			}
		}
	}
	l := &look{u: u}
	looked := 0.0
	for i := range windows {
		w := &windows[i]
		if w.n < LeastCases || u.N < 2*w.n/charted {
			continue
		}
		if d, ok := l.test(w); ok {
			looked++
			if !found || d.Z > best.Z {
				best, found = Slow{time.Unix(w.from*3600, 0).UTC(), d}, true
			}
		}
	}
	best.among(looked)
	return best, found
}

// slowMost is by how many standard errors an hour can speak for a slow fall.
const slowMost = 2.5

// ReferenceEnd is the end of the reference time of Drift.
func ReferenceEnd(now time.Time) time.Time { return now.AddDate(0, 0, -charted) }
