package detect

import (
	"cmp"
	"math"
	"slices"
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
// likely by chance, the least likely first. Slots before from are only compared with.
//
// A scope is expected to have, in each slot, the mean of all others in that slot, so that the hour and the day of the week
// cancel, plus its own difference from the others at all other times. The scope of all is compared with its own other days
// at that hour. Grades of one slot are correlated (employees, queues): variances are widened by the overdispersion of
// slots.
func Scan(all []Cell, scopes []Series, from, to int) []PastFall {
	whole := Cell{}
	for _, c := range all {
		whole.Add(c)
	}
	variance := max(whole.Variance(), 1e-6)
	runs := make([]*run, 0, len(scopes))
	tests := 0
	for i := range scopes {
		r := newRun(all, &scopes[i], whole.Mean(), variance)
		runs = append(runs, r)
		for _, length := range lengths {
			tests += max(to-from-length+1, 0)
		}
	}
	byKind := map[string][]*run{}
	for _, r := range runs {
		byKind[r.scope.Kind] = append(byKind[r.scope.Kind], r)
	}
	widen := map[string]float64{}
	for kind, of := range byKind {
		widen[kind] = overdispersion(of)
	}
	var falls []PastFall
	for _, r := range runs {
		if f, found := r.lowest(from, to, widen[r.scope.Kind]); found {
			f.Tests = tests
			f.among(float64(tests))
			falls = append(falls, f)
		}
	}
	slices.SortStableFunc(falls, func(a, b PastFall) int { return cmp.Compare(b.Z, a.Z) })
	return falls
}

// run is a scope with cumulative sums by slot, so that a stretch is a difference of two.
type run struct {
	scope    *Series
	variance float64
	cells    []Cell    // up to each slot
	rest     []float64 // Σ grade - mean of the others, up to each slot
	noise    []float64 // Σ n² · variance of that mean / variance of a grade
}

func newRun(all []Cell, s *Series, mean, variance float64) *run {
	n := len(all)
	r := &run{scope: s, variance: variance, cells: make([]Cell, n+1), rest: make([]float64, n+1), noise: make([]float64, n+1)}
	for i, c := range s.Cells {
		others := all[i].Minus(c)
		if others.N == 0 {
			others = sameHour(s.Cells, i)
		}
		expected, noise := mean, 0.0
		if others.N > 0 {
			// With few others in a slot, their mean is shrunk to the mean of all.
			expected = others.MeanDrawn(mean)
			noise = c.N * c.N / (others.N + Drawn)
		}
		r.cells[i+1] = r.cells[i]
		r.cells[i+1].Add(c)
		r.rest[i+1] = r.rest[i] + c.Sum - c.N*expected
		r.noise[i+1] = r.noise[i] + noise
	}
	return r
}

// sameHour is a scope's own grades in this hour on other days, for comparison when there are no other scopes.
func sameHour(cells []Cell, at int) (c Cell) {
	const day = 24
	for i := at % day; i < len(cells); i += day {
		if i != at {
			c.Add(cells[i])
		}
	}
	return c
}

// at tests a stretch. Its square error is without widening.
func (r *run) at(from, to int) (f PastFall, squareError float64, ok bool) {
	last := len(r.cells) - 1
	c := r.cells[to].Minus(r.cells[from])
	outside := r.cells[last].N - c.N
	if c.N < leastResponses || outside < leastResponses {
		return f, 0, false
	}
	rest := r.rest[to] - r.rest[from]
	usual := (r.rest[last] - rest) / outside
	drop := usual - rest/c.N
	squareError = r.variance * (1/c.N + 1/outside + (r.noise[to]-r.noise[from])/(c.N*c.N))
	f = PastFall{Kind: r.scope.Kind, ID: r.scope.ID, From: from, To: to}
	f.Distance = Distance{N: c.N, Mean: c.Mean(), Expected: c.Mean() + drop, Drop: drop}
	return f, squareError, true
}

func (r *run) lowest(from, to int, widen float64) (best PastFall, found bool) {
	for _, length := range lengths {
		for at := from; at+length <= to; at++ {
			f, square, ok := r.at(at, at+length)
			if !ok {
				continue
			}
			f.Error = math.Sqrt(square * widen)
			f.Z = f.Drop / f.Error
			if !found || f.Z > best.Z {
				best, found = f, true
			}
		}
	}
	return best, found
}

// overdispersion is the ratio of the variance of slots to that of their grades alone, at least 1: from the median of
// squared deviations, which falls hardly change.
func overdispersion(runs []*run) float64 {
	var squares []float64
	for _, r := range runs {
		for i := range r.scope.Cells {
			if f, square, ok := r.at(i, i+1); ok {
				squares = append(squares, f.Drop*f.Drop/square)
			}
		}
	}
	if len(squares) < 20 {
		return 1
	}
	slices.Sort(squares)
	const medianOfChiSquare = 0.4549364
	return max(1, squares[len(squares)/2]/medianOfChiSquare)
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
