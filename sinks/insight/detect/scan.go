package report

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Cell is the grades of a slot of time: how many, their sum, and the sum of their squares.
type Cell struct{ N, Sum, Squares float64 }

func (c *Cell) add(o Cell) {
	c.N, c.Sum, c.Squares = c.N+o.N, c.Sum+o.Sum, c.Squares+o.Squares
}

func (c Cell) minus(o Cell) Cell { return Cell{c.N - o.N, c.Sum - o.Sum, c.Squares - o.Squares} }

// Mean is NaN without grades.
func (c Cell) Mean() float64 { return c.Sum / c.N }

// Scope is one place, and its grades by slot.
type Scope struct {
	Kind, ID string
	Cells    []Cell
}

// Fall is how far a scope is below what is to be expected of it, in a stretch of slots.
type Fall struct {
	Kind, ID string
	From, To int // slots, To left out
	Cell
	Expected float64 // mean grade that the scope's other time and the other scopes at this time lead to expect
	Drop     float64 // expected - mean
	Error    float64 // standard error of it
	P        float64 // one-sided, times the number of stretches that were looked at (Bonferroni), at most 1
	Tests    int     // that number
}

// Z is the drop in standard errors.
func (f *Fall) Z() float64 { return f.Drop / f.Error }

// The lengths of the stretches, in slots, and what a fall takes to be one.
var lengths = []int{1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168}

const (
	leastResponses = 12
	leastDrop      = 0.15 // grades
	significance   = 0.01
)

// Real says that chance does not explain the fall.
func (f *Fall) Real() bool { return f.P < significance && f.Drop >= leastDrop }

// Scan looks at every stretch within slots [from, to) of every scope and gives the fall that is least likely by chance
// in each scope, the least likely first. Slots before from are past that it compares with.
//
// What is expected of a scope in a slot is the mean of all others in that slot, so that the hour of the day and the day
// of the week cancel, and by how much the scope lies above or below the others at all other times. The scope of all is held
// against its own other days at that hour. Grades of one slot
// hang together (employees, queues): variances are widened by how much slots scatter more than grades alone would.
func Scan(all []Cell, scopes []Scope, from, to int) []Fall {
	whole := Cell{}
	for _, c := range all {
		whole.add(c)
	}
	variance := max((whole.Squares-whole.Sum*whole.Sum/whole.N)/(whole.N-1), 1e-6)
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
	var falls []Fall
	for _, r := range runs {
		if f, found := r.lowest(from, to, widen[r.scope.Kind]); found {
			f.Tests = tests
			f.P = min(1, float64(tests)*distuv.UnitNormal.Survival(f.Z()))
			falls = append(falls, f)
		}
	}
	slices.SortStableFunc(falls, func(a, b Fall) int { return cmp.Compare(b.Z(), a.Z()) })
	return falls
}

// run is a scope with sums up to each slot, so that a stretch is a difference.
type run struct {
	scope    *Scope
	variance float64
	cells    []Cell    // up to each slot
	rest     []float64 // Σ grade - mean of the others, up to each slot
	noise    []float64 // Σ n² · variance of that mean / variance of a grade
}

func newRun(all []Cell, s *Scope, mean, variance float64) *run {
	n := len(all)
	r := &run{scope: s, variance: variance, cells: make([]Cell, n+1), rest: make([]float64, n+1), noise: make([]float64, n+1)}
	for i, c := range s.Cells {
		others := all[i].minus(c)
		if others.N == 0 {
			others = sameHour(s.Cells, i)
		}
		expected, noise := mean, 0.0
		if others.N > 0 {
			// A slot with few others is drawn to the mean of all, as by ten grades.
			expected = (others.Sum + 10*mean) / (others.N + 10)
			noise = c.N * c.N / (others.N + 10)
		}
		r.cells[i+1] = r.cells[i]
		r.cells[i+1].add(c)
		r.rest[i+1] = r.rest[i] + c.Sum - c.N*expected
		r.noise[i+1] = r.noise[i] + noise
	}
	return r
}

// sameHour is a scope's own grades in that hour of the other days: what there is to compare with when nobody else has any.
func sameHour(cells []Cell, at int) (c Cell) {
	const day = 24
	for i := at % day; i < len(cells); i += day {
		if i != at {
			c.add(cells[i])
		}
	}
	return c
}

// at judges a stretch. Its square error is for a widening of 1.
func (r *run) at(from, to int) (f Fall, squareError float64, ok bool) {
	last := len(r.cells) - 1
	c := r.cells[to].minus(r.cells[from])
	outside := r.cells[last].N - c.N
	if c.N < leastResponses || outside < leastResponses {
		return f, 0, false
	}
	rest := r.rest[to] - r.rest[from]
	usual := (r.rest[last] - rest) / outside
	drop := usual - rest/c.N
	squareError = r.variance * (1/c.N + 1/outside + (r.noise[to]-r.noise[from])/(c.N*c.N))
	return Fall{Kind: r.scope.Kind, ID: r.scope.ID, From: from, To: to, Cell: c, Expected: c.Mean() + drop, Drop: drop}, squareError, true
}

func (r *run) lowest(from, to int, widen float64) (best Fall, found bool) {
	for _, length := range lengths {
		for at := from; at+length <= to; at++ {
			f, square, ok := r.at(at, at+length)
			if !ok {
				continue
			}
			f.Error = math.Sqrt(square * widen)
			if !found || f.Z() > best.Z() {
				best, found = f, true
			}
		}
	}
	return best, found
}

// overdispersion is by how much single slots scatter more than their grades alone would make them, at least 1: from the
// median of the squared deviations, which falls do not move.
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
