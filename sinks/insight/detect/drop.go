package detect

import (
	"math"
	"time"
)

// Windows are how long a stretch up to now is looked at for a drop.
var Windows = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 48 * time.Hour}

// LeastCases is how many responses, complaints or customers a test wants before it says anything.
const LeastCases = 8

// Fall is a stretch up to now whose grades lie below the usual.
type Fall struct {
	From time.Time // begin of the window that shows it best
	Distance
}

// Drop looks at the windows that end at now and begin no earlier than from, and gives the one that is least likely by chance.
// It says false when no window has [LeastCases] responses and twice as many to compare with.
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

// Onset is since when grades have been below the usual by the fall: the begin of the stretch up to now that lies below the middle
// between usual and fallen most in sum, no earlier than from.
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

// Over measures a stretch against the usual: between two instants.
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

// sure is how many standard errors above the middle between usual and fallen a stretch must lie for the fall to be over.
const sure = 2

// Recovered says that a fall is over: some stretch up to now, of half an hour at least, lies nearer to the usual than to the fall, surely.
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
