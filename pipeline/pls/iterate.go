package pls

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// outer is the outer model at a set of weights: its scores have variance 1.
type outer struct {
	weights *mat.Dense // indicators × latent variables, 0 outside the blocks
	cross   *mat.Dense // the same shape: correlations of indicators with scores
	corr    *mat.Dense // latent variables squared: correlations of scores
}

// iterate runs Wold's algorithm with Mode A until the weights converge, and returns the number of iterations. Scores
// start as the sums of their indicators; their signs are such that most indicators of a block correlate positively with
// the score.
func iterate(d *design, corr *mat.SymDense, s Settings) (*outer, int, error) {
	weights := mat.NewDense(len(d.indicators), len(d.latents), nil)
	for i, l := range d.latentOf {
		weights.Set(i, l, 1)
	}
	o, err := normalise(d, corr, weights)
	if err != nil {
		return nil, 0, err
	}
	last := mat.DenseCopyOf(o.weights)
	for n := 1; n <= s.MaxIterations; n++ {
		inner, err := s.Scheme.inner(d, o.corr)
		if err != nil {
			return nil, 0, err
		}
		next := modeA(d, o, inner)
		change := 0.
		for i, l := range d.latentOf {
			change += math.Pow(math.Abs(next.At(i, l))-math.Abs(last.At(i, l)), 2)
		}
		last.Copy(next)
		if o, err = normalise(d, corr, next); err != nil {
			return nil, 0, err
		}
		if change < s.Tolerance {
			o.align(d)
			return o, n, nil
		}
	}
	return nil, 0, fmt.Errorf("%w within %d iterations to a tolerance of %g: allow more of either, or look for a latent variable whose indicators disagree",
		ErrNotConverged, s.MaxIterations, s.Tolerance)
}

// modeA gives each indicator its covariance with the inner approximation of its latent variable (Tenenhaus et al.
// 2005, Mode A: simple regressions of the indicators on it).
func modeA(d *design, o *outer, inner *mat.Dense) *mat.Dense {
	var covariance mat.Dense
	covariance.Mul(o.cross, inner)
	next := mat.NewDense(len(d.indicators), len(d.latents), nil)
	for i, l := range d.latentOf {
		next.Set(i, l, covariance.At(i, l))
	}
	return next
}

// normalise scales each block of weights in place so that the score's variance is 1.
func normalise(d *design, corr *mat.SymDense, weights *mat.Dense) (*outer, error) {
	o := &outer{weights: weights, cross: new(mat.Dense), corr: new(mat.Dense)}
	o.cross.Mul(corr, weights)
	o.corr.Mul(weights.T(), o.cross)
	for l, block := range d.blocks {
		squares := 0.
		for _, i := range block {
			squares += weights.At(i, l) * weights.At(i, l)
		}
		variance := o.corr.At(l, l)
		if variance <= 1e-12*squares {
			return nil, fmt.Errorf("%w: the indicators of %s cancel each other out: reverse those that are asked the other way round", ErrSingular, d.latents[l])
		}
		o.scale(l, 1/math.Sqrt(variance))
	}
	return o, nil
}

// scale multiplies the score of a latent variable.
func (o *outer) scale(l int, factor float64) {
	p, latents := o.weights.Dims()
	for i := range p {
		o.weights.Set(i, l, o.weights.At(i, l)*factor)
		o.cross.Set(i, l, o.cross.At(i, l)*factor)
	}
	for k := range latents {
		o.corr.Set(l, k, o.corr.At(l, k)*factor)
		o.corr.Set(k, l, o.corr.At(k, l)*factor)
	}
}

// align reverses scores that correlate negatively with most of their indicators; at a tie, the sum of the loadings decides.
func (o *outer) align(d *design) {
	for l, block := range d.blocks {
		signs, sum := 0., 0.
		for _, i := range block {
			signs += math.Copysign(1, o.cross.At(i, l))
			sum += o.cross.At(i, l)
		}
		if signs < 0 || signs == 0 && sum < 0 {
			o.scale(l, -1)
		}
	}
}
