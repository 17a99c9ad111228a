package detect

import (
	"math"
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
// chance. found is false if no window has [LeastCases] responses and twice as many to compare with.
func (u *Usual) Drop(now, from time.Time) (best Fall, found bool) {
	end := slot(now, Fine)
	first := slot(from.Add(Fine-1), Fine)
	w := &stretch{}
	s := end - 1
	looked := 0.0
	for _, length := range Windows {
		begin := end - int64(length/Fine)
		if begin < first {
			begin = first
		}
		for ; s >= begin; s-- {
			u.take(w, s)
		}
		if w.n >= LeastCases && u.N >= 2*w.n {
			looked++
			drop, square, z := u.test(w)
			if !found || z > best.Z {
				best, found = Fall{time.Unix(begin*int64(Fine/time.Second), 0).UTC(), w.distance(drop, square, z)}, true
			}
		}
		if begin == first {
			break
		}
	}
	best.among(looked)
	return best, found
}

// distance is how far the stretch lies below the usual, without its P.
func (w *stretch) distance(drop, squareError, z float64) Distance {
	return Distance{N: w.n, Mean: w.sum / w.n, Expected: w.expected / w.n, Drop: drop, Error: math.Sqrt(squareError), Z: z}
}

// Onset is when the fall began, no earlier than from: the begin of the stretch up to now with the largest sum below the middle
// between usual and fallen.
func (u *Usual) Onset(now, from time.Time, drop float64) time.Time {
	end := slot(now, Fine)
	first := max(slot(from.Add(Fine-1), Fine), end-int64(48*time.Hour/Fine))
	best, at, sum := 0.0, end-1, 0.0
	for s := end - 1; s >= first; s-- {
		g := u.Track.fine.get(s)
		if g == nil {
			continue
		}
		n := g.N()
		usual := u.hours[s*int64(Fine)/int64(Coarse)%hoursOfWeek]
		if sum += n*(usual-drop/2) - g.Sum(); sum > best {
			best, at = sum, s
		}
	}
	return time.Unix(at*int64(Fine/time.Second), 0).UTC()
}

// Over compares the stretch between two instants with the usual.
func (u *Usual) Over(from, to time.Time) (f Fall, found bool) {
	w := &stretch{}
	for s := slot(to, Fine) - 1; s >= slot(from, Fine); s-- {
		u.take(w, s)
	}
	if w.n == 0 {
		return f, false
	}
	drop, square, z := u.test(w)
	f = Fall{from, w.distance(drop, square, z)}
	f.among(1)
	return f, true
}

// sure is by how many standard errors a stretch must be above the middle between usual and fallen for the fall to be over.
const sure = 2

// Recovered reports whether a fall is over: some stretch up to now, of at least half an hour, lies significantly nearer to the usual than to the fall.
func (u *Usual) Recovered(now, from time.Time, drop float64) bool {
	end, first := slot(now, Fine), slot(from, Fine)
	w := &stretch{}
	s := end - 1
	for _, length := range Windows[1:] {
		begin := max(end-int64(length/Fine), first)
		for ; s >= begin; s-- {
			u.take(w, s)
		}
		if w.n >= LeastCases {
			below, square, _ := u.test(w)
			if (drop/2-below)/math.Sqrt(square) > sure {
				return true
			}
		}
		if begin == first {
			return false
		}
	}
	return false
}
