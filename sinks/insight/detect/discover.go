package detect

import "slices"

// Discover says which of many tests to believe, so that of those believed at most the share q is wrong on average: Benjamini and
// Hochberg 1995. A p above 1 is not believed. It gives the largest p that is believed, 0 for none.
func Discover(p []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(p))
	m := float64(len(sorted))
	for i := len(sorted) - 1; i >= 0; i-- {
		if sorted[i] <= q*float64(i+1)/m {
			return sorted[i]
		}
	}
	return 0
}
