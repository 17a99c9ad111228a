package pls

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// inner returns the inner weights: column l holds what the neighbours of latent variable l add to its approximation.
func (s Scheme) inner(d *design, corr *mat.Dense) (*mat.Dense, error) {
	e := mat.NewDense(len(d.latents), len(d.latents), nil)
	for l := range d.latents {
		neighbours := append(d.before[l][:len(d.before[l]):len(d.before[l])], d.after[l]...)
		switch s {
		case Centroid:
			for _, k := range neighbours {
				e.Set(k, l, sign(corr.At(k, l)))
			}
		case Factorial:
			for _, k := range neighbours {
				e.Set(k, l, corr.At(k, l))
			}
		default:
			coefficients, err := regress(d, corr, l)
			if err != nil {
				return nil, err
			}
			for i, k := range d.before[l] {
				e.Set(k, l, coefficients[i])
			}
			for _, k := range d.after[l] {
				e.Set(k, l, corr.At(k, l))
			}
		}
	}
	return e, nil
}

func sign(x float64) float64 {
	if x == 0 {
		return 0
	}
	return math.Copysign(1, x)
}

// maxCondition of the predecessors' correlations; above it their coefficients are rounding errors.
const maxCondition = 1e10

// regress returns the standardised coefficients of a latent variable on its predecessors, in their order.
func regress(d *design, corr *mat.Dense, l int) ([]float64, error) {
	on := d.before[l]
	if len(on) == 0 {
		return nil, nil
	}
	xx, xy := mat.NewSymDense(len(on), nil), mat.NewVecDense(len(on), nil)
	for i, a := range on {
		for j := i; j < len(on); j++ {
			xx.SetSym(i, j, corr.At(a, on[j]))
		}
		xy.SetVec(i, corr.At(a, l))
	}
	var factor mat.Cholesky
	if !factor.Factorize(xx) || factor.Cond() > maxCondition {
		return nil, fmt.Errorf("%w: the regression of %s: the latent variables that act on it say the same; drop one of its paths", ErrSingular, d.latents[l])
	}
	var b mat.VecDense
	if err := factor.SolveVecTo(&b, xy); err != nil {
		return nil, fmt.Errorf("%w: the regression of %s: %w", ErrSingular, d.latents[l], err)
	}
	return b.RawVector().Data, nil
}
