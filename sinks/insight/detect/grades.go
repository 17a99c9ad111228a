package detect

// Levels is the number of grades.
const Levels = 7

// Grades are responses by grade: element g-1 counts grade g.
type Grades [Levels]uint32

// Add adds others to g.
func (g *Grades) Add(o *Grades) {
	for i := range g {
		g[i] += o[i]
	}
}

// N is how many there are.
func (g *Grades) N() float64 {
	n := uint32(0)
	for _, c := range g {
		n += c
	}
	return float64(n)
}

// Sum is the sum of the grades.
func (g *Grades) Sum() float64 {
	s := uint32(0)
	for i, c := range g {
		s += uint32(i+1) * c
	}
	return float64(s)
}

// distribution is the probability of each grade.
type distribution [Levels]float64

func (p *distribution) moments() (mean, variance float64) {
	square := 0.0
	for i, v := range p {
		g := float64(i + 1)
		mean += g * v
		square += g * g * v
	}
	return mean, square - mean*mean
}

// distributionOf is the distribution of grades, shrunk to another with a weight in responses.
func distributionOf(g *Grades, to *distribution, weight float64) (p distribution) {
	n := g.N() + weight
	for i := range p {
		p[i] = (float64(g[i]) + weight*to[i]) / n
	}
	return p
}

// even is the distribution in which all grades are equally likely.
func even() (p distribution) {
	for i := range p {
		p[i] = 1. / Levels
	}
	return p
}

// Squares returns the sum of the squared distances of the grades from their mean; 0 of none.
func (g *Grades) Squares() (squares float64) {
	mean := g.Sum() / max(g.N(), 1)
	for i, c := range g {
		d := float64(i+1) - mean
		squares += float64(c) * d * d
	}
	return squares
}
