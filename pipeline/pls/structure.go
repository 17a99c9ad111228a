package pls

import "gonum.org/v1/gonum/mat"

// structural is the inner model: how the scores depend on each other.
type structural struct {
	direct, total *mat.Dense // latent variables squared, effect of the column on the row
	r2            []float64  // 0 for a latent variable without predecessors
}

// regressAll estimates the path coefficients by least squares, and R² as their product with the correlations. Total
// effects are the sum over all ways of the products of their coefficients: B + B² + …, which ends since there is no cycle.
func regressAll(d *design, corr *mat.Dense) (*structural, error) {
	n := len(d.latents)
	s := &structural{direct: mat.NewDense(n, n, nil), r2: make([]float64, n)}
	for l := range d.latents {
		coefficients, err := regress(d, corr, l)
		if err != nil {
			return nil, err
		}
		for i, k := range d.before[l] {
			s.direct.Set(l, k, coefficients[i])
			s.r2[l] += coefficients[i] * corr.At(k, l)
		}
	}
	s.total = mat.DenseCopyOf(s.direct)
	power := mat.DenseCopyOf(s.direct)
	for range n - 1 {
		var next mat.Dense
		next.Mul(power, s.direct)
		s.total.Add(s.total, &next)
		power = &next
	}
	return s, nil
}
