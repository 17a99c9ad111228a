package detect

import "gonum.org/v1/gonum/stat/distuv"

// Cell is grades without their shape: how many, their sum, and the sum of their squares.
type Cell struct{ N, Sum, Squares float64 }

// Add adds others to c.
func (c *Cell) Add(o Cell) {
	c.N, c.Sum, c.Squares = c.N+o.N, c.Sum+o.Sum, c.Squares+o.Squares
}

// Minus is c without some of its grades.
func (c Cell) Minus(o Cell) Cell { return Cell{c.N - o.N, c.Sum - o.Sum, c.Squares - o.Squares} }

// Mean is NaN without grades.
func (c Cell) Mean() float64 { return c.Sum / c.N }

// Variance is the estimated variance of a grade.
func (c Cell) Variance() float64 { return (c.Squares - c.Sum*c.Sum/c.N) / max(c.N-1, 1) }

// Drawn is by how many grades the mean of few is drawn to another one.
const Drawn = 10

// MeanDrawn is the mean, drawn to another one.
func (c Cell) MeanDrawn(to float64) float64 { return (c.Sum + Drawn*to) / (c.N + Drawn) }

// Distance is how far what is seen of a scope in a stretch of time lies below what is expected of it there.
type Distance struct {
	N        float64
	Mean     float64
	Expected float64
	Drop     float64 // Expected - Mean, grades
	Error    float64 // standard error of Drop
	Z        float64
	P        float64 // one-sided, times the number of stretches looked at (Bonferroni), at most 1
}

// among judges the best of so many stretches.
func (d *Distance) among(looked float64) {
	d.P = min(1, looked*distuv.UnitNormal.Survival(d.Z))
}
