package pane

import (
	"slices"

	"github.com/DataDog/sketches-go/ddsketch/mapping"
)

// HistogramAccuracy is the relative error of a quantile read from a histogram.
const HistogramAccuracy = 0.01

// buckets is DDSketch's logarithmic mapping (Masson, Rim, Lee: "DDSketch", VLDB 2019): bucket i holds the values in
// [γ^i, γ^(i+1)) with γ = (1 + a) / (1 - a); γ^i·(1 + a) is within a of each of them.
var buckets = func() *mapping.LogarithmicMapping {
	m, err := mapping.NewLogarithmicMapping(HistogramAccuracy)
	if err != nil {
		panic(err) // the accuracy is a constant
	}
	return m
}()

// ZeroBucket holds durations under one second.
const ZeroBucket = int16(-1)

// BucketOf returns the bucket of a duration in whole seconds.
func BucketOf(seconds int64) int16 {
	if seconds < 1 {
		return ZeroBucket
	}
	return int16(buckets.Index(float64(seconds)))
}

// BucketValue returns the duration, in seconds, that stands for all in a bucket.
func BucketValue(bucket int16) float64 {
	if bucket == ZeroBucket {
		return 0
	}
	return buckets.Value(int(bucket))
}

// BucketCount is one entry of a histogram.
type BucketCount struct {
	Bucket int16
	Count  int64
}

// Histogram is a sparse histogram in order of buckets, without empty ones.
type Histogram []BucketCount

// Add adds n (perhaps negative) to a bucket.
func (h *Histogram) Add(bucket int16, n int64) {
	i, found := slices.BinarySearchFunc(*h, bucket, func(e BucketCount, b int16) int { return int(e.Bucket) - int(b) })
	if !found {
		*h = slices.Insert(*h, i, BucketCount{bucket, n})
		return
	}
	if (*h)[i].Count += n; (*h)[i].Count == 0 {
		*h = slices.Delete(*h, i, i+1)
	}
}

// Columns returns buckets and counts as two columns, as tables hold them.
func (h Histogram) Columns() (buckets []int16, counts []int64) {
	buckets, counts = make([]int16, len(h)), make([]int64, len(h))
	for i, e := range h {
		buckets[i], counts[i] = e.Bucket, e.Count
	}
	return buckets, counts
}
