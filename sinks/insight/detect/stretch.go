package detect

import "math"

// run is a scope with cumulative sums by slot, so that a stretch is a difference of two.
type run struct {
	scope    *Series
	times    []localHour
	variance float64   // of a grade
	cells    []Cell    // up to each slot
	rest     []float64 // Σ grade - what is expected, up to each slot
	noise    []float64 // Σ n² · variance of what is expected / variance of a grade
	weights  []float64 // of a slot's level in Σ grade: n, widened by what the level of its past adds
	level    *level
	with     []float64 // Σ of the covariances of the level of a slot and of all, weighted, up to each slot
}

func newRun(all []Cell, s *Series, times []localHour, from int, mean, variance float64) *run {
	n := len(all)
	r := &run{scope: s, times: times, variance: variance, cells: make([]Cell, n+1), rest: make([]float64, n+1), noise: make([]float64, n+1), weights: make([]float64, n), with: make([]float64, n+1)}
	var own *pastHours
	for i, c := range s.Cells {
		others, wider := all[i].Minus(c), 1.0
		if others.N == 0 && c.N > 0 {
			if own == nil {
				own = newPastHours(s.Cells, times, from)
			}
			others, wider = own.at(i)
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
		r.weights[i] = c.N * math.Sqrt(wider)
	}
	return r
}

// pastHours is a scope's own grades at the same time of other weeks or days, for comparison when there are no other scopes.
type pastHours struct {
	cells  []Cell
	times  []localHour
	from   int
	weekly bool
	sums   [hoursOfWeek]hourSums // by hour of the week, or of the day
}

type hourSums struct {
	Cell
	slots float64 // that have grades
}

// newPastHours takes hours of the week before slot from, if there are two weeks of them, else hours of the day of all slots.
func newPastHours(cells []Cell, times []localHour, from int) *pastHours {
	p := &pastHours{cells: cells, times: times, from: from, weekly: from >= 2*hoursOfWeek}
	if !p.weekly {
		p.from = len(cells)
	}
	for i, c := range cells[:p.from] {
		if c.N > 0 {
			s := &p.sums[p.hour(i)]
			s.Add(c)
			s.slots++
		}
	}
	return p
}

func (p *pastHours) hour(i int) int {
	const day = 24
	if p.weekly {
		return p.times[i].week
	}
	return p.times[i].week % day
}

// at returns the grades with which a slot is compared, without its own, and how many times the variance of one level the difference of
// both has.
func (p *pastHours) at(i int) (c Cell, wider float64) {
	s := p.sums[p.hour(i)]
	if i < p.from {
		s.Cell, s.slots = s.Minus(p.cells[i]), s.slots-1
	}
	if s.slots < 1 {
		return Cell{}, 1
	}
	return s.Cell, 1 + 1/s.slots
}

// levelOf estimates the components of the level of the scopes of a kind; with too few hours to tell it does not vary.
func levelOf(runs []*run) *level {
	const least = 48
	list, hours := make([][]residual, 0, len(runs)), 0
	for _, r := range runs {
		of := r.residuals()
		list, hours = append(list, of), hours+len(of)
	}
	if hours < least {
		return plain()
	}
	return fitLevel(list, runs[0].variance)
}

// residuals are by how much the hours differ from what is expected and from the scope's own difference.
func (r *run) residuals() (list []residual) {
	last := len(r.rest) - 1
	own := r.rest[last] / max(r.cells[last].N, 1)
	for i, c := range r.scope.Cells {
		if c.N < leastInHour {
			continue
		}
		wider := r.weights[i] / c.N
		list = append(list, residual{int64(i), r.times[i], c.N, (r.rest[i+1]-r.rest[i])/c.N - own, wider * wider})
	}
	return list
}

// carried are the sums of weights by component, as far as the level of a slot still has to do with theirs.
type carried [mostComponents]float64

// pass adds the weight of slot i-1, or i+1 backwards, and moves on to slot i.
func (s *carried) pass(r *run, from, to int) {
	first, last := min(from, to), max(from, to)
	for k := range r.level.components {
		s[k] = (s[k] + r.weights[from]) * r.level.components[k].correlation(r.times[first], r.times[last], int64(last-first))
	}
}

// covariance is that of the level of the slot and of those passed.
func (s *carried) covariance(l *level) (v float64) {
	for k := range l.components {
		v += l.components[k].variance * s[k]
	}
	return v
}

// vary sets the level and sums its covariances over all slots.
func (r *run) vary(l *level) {
	r.level = l
	n := len(r.weights)
	of := make([]float64, n)
	var before, after carried
	for i := range n {
		if i > 0 {
			before.pass(r, i-1, i)
		}
		of[i] += before.covariance(l) + r.weights[i]*l.total()
	}
	for i := n - 2; i >= 0; i-- {
		after.pass(r, i+1, i)
		of[i] += after.covariance(l)
	}
	for i := range n {
		r.with[i+1] = r.with[i] + r.weights[i]*of[i]
	}
}

// at tests a stretch, of whose weighted levels inside is the variance.
func (r *run) at(from, to int, inside float64) (f PastFall, ok bool) {
	last := len(r.cells) - 1
	c := r.cells[to].Minus(r.cells[from])
	outside := r.cells[last].N - c.N
	if c.N < leastResponses || outside < leastResponses {
		return f, false
	}
	rest := r.rest[to] - r.rest[from]
	usual := (r.rest[last] - rest) / outside
	drop := usual - rest/c.N
	f = PastFall{Kind: r.scope.Kind, ID: r.scope.ID, From: from, To: to}
	f.Distance = Distance{N: c.N, Mean: c.Mean(), Expected: c.Mean() + drop, Drop: drop}
	grades := r.level.design * r.variance * (1/c.N + 1/outside + (r.noise[to]-r.noise[from])/(c.N*c.N))
	// The drop is (whole - stretch) / outside - stretch / n.
	a, b := 1/outside, 1/outside+1/c.N
	levels := a*a*r.with[last] + b*b*inside - 2*a*b*(r.with[to]-r.with[from])
	f.Error = math.Sqrt(grades + max(levels, 0))
	f.Z = f.Drop / f.Error
	return f, true
}

func (r *run) lowest(from, to int) (best PastFall, found bool) {
	total := r.level.total()
	for begin := from; begin < to; begin++ {
		var s carried
		inside, next := 0.0, 0
		for end := begin + 1; end <= to && next < len(lengths); end++ {
			i := end - 1
			if i > begin {
				s.pass(r, i-1, i)
			}
			w := r.weights[i]
			inside += w * (w*total + 2*s.covariance(r.level))
			if end-begin != lengths[next] {
				continue
			}
			next++
			if f, ok := r.at(begin, end, inside); ok && (!found || f.Z > best.Z) {
				best, found = f, true
			}
		}
	}
	return best, found
}
