package pls

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// moments is all that an estimation takes from the rows: of the indicators, means, standard deviations (divided by n) in
// their own units, and correlations.
type moments struct {
	mean, sd []float64
	corr     *mat.SymDense
}

// standardise centres and scales a column in place, and gives the mean and standard deviation that it had.
func standardise(column []float64) (mean, sd float64) {
	mean, sd = stat.PopMeanStdDev(column, nil)
	floats.AddConst(-mean, column)
	floats.Scale(1/sd, column)
	return mean, sd
}

func momentsOf(standardised *mat.Dense, mean, sd []float64) *moments {
	n, p := standardised.Dims()
	corr := mat.NewSymDense(p, nil)
	corr.SymOuterK(1/float64(n), standardised.T())
	return &moments{mean: mean, sd: sd, corr: corr}
}

// resampler makes moments of bootstrap samples. It is for one goroutine.
type resampler struct {
	of      *sample
	counts  []float64
	product *mat.Dense // the drawn rows, each once, times the root of how often
}

func newResampler(of *sample) *resampler {
	n, p := of.x.Dims()
	return &resampler{of: of, counts: make([]float64, n), product: mat.NewDense(n, p, nil)}
}

// draw returns the moments of as many rows as there are, drawn with replacement, and the first indicator that has
// become constant, or −1.
func (r *resampler) draw(intN func(int) int) (m *moments, constant int) {
	n, p := r.of.x.Dims()
	clear(r.counts)
	for range n {
		r.counts[intN(n)]++
	}
	mean := make([]float64, p) // of the standardised values
	drawn := 0
	for i, count := range r.counts {
		if count == 0 {
			continue
		}
		row := r.of.x.RawRowView(i)
		floats.AddScaled(mean, count/float64(n), row)
		floats.ScaleTo(r.product.RawRowView(drawn), math.Sqrt(count), row)
		drawn++
	}
	m = &moments{mean: mean, sd: make([]float64, p), corr: mat.NewSymDense(p, nil)}
	m.corr.SymOuterK(1/float64(n), r.product.Slice(0, drawn, 0, p).T())
	constant = -1
	for j := p - 1; j >= 0; j-- {
		variance := m.corr.At(j, j) - mean[j]*mean[j]
		if variance < 1e-12 { // of the original's variance: rounding, no more
			constant = j
		}
		m.sd[j] = math.Sqrt(variance)
	}
	if constant >= 0 {
		return nil, constant
	}
	for j := range p {
		for k := j; k < p; k++ {
			m.corr.SetSym(j, k, (m.corr.At(j, k)-mean[j]*mean[k])/(m.sd[j]*m.sd[k]))
		}
	}
	for j := range p { // back to the indicators' own units
		mean[j] = r.of.moments.mean[j] + mean[j]*r.of.moments.sd[j]
		m.sd[j] *= r.of.moments.sd[j]
	}
	return m, -1
}
