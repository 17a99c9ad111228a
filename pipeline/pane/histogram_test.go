package pane_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/pane"
)

func TestABucketStandsForItsDurationsWithinOnePercent(t *testing.T) {
	check := func(seconds int64) {
		if got := pane.BucketValue(pane.BucketOf(seconds)); math.Abs(got-float64(seconds)) > pane.HistogramAccuracy*float64(seconds)*(1+1e-9) {
			t.Errorf("%d s stand as %v", seconds, got)
		}
	}
	for s := int64(1); s <= 1_000_000_000; s += 1 + s/1000 {
		check(s)
	}
	check(1_000_000_000)
	for _, s := range []int64{0, -1} {
		if b := pane.BucketOf(s); b != pane.ZeroBucket || pane.BucketValue(b) != 0 {
			t.Errorf("%d s: bucket %d", s, b)
		}
	}
	if pane.BucketOf(1) == pane.ZeroBucket {
		t.Error("one second is in the bucket of those under a second")
	}
}

func TestBucketsAreInTheOrderOfDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(0, 1e9).Draw(t, "a"), rapid.Int64Range(0, 1e9).Draw(t, "b")
		if a <= b && pane.BucketOf(a) > pane.BucketOf(b) {
			t.Fatalf("%d s are in bucket %d, %d s in %d", a, pane.BucketOf(a), b, pane.BucketOf(b))
		}
	})
}

func TestAHistogramIsSortedWithoutEmptyBucketsAndNegativeCountsCancel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entry := rapid.Custom(func(t *rapid.T) pane.BucketCount {
			n := rapid.Int64Range(-3, 3).Filter(func(n int64) bool { return n != 0 }).Draw(t, "n")
			return pane.BucketCount{Bucket: rapid.Int16Range(-1, 8).Draw(t, "bucket"), Count: n}
		})
		entries := rapid.SliceOf(entry).Draw(t, "entries")
		var h pane.Histogram
		want := map[int16]int64{}
		for _, e := range entries {
			h.Add(e.Bucket, e.Count)
			want[e.Bucket] += e.Count
		}
		buckets, counts := h.Columns()
		if !slices.IsSorted(buckets) || len(slices.Compact(slices.Clone(buckets))) != len(buckets) {
			t.Fatalf("buckets %v", buckets)
		}
		for i, b := range buckets {
			if counts[i] != want[b] || counts[i] == 0 {
				t.Fatalf("bucket %d: %d, want %d", b, counts[i], want[b])
			}
			delete(want, b)
		}
		for b, n := range want {
			if n != 0 {
				t.Fatalf("bucket %d is missing: %d", b, n)
			}
		}
		for _, e := range entries {
			h.Add(e.Bucket, -e.Count)
		}
		if len(h) != 0 {
			t.Fatalf("%v is left", h)
		}
	})
}
