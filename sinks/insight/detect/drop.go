package detect

import (
	"time"
)

// Windows are the lengths of the stretches up to now in which Drop looks.
var Windows = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 48 * time.Hour}

// LeastCases is how many responses, complaints or customers a test needs.
const LeastCases = 8

// Fall is a stretch up to now with grades below the usual.
type Fall struct {
	From time.Time // begin of the window with the least P
	Distance
}

// Drop looks at the windows that end at now and begin no earlier than from, and returns the one that is least likely by
// chance: by the generalised likelihood ratio of a fall since its begin, given where the level was before. found is false if no
// window has [LeastCases] responses and twice as many to compare with.
func (u *Usual) Drop(now, from time.Time) (f Fall, found bool) {
	end := slot(now, Fine)
	first := slot(from.Add(Fine-1), Fine)
	var begins []int64
	for _, length := range Windows {
		begin := max(end-cellsOf(length), first)
		if begin < end {
			begins = append(begins, begin)
		}
		if begin == first {
			break
		}
	}
	l := u.begun(begins)
	l.bursts = true
	begin, d, found := l.to(end, -1).lowest(u.N / 2)
	return Fall{timeOf(begin), d}, found
}

// Onset is when the fall began, no earlier than from: the begin of the stretch up to now with the largest sum below the middle
// between usual and fallen.
func (u *Usual) Onset(now, from time.Time, drop float64) time.Time {
	end := slot(now, Fine)
	first := max(slot(from.Add(Fine-1), Fine), end-cellsOf(48*time.Hour))
	best, at, sum := 0.0, end-1, 0.0
	for s := end - 1; s >= first; s-- {
		g := u.Track.fine.get(s)
		if g == nil {
			continue
		}
		if sum += g.N()*(u.At(timeOf(s))-drop/2) - g.Sum(); sum > best {
			best, at = sum, s
		}
	}
	return timeOf(at)
}

// Over compares the stretch between two instants, less than 48 hours apart, with the usual.
func (u *Usual) Over(from, to time.Time) (f Fall, found bool) {
	l := u.at([]int64{slot(from, Fine)}, slot(to, Fine))
	d, found := l.test(&l.windows[0])
	f = Fall{from, d}
	f.among(1)
	return f, found
}

// sure is by how many standard errors a stretch must be above the middle between usual and fallen for the fall to be over.
const sure = 2

// Recovered reports whether a fall is over: some stretch up to now, of at least half an hour, lies significantly nearer to the usual than to the fall.
// The time of the fall before that stretch teaches nothing of what is usual.
func (u *Usual) Recovered(now, from time.Time, drop float64) bool {
	end, first := slot(now, Fine), slot(from, Fine)
	for _, length := range Windows[1:] {
		begin := max(end-cellsOf(length), first)
		l := &look{u: u, filter: u.known, windows: []window{{from: begin}}}
		l.to(end, first)
		w := &l.windows[0]
		if d, ok := l.test(w); ok && w.n >= LeastCases && (drop/2-d.Drop)/d.Error > sure {
			return true
		}
		if begin == first {
			return false
		}
	}
	return false
}
