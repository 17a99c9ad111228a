package report

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// products are sums of products of questions and the grade, each less the mean of its store; the grade is the last. A response that
// lacks an answer counts in the pairs that it has.
type products struct {
	n, sums, both, squares []float64 // by pair i <= j: how many, Σ x_i x_j, and as many of each: Σ x_i², Σ x_j² over the pair
}

// pairs is how many pairs k values have, each with itself too.
func pairs(k int) int { return k * (k + 1) / 2 }

func pair(i, j int) int {
	if i > j {
		i, j = j, i
	}
	return pairs(j) + i
}

func newProducts(k int) *products {
	n := pairs(k)
	return &products{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
}

// add adds a response; a value of NaN is missing.
func (p *products) add(values []float64) {
	for j, y := range values {
		if math.IsNaN(y) {
			continue
		}
		for i, x := range values[:j+1] {
			if math.IsNaN(x) {
				continue
			}
			at := pair(i, j)
			p.n[at]++
			p.sums[at] += x * y
			p.both[at] += x * x
			p.squares[at] += y * y
		}
	}
}

// addTimes adds the sums of a cluster as often as it was drawn.
func (p *products) addTimes(o *products, times float64) {
	for i := range p.n {
		p.n[i] += times * o.n[i]
		p.sums[i] += times * o.sums[i]
		p.both[i] += times * o.both[i]
		p.squares[i] += times * o.squares[i]
	}
}

// correlation of two values; 0 if one never varies or they never come together.
func (p *products) correlation(i, j int) float64 {
	at := pair(i, j)
	if square := p.both[at] * p.squares[at]; square > 0 {
		return p.sums[at] / math.Sqrt(square)
	}
	return 0
}

// relativeWeights are the parts of the grade's variance that go with each of k questions, which add up to R² (Johnson 2000, "A heuristic
// method for estimating the relative weight of predictor variables in multiple regression", Multivariate Behavioral Research 35(1)):
// questions that say the same share what they explain. Correlations are of the pairs that came together; what of them is no
// correlation matrix is cut off (eigenvalues below 0).
func (p *products) relativeWeights(k int) []float64 {
	among, with := mat.NewSymDense(k, nil), make([]float64, k)
	for j := range k {
		with[j] = p.correlation(j, k)
		for i := range j + 1 {
			among.SetSym(i, j, p.correlation(i, j))
		}
	}
	weights := make([]float64, k)
	var e mat.EigenSym
	if !e.Factorize(among, true) {
		return weights
	}
	var v mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	// The orthogonal variables nearest to the questions are Λ⁻¹ of them, with Λ the root of their correlations.
	root, inverse := mat.NewDense(k, k, nil), mat.NewDense(k, k, nil)
	const none = 1e-9
	for l, value := range values {
		if value < none {
			continue
		}
		for i := range k {
			for j := range k {
				c := v.At(i, l) * v.At(j, l)
				root.Set(i, j, root.At(i, j)+c*math.Sqrt(value))
				inverse.Set(i, j, inverse.At(i, j)+c/math.Sqrt(value))
			}
		}
	}
	var beta mat.VecDense
	beta.MulVec(inverse, mat.NewVecDense(k, with))
	for i := range k {
		for j := range k {
			weights[i] += root.At(i, j) * root.At(i, j) * beta.AtVec(j) * beta.AtVec(j)
		}
	}
	return weights
}
