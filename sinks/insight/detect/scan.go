package detect

import (
	"cmp"
	"slices"
	"time"
)

// Series is a scope's grades by slot of time.
type Series struct {
	Kind, ID string
	Cells    []Cell
}

// PastFall is a stretch of slots in which a scope lies below the expectation from its other time and from the other scopes at this time.
type PastFall struct {
	Kind, ID string
	From, To int // slots, To left out
	Distance
	Tests int // the number of stretches tried
}

// The lengths of the stretches, in slots, and what makes a fall.
var lengths = []int{1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168}

const (
	leastResponses = 12
	leastDrop      = 0.15 // grades
	significance   = 0.01
)

// Real reports whether chance does not explain the fall.
func (f *PastFall) Real() bool { return f.P < significance && f.Drop >= leastDrop }

// Scan tries every stretch within slots [from, to) of every scope, and returns for each scope the fall that is least
// likely by chance, the least likely first. Slots before from are only compared with. Slots are hours; the first begins at begins.
// A calendar of nil is that of UTC.
//
// A scope is expected to have, in each slot, the mean of all others in that slot, so that the hour and the day of the week
// cancel, plus its own difference from the others at all other times. A scope without others, as that of all, is compared with its own
// past at that local hour of the week; if that has not two weeks, with its other days at that hour.
//
// Scopes have moods: the error of a stretch has the variance of what is left by components of hours and days, estimated for each kind
// of scope, with the covariance of a stretch's slots and of the time that it is compared with ([level]).
func Scan(all []Cell, scopes []Series, from, to int, begins time.Time, calendar *Calendar) []PastFall {
	if calendar == nil {
		calendar = NewCalendar(nil)
	}
	whole := Cell{}
	for _, c := range all {
		whole.Add(c)
	}
	variance := max(whole.Variance(), 1e-6)
	times := make([]localHour, len(all))
	for i := range times {
		times[i] = calendar.at(slot(begins, Coarse) + int64(i))
	}
	byKind := map[string][]*run{}
	runs := make([]*run, 0, len(scopes))
	tests := 0
	for i := range scopes {
		r := newRun(all, &scopes[i], times, from, whole.Mean(), variance)
		runs = append(runs, r)
		byKind[r.scope.Kind] = append(byKind[r.scope.Kind], r)
		for _, length := range lengths {
			tests += max(to-from-length+1, 0)
		}
	}
	for _, of := range byKind {
		l := levelOf(of)
		for _, r := range of {
			r.vary(l)
		}
	}
	var falls []PastFall
	for _, r := range runs {
		if f, found := r.lowest(from, to); found {
			f.Tests = tests
			f.among(float64(tests))
			falls = append(falls, f)
		}
	}
	slices.SortStableFunc(falls, func(a, b PastFall) int { return cmp.Compare(b.Z, a.Z) })
	return falls
}

// Edges returns the stretch with the largest sum of grades below a line, which lies half-way between the expected
// mean and the lowest one, so that a usual slot counts against the stretch.
func Edges(cells []Cell, expected float64) (from, to int) {
	low := expected
	window := Cell{}
	const width = 6
	for i, c := range cells {
		window.Add(c)
		if i >= width {
			window = window.Minus(cells[i-width])
		}
		if window.N >= leastResponses/2 {
			low = min(low, window.Mean())
		}
	}
	line := (expected + low) / 2
	best, sum, start := 0.0, 0.0, 0
	for i, c := range cells {
		if sum <= 0 {
			sum, start = 0, i
		}
		sum += c.N*line - c.Sum
		if sum > best {
			best, from, to = sum, start, i+1
		}
	}
	return from, to
}
