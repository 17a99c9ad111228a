package detect

import "gonum.org/v1/gonum/stat/distuv"

// Cell summarises grades: their number, their sum, and the sum of their squares.
type Cell struct{ N, Sum, Squares float64 }

// Add adds others to c.
func (c *Cell) Add(o Cell) {
	c.N, c.Sum, c.Squares = c.N+o.N, c.Sum+o.Sum, c.Squares+o.Squares
}

// Minus returns c without the grades o, which are among them.
func (c Cell) Minus(o Cell) Cell { return Cell{c.N - o.N, c.Sum - o.Sum, c.Squares - o.Squares} }

// Mean is NaN without grades.
func (c Cell) Mean() float64 { return c.Sum / c.N }

// Variance is the estimated variance of a grade.
func (c Cell) Variance() float64 { return (c.Squares - c.Sum*c.Sum/c.N) / max(c.N-1, 1) }

// Drawn is the weight, in grades, with which a mean is shrunk to another.
const Drawn = 10

// MeanDrawn is the mean, shrunk to another.
func (c Cell) MeanDrawn(to float64) float64 { return (c.Sum + Drawn*to) / (c.N + Drawn) }

// Distance is how far a scope's grades in a stretch of time lie below the expected ones.
type Distance struct {
	N        float64
	Mean     float64
	Expected float64
	Drop     float64 // Expected - Mean, grades
	Error    float64 // standard error of Drop
	Z        float64
	P        float64 // one-sided, times the number of stretches tried (Bonferroni), at most 1
}

// among corrects P for the number of stretches tried.
func (d *Distance) among(looked float64) {
	d.P = min(1, looked*distuv.UnitNormal.Survival(d.Z))
}
