package audit

import (
	"fmt"
	"math/bits"

	"csatflow/pipeline/pane"
)

// weights turn the counters of a pane into one number: each counter times an odd pseudo-random number of its own, added
// up modulo 2^64. So the fingerprints of parts add up to that of the whole, a pane of zeros has the fingerprint of no
// pane, and a change of a single counter always shows, since an odd number has an inverse.
type weights struct {
	layout *pane.Layout
	of     [][]uint64 // by group and index
}

func newWeights(l *pane.Layout) *weights {
	w := &weights{layout: l}
	for g, n := range l.Sizes {
		group := make([]uint64, n)
		for i := range group {
			group[i] = odd(uint64(g+1)<<32 | uint64(i))
		}
		w.of = append(w.of, group)
	}
	return w
}

// odd returns the pseudo-random weight of a counter or bucket.
func odd(n uint64) uint64 { return mix(n+0x9e3779b97f4a7c15) | 1 }

func bucketWeight(b int16) uint64 { return odd(1<<48 | uint64(uint16(b))) }

// fingerprint returns the weighted sum of a stored or computed pane. Counters that do not fit the layout are an error.
func (w *weights) fingerprint(groups uint32, counters []int64, buckets []int16, counts []int64) (uint64, error) {
	var sum uint64
	err := w.each(groups, counters, buckets, counts, func(g, i int, v int64) { sum += w.of[g][i] * uint64(v) }, func(b int16, n int64) { sum += bucketWeight(b) * uint64(n) })
	return sum, err
}

// each calls counter for every counter of the groups, and bucket for every bucket.
func (w *weights) each(groups uint32, counters []int64, buckets []int16, counts []int64, counter func(g, i int, v int64), bucket func(b int16, n int64)) error {
	if len(buckets) != len(counts) {
		return fmt.Errorf("%d buckets with %d counts", len(buckets), len(counts))
	}
	rest := counters
	for m := groups; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		if g >= len(w.of) {
			return fmt.Errorf("group %d of counters is not known to this release", g)
		}
		if len(rest) < len(w.of[g]) {
			return fmt.Errorf("%d counters are too few for the groups %b", len(counters), groups)
		}
		for i, v := range rest[:len(w.of[g])] {
			counter(g, i, v)
		}
		rest = rest[len(w.of[g]):]
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d counters are too many for the groups %b", len(counters), groups)
	}
	for i, b := range buckets {
		bucket(b, counts[i])
	}
	return nil
}
