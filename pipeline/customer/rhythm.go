package customer

import (
	"slices"
)

// visitMS is the least time between sales of two visits, ms: sooner is one visit at two tills.
const visitMS = 3600 * 1000

// The least numbers of gaps and sales that make a rhythm.
const (
	gapsForUsual = 2
	gapsForSlow  = 5
	salesForLess = 6
	latest       = 3 // gaps or sales that are compared with those before
)

// Rhythm is how a customer buys, from the sales that are kept.
type Rhythm struct {
	UsualGap int64   // median of the times between visits, ms; 0 when there are fewer than two
	Slower   float64 // mean of the last three gaps / median of those before - 1, -1 to 3; 0 under five gaps
	Less     float64 // 1 - mean amount of the last three sales / mean of those before, -1 to 1; 0 under six sales
}

// Rhythm computes how the customer buys.
func (h *Purchases) Rhythm() (r Rhythm) {
	var room [MaxPurchases]int64
	gaps := room[:0]
	for i := 1; i < len(h.Sales); i++ {
		if g := h.Sales[i].At - h.Sales[i-1].At; g >= visitMS {
			gaps = append(gaps, g)
		}
	}
	n := len(gaps)
	if n >= gapsForSlow {
		sum := int64(0)
		for _, g := range gaps[n-latest:] {
			sum += g
		}
		r.Slower = min(max(float64(sum)/latest/float64(median(gaps[:n-latest]))-1, -1), 3)
	}
	if n >= gapsForUsual {
		r.UsualGap = median(gaps)
	}
	if n := len(h.Sales); n >= salesForLess {
		before, after := meanAmount(h.Sales[:n-latest]), meanAmount(h.Sales[n-latest:])
		r.Less = min(max(1-after/before, -1), 1)
	}
	return r
}

// median returns the median, of an even number the lower of the middle two. It leaves values unsorted.
func median(values []int64) int64 {
	var room [MaxPurchases]int64
	sorted := append(room[:0], values...)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)/2]
}

// meanAmount of sales, which are above 0.
func meanAmount(sales []Sale) float64 {
	sum := 0.0
	for _, s := range sales {
		sum += float64(s.Amount)
	}
	return sum / float64(len(sales))
}

// Overdue is by how many usual gaps the next purchase is late at an instant, ms: -1 just after a purchase, at most 3; 0
// without a usual gap.
func (h *Purchases) Overdue(usualGap, at int64) float64 {
	if usualGap == 0 || h.Last == Never {
		return 0
	}
	return min(max(float64(at-h.Last)/float64(usualGap)-1, -1), 3)
}
