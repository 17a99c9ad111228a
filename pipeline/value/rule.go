package value

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Rule is a Gauss-Jacobi rule: the mean of a function of the chance of leaving, Beta(A, B), is Σ Weights·f(Nodes).
// The nodes lie between 0 and 1, and the weights add up to 1.
type Rule struct {
	Nodes, Weights []float64
}

// nodes of a rule. 48 leave an error below 1e-6 for up to 300 purchases.
const nodes = 48

// Rule returns the rule of the model (Golub, Welsch 1969, "Calculation of Gauss quadrature rules"). It depends on no
// customer, so that a query can use it for all.
func (m *Purchasing) Rule() (*Rule, error) {
	// Jacobi's weight (1-y)^e (1+y)^f on -1 to 1, with p = (1+y)/2.
	e, f := m.B-1, m.A-1
	j := mat.NewSymDense(nodes, nil)
	for n := range nodes {
		i := float64(n)
		s := 2*i + e + f
		diagonal := (f*f - e*e) / (s * (s + 2))
		if n == 0 {
			diagonal = (f - e) / (e + f + 2)
		}
		j.SetSym(n, n, diagonal)
		if n == 0 {
			continue
		}
		// Without the factor i+e+f at i = 1, which may be 0 over 0.
		square := 4 * i * (i + e) * (i + f) * (i + e + f) / (s * s * (s + 1) * (s - 1))
		if n == 1 {
			square = 4 * (1 + e) * (1 + f) / (s * s * (s + 1))
		}
		j.SetSym(n-1, n, math.Sqrt(square))
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(j, true) {
		return nil, errors.New("the model has no quadrature rule: its parameters are too far apart")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	r := &Rule{Nodes: eigen.Values(nil), Weights: make([]float64, nodes)}
	for i := range r.Nodes {
		r.Nodes[i] = max((1+r.Nodes[i])/2, math.SmallestNonzeroFloat32)
		r.Weights[i] = vectors.At(0, i) * vectors.At(0, i)
	}
	return r, nil
}
