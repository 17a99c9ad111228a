package pls

import "gonum.org/v1/gonum/mat"

// indices returns each latent variable's index from 0 to 100 (Fornell et al. 1996, appendix):
//
//	100 · (E[ξ] − min ξ) / (max ξ − min ξ),  ξ = Σ wᵢxᵢ
//
// with the unstandardised weights wᵢ: those of the standardised indicators over their standard deviations. With weights
// above 0 this is the weighted mean of the indicators, least at 0 and most at 100. An indicator of negative weight counts
// the other way round, since its largest answer belongs to min ξ.
func indices(d *design, weights *mat.Dense, m *moments, least, most float64) []float64 {
	index := make([]float64, len(d.latents))
	for l, block := range d.blocks {
		var mean, low, high float64
		for _, i := range block {
			w := weights.At(i, l) / m.sd[i]
			mean += w * m.mean[i]
			low += min(w*least, w*most)
			high += max(w*least, w*most)
		}
		index[l] = 100 * (mean - low) / (high - low)
	}
	return index
}
