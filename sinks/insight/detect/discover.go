package detect

import "slices"

// Discover controls the false discovery rate of many tests at q (Benjamini and Hochberg 1995): it returns the largest p that is
// significant, 0 for none. A p above 1 never is.
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
