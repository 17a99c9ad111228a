package detect

import (
	"math"
	"slices"
	"time"
)

// look goes once over the fine cells up to now, and tries for each of several begins whether the scope has fallen since.
type look struct {
	u       *Usual
	filter  filter
	windows []window // the longest first
	// bursts is whether responses far above what is expected are left out.
	bursts bool
}

// burst is by how many standard errors responses of a part of an hour must lie above what is expected to be left out when a fall is looked for: a child
// who presses the best button lifts the level so far that what comes after it looks like a fall.
const burst = 3

// window is a stretch from its begin, a fine cell, to the end.
type window struct {
	from     int64
	shift    shift
	n, sum   float64
	expected float64 // Σ of n · usual
}

// at looks from the begins, given latest first, to the fine cell end. Responses of [ignored, begin of a window) teach nothing of the level.
func (u *Usual) at(begins []int64, end int64) *look {
	return u.begun(begins).to(end, -1)
}

// begun is a look before its first cell.
func (u *Usual) begun(begins []int64) *look {
	l := &look{u: u, filter: u.known}
	for _, b := range slices.Backward(begins) {
		l.windows = append(l.windows, window{from: b})
	}
	return l
}

const finePerHour = int64(Coarse / Fine)

func (l *look) to(end, ignored int64) *look {
	u := l.u
	first := u.knownTo * finePerHour
	next := 0
	for s := first; s < end; {
		hour := s / finePerHour
		stop := min((hour+1)*finePerHour, end)
		for next < len(l.windows) && l.windows[next].from <= s {
			next++
		}
		if next < len(l.windows) {
			stop = min(stop, l.windows[next].from)
		}
		l.cell(hour, s, stop, next, ignored >= 0 && s >= ignored && next == 0)
		s = stop
	}
	return l
}

// cell takes the fine cells [from, to) of an hour, for the first windows.
func (l *look) cell(hour, from, to int64, windows int, ignore bool) {
	u := l.u
	at := u.calendar.at(hour)
	passed := l.filter.to(hour, at)
	for i := range windows {
		l.windows[i].shift.pass(&l.filter, &passed)
	}
	n, sum := 0.0, 0.0
	for s := from; s < to; s++ {
		if g := u.Track.fine.get(s); g != nil {
			n += g.N()
			sum += g.Sum()
		}
	}
	if n == 0 || ignore || windows == 0 && (u.Track.odd[hour] || hour < u.Track.from) {
		return
	}
	innovation, variance, usual := u.observe(&l.filter, at, float64(to-from)/float64(finePerHour), n, sum, u.chain.moved(u, hour, from, to))
	if l.bursts && innovation > burst*math.Sqrt(variance) {
		return
	}
	if windows == 0 {
		innovation = clipped(innovation, variance, settledMost)
	}
	l.filter.take(innovation, variance)
	for i := range windows {
		l.windows[i].take(&l.filter, innovation, variance, n, sum, usual)
	}
}

// take adds responses whose innovation the filter has just taken.
func (w *window) take(f *filter, innovation, variance, n, sum, usual float64) {
	w.shift.take(f, innovation, variance)
	w.n += n
	w.sum += sum
	w.expected += n * usual
}

// lowest returns the window in which the scope lies lowest, of those with [LeastCases] responses and at most most.
func (l *look) lowest(most float64) (from int64, best Distance, found bool) {
	looked := 0.0
	for i := range l.windows {
		w := &l.windows[i]
		if w.n < LeastCases || w.n > most {
			continue
		}
		if d, ok := l.test(w); ok {
			looked++
			if !found || d.Z > best.Z {
				from, best, found = w.from, d, true
			}
		}
	}
	best.among(looked)
	return from, best, found
}

// test returns how far the scope has fallen in a window.
func (l *look) test(w *window) (d Distance, found bool) {
	size, err, found := w.shift.size()
	if !found || w.n == 0 {
		return d, false
	}
	d = Distance{N: w.n, Mean: w.sum / w.n, Drop: -size, Error: err, Z: -size / err}
	// What was expected includes where the level was: it is told as the mean and the fall from it.
	d.Expected = d.Mean + d.Drop
	d.Z = l.u.certain(w.n, w.sum, w.expected/w.n, d.Z, err*err)
	return d, true
}

func cellsOf(d time.Duration) int64 { return int64(d / Fine) }

func timeOf(fine int64) time.Time { return time.Unix(fine*int64(Fine/time.Second), 0).UTC() }
