package pane_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/pane"
)

// drawDelta fills some groups of a layout; a plain map keeps the same.
func drawDelta(t *rapid.T, l *pane.Layout) (*pane.Delta, map[int][]int64) {
	d, plain := l.NewDelta(), map[int][]int64{}
	for _, g := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(l.Sizes)-1), 0, 5, rapid.ID[int]).Draw(t, "groups") {
		plain[g] = rapid.SliceOfN(rapid.Int64Range(-1000, 1000), l.Sizes[g], l.Sizes[g]).Draw(t, "values")
		copy(d.Group(pane.Group(g)), plain[g])
	}
	return d, plain
}

func layouts() *rapid.Generator[*pane.Layout] {
	return rapid.SampledFrom([]*pane.Layout{pane.Satisfaction, pane.Recovery})
}

// total adds panes the way a view does: by group, from their columns.
func total(t *rapid.T, l *pane.Layout, panes ...*pane.Counters) map[int][]int64 {
	sums := map[int][]int64{}
	for _, c := range panes {
		groups, values := c.Columns()
		for g, n := range l.Sizes {
			if groups>>g&1 == 0 {
				continue
			}
			if sums[g] == nil {
				sums[g] = make([]int64, n)
			}
			for i, v := range values[:n] {
				sums[g][i] += v
			}
			values = values[n:]
		}
		if len(values) != 0 {
			t.Fatalf("%d values are in no group", len(values))
		}
	}
	return sums
}

func TestCountersAddExactlyInAnyOrderAndSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := layouts().Draw(t, "layout")
		n := rapid.IntRange(0, 12).Draw(t, "deltas")
		deltas, want := make([]*pane.Delta, n), map[int][]int64{}
		for i := range deltas {
			var plain map[int][]int64
			deltas[i], plain = drawDelta(t, l)
			for g, values := range plain {
				if want[g] == nil {
					want[g] = make([]int64, len(values))
				}
				for j, v := range values {
					want[g][j] += v
				}
			}
		}
		parts := make([]*pane.Counters, rapid.IntRange(1, 4).Draw(t, "parts"))
		for i := range parts {
			parts[i] = &pane.Counters{}
		}
		var whole pane.Counters
		for _, i := range rapid.Permutation(indices(n)).Draw(t, "order") {
			parts[rapid.IntRange(0, len(parts)-1).Draw(t, "part")].Add(deltas[i])
			whole.Add(deltas[i])
		}
		for _, got := range []map[int][]int64{total(t, l, parts...), total(t, l, &whole)} {
			if len(got) != len(want) {
				t.Fatalf("%d groups, want %d", len(got), len(want))
			}
			for g := range want {
				if !slices.Equal(got[g], want[g]) {
					t.Fatalf("group %s: %v, want %v", l.Names[g], got[g], want[g])
				}
			}
		}
		for g := range l.Sizes {
			if !slices.Equal(whole.Group(l, pane.Group(g)), want[g]) {
				t.Fatalf("group %s by Group: %v, want %v", l.Names[g], whole.Group(l, pane.Group(g)), want[g])
			}
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestColumnsComeBackBySet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := layouts().Draw(t, "layout")
		var c, back pane.Counters
		d, _ := drawDelta(t, l)
		c.Add(d)
		groups, values := c.Columns()
		if err := back.Set(l, groups, values); err != nil {
			t.Fatal(err)
		}
		c.Add(d) // what was read back is a copy
		c.Add(d)
		back.Add(d)
		back.Add(d)
		g1, v1 := c.Columns()
		g2, v2 := back.Columns()
		if g1 != g2 || !slices.Equal(v1, v2) {
			t.Fatalf("%b %v, want %b %v", g2, v2, g1, v1)
		}
	})
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
		kept := pane.Counters{}
		if err := kept.Set(pane.Recovery, c.groups, make([]int64, c.n)); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("groups %b with %d values: %v", c.groups, c.n, err)
		}
		if groups, values := kept.Columns(); groups != 0 || values != nil {
			t.Errorf("groups %b with %d values changed the counters", c.groups, c.n)
		}
	}
}

func TestAResetDeltaIsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := layouts().Draw(t, "layout")
		d, _ := drawDelta(t, l)
		d.Reset()
		var c pane.Counters
		c.Add(d)
		if groups, _ := c.Columns(); groups != 0 {
			t.Fatalf("groups %b", groups)
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
