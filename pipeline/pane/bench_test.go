package pane_test

import (
	"testing"

	"csatflow/pipeline/pane"
)

// benchEvents is the number of events before a flush; each goes to 9 series, as in a chain of 500 stores and 5,000 employees.
const benchEvents = 20_000

func benchSeries(i int) []pane.SeriesRef {
	ref := func(first, n, step int) pane.SeriesRef { return pane.SeriesRef(first + i*step%n) }
	return []pane.SeriesRef{1, ref(2, 5, 3), ref(10, 500, 37), ref(600, 4, 1), ref(610, 5, 7), ref(1000, 5000, 1237), ref(700, 8, 3), ref(720, 3, 1), pane.NoSeries}
}

// BenchmarkPanes adds the answers of events to panes, and makes the rows of a flush.
func BenchmarkPanes(b *testing.B) {
	d := pane.Satisfaction.NewDelta()
	d.Group(pane.Grades)[5]++
	for i, g := range []pane.Group{pane.Disconfirm, pane.PerformanceFit, pane.Rater, pane.RecommendCounts, pane.ExpectationTally} {
		for j := range d.Group(g) {
			d.Group(g)[j] += int64(i + j)
		}
	}
	set := pane.NewSet(pane.Satisfaction, ofMinutes, 60_000)
	offset, rows := int64(0), 0
	b.ReportAllocs()
	for b.Loop() {
		for i := range benchEvents {
			minute := pane.Start(29_000_000 + offset/2000)
			set.Add(offset, benchSeries(i), [pane.Resolutions]pane.Start{minute, minute - minute%60, minute - minute%1440}, pane.Change{Delta: d})
			offset++
		}
		if set.Waits() {
			set.Settle()
		}
		if set.Merge() != pane.NoMark {
			b.Fatal("a row has absorbed a part of a sum")
		}
		set.Flush(offset-1, func(*pane.Pane) { rows++ })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(offset), "ns/event")
	b.ReportMetric(float64(rows)/float64(offset), "rows/event")
}
