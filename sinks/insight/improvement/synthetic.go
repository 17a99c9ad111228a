package improvement

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// synthetic is the synthetic difference in differences of a panel's first row (Arkhangelsky, Athey, Hirshberg, Imbens, Wager 2021,
// "Synthetic difference-in-differences", American Economic Review 111(12), Algorithm 1): untreated scopes are weighted so that before the
// change they run in parallel with the treated one, and days before the change so that they resemble those after it.
// It returns the weights of the scopes too.
func (p *panel) synthetic() (effect float64, units []float64) {
	units, times := p.weights()
	gap := func(row []float64) float64 {
		return stat.Mean(row[p.before:], nil) - floats.Dot(times, row[:p.before])
	}
	effect = gap(p.rows[0])
	for i, row := range p.rows[1:] {
		effect -= units[i] * gap(row)
	}
	return effect, units
}

// weights returns those of the untreated scopes, with the ridge penalty of the paper, and those of the days before the change.
func (p *panel) weights() (units, times []float64) {
	controls := p.rows[1:]
	n, before, after := len(controls), p.before, len(p.days)-p.before
	var steps []float64
	for _, row := range controls {
		for t := 1; t < before; t++ {
			steps = append(steps, row[t]-row[t-1])
		}
	}
	sigma := stat.StdDev(steps, nil)
	const almostNone = 1e-6 // so that the weights of days are unique
	zeta := math.Pow(float64(after), .25) * sigma

	a := mat.NewDense(before, n, nil)
	for i, row := range controls {
		a.SetCol(i, row[:before])
	}
	units = simplex(a, p.rows[0][:before], zeta*zeta*float64(before))

	a = mat.NewDense(n, before, nil)
	later := make([]float64, n)
	for i, row := range controls {
		a.SetRow(i, row[:before])
		later[i] = stat.Mean(row[before:], nil)
	}
	times = simplex(a, later, almostNone*almostNone*sigma*sigma*float64(n))
	return units, times
}

// simplex minimises |a·w + c - b|² + ridge·|w|² over a constant c and weights w of at least 0 that add up to 1, by accelerated
// projected gradients (Beck, Teboulle 2009) from equal weights.
func simplex(a *mat.Dense, b []float64, ridge float64) []float64 {
	m, n := a.Dims()
	centred := mat.NewDense(m, n, nil)
	column := make([]float64, m)
	for j := range n {
		mat.Col(column, j, a)
		floats.AddConst(-stat.Mean(column, nil), column)
		centred.SetCol(j, column)
	}
	target := slices.Clone(b)
	floats.AddConst(-stat.Mean(target, nil), target)
	var square mat.SymDense
	square.SymOuterK(1, centred.T())
	for j := range n {
		square.SetSym(j, j, square.At(j, j)+ridge)
	}
	var with mat.VecDense
	with.MulVec(centred.T(), mat.NewVecDense(m, target))

	w := make([]float64, n)
	for j := range w {
		w[j] = 1 / float64(n)
	}
	steepest := mat.Trace(&square) // at least the largest eigenvalue
	if steepest == 0 {
		return w
	}
	var values mat.EigenSym
	if values.Factorize(&square, false) {
		steepest = slices.Max(values.Values(nil))
	}
	at, momentum := slices.Clone(w), 1.0
	var slope mat.VecDense
	for range 500 {
		slope.MulVec(&square, mat.NewVecDense(n, at))
		slope.SubVec(&slope, &with)
		next := slices.Clone(at)
		floats.AddScaled(next, -1/steepest, slope.RawVector().Data)
		onSimplex(next)
		moved := floats.Distance(next, w, math.Inf(1))
		// Momentum that points uphill is dropped (O'Donoghue, Candès 2015).
		uphill := 0.0
		for j := range w {
			uphill += slope.AtVec(j) * (next[j] - w[j])
		}
		if uphill > 0 {
			momentum = 1
		}
		faster := (1 + math.Sqrt(1+4*momentum*momentum)) / 2
		for j := range at {
			at[j] = next[j] + (momentum-1)/faster*(next[j]-w[j])
		}
		w, momentum = next, faster
		if moved < 1e-7 {
			break
		}
	}
	return w
}

// onSimplex projects onto weights of at least 0 that add up to 1 (Duchi, Shalev-Shwartz, Singer, Chandra 2008).
func onSimplex(w []float64) {
	sorted := slices.Clone(w)
	slices.SortFunc(sorted, func(a, b float64) int {
		if a > b {
			return -1
		}
		return 1
	})
	sum, shift := 0.0, 0.0
	for j, v := range sorted {
		sum += v
		if s := (sum - 1) / float64(j+1); v > s {
			shift = s
		}
	}
	for j := range w {
		w[j] = max(0, w[j]-shift)
	}
}
