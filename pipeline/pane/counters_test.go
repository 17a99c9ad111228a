package pane_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/pane"
)

// drawDelta fills some groups of a layout, and a plain map with the same.
func drawDelta(t *rapid.T, l *pane.Layout) (*pane.Delta, map[int][]int64) {
	d, plain := l.NewDelta(), map[int][]int64{}
	for _, g := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(l.Sizes)-1), 0, 5, rapid.ID[int]).Draw(t, "groups") {
		most := rapid.SampledFrom([]int64{7, 1000, 1<<15 - 2, 1<<15 - 1, 1 << 15, 1 << 40}).Draw(t, "most") // around the limits of 16 bits
		plain[g] = rapid.SliceOfN(rapid.Int64Range(-most, most), l.Sizes[g], l.Sizes[g]).Draw(t, "values")
		copy(d.Group(pane.Group(g)), plain[g])
	}
	return d, plain
}

func layouts() *rapid.Generator[*pane.Layout] {
	return rapid.SampledFrom([]*pane.Layout{pane.Satisfaction, pane.Recovery})
}

func TestCountersThatDoNotFitTheLayoutAreRefused(t *testing.T) {
	for _, c := range []struct {
		groups uint32
		n      int
		reason string
	}{
		{1 << 31, 0, "group 31"},
		{1 << 6, 4, "group 6"},
		{1, 3, "3 counters"},
		{1, 5, "5 counters"},
		{0, 1, "1 counters"},
		{3, 4, "have 6"},
	} {
		set := pane.NewSet(pane.Recovery, ofMinutes, 10)
		err := set.Load(&pane.Pane{Key: pane.NewKey(1, pane.Day, 0), Groups: c.groups, Counters: make([]int64, c.n)})
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("groups %b with %d values: %v", c.groups, c.n, err)
		}
		if set.Len() != 0 {
			t.Errorf("groups %b with %d values made a pane", c.groups, c.n)
		}
	}
}

func TestAResetDeltaIsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := layouts().Draw(t, "layout")
		d, _ := drawDelta(t, l)
		d.Reset()
		set := pane.NewSet(l, ofMinutes, 10)
		set.AddToDay(0, 1, 0, pane.Change{Delta: d})
		for _, p := range flushed(set, 0) {
			if p.Groups != 0 {
				t.Fatalf("groups %b", p.Groups)
			}
		}
		for g := range l.Sizes {
			if slices.ContainsFunc(d.Group(pane.Group(g)), func(v int64) bool { return v != 0 }) {
				t.Fatalf("group %s is not zero", l.Names[g])
			}
		}
	})
}

func TestEveryLayoutNamesItsGroups(t *testing.T) {
	for _, l := range []*pane.Layout{pane.Satisfaction, pane.Recovery} {
		if len(l.Names) != len(l.Sizes) || len(l.Sizes) > 32 {
			t.Errorf("%d names, %d sizes", len(l.Names), len(l.Sizes))
		}
	}
}
