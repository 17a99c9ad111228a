package pls

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// cronbach is the standardised alpha of a block (Cronbach 1951, from correlations): k/(k − 1) · Σᵢ≠ⱼ r / Σᵢⱼ r, at least 0.
// NaN for a single indicator.
func cronbach(block []int, corr *mat.SymDense) float64 {
	k := float64(len(block))
	if k == 1 {
		return math.NaN()
	}
	sum := 0.
	for _, i := range block {
		for _, j := range block {
			sum += corr.At(i, j)
		}
	}
	return max(0, k/(k-1)*(sum-k)/sum)
}

// dillonGoldstein is the composite reliability rho of a block, with the correlations λ of its indicators and its first
// principal component for loadings: (Σλ)² / ((Σλ)² + Σ(1 − λ²)) (Tenenhaus et al. 2005, section 2.1). 1 for a single
// indicator.
func dillonGoldstein(block []int, corr *mat.SymDense, latent string) (float64, error) {
	within := mat.NewSymDense(len(block), nil)
	for a, i := range block {
		for b := a; b < len(block); b++ {
			within.SetSym(a, b, corr.At(i, block[b]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(within, true) {
		return 0, fmt.Errorf("%w: the first principal component of %s", ErrNotConverged, latent)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	first := len(block) - 1 // eigenvalues ascend
	largest := eigen.Values(nil)[first]
	sum := 0.
	for a := range block {
		sum += vectors.At(a, first) * math.Sqrt(largest)
	}
	return sum * sum / (sum*sum + float64(len(block)) - largest), nil // Σλ² is the eigenvalue
}
