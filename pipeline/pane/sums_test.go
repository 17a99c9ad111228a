package pane

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSumsOfAnySizeAreExact adds many parts to few sums, and sums to sums, with counters up to the limits of 16 bits,
// positive and negative, and beyond.
func TestSumsOfAnySizeAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom([]*Layout{Satisfaction, Recovery}).Draw(t, "layout")
		in := &sumsIn{orders: orders{l: l}}
		d := l.NewDelta()
		var list [3]sums
		plain := make([]map[Group][]int64, len(list))
		for i := range plain {
			plain[i] = map[Group][]int64{}
		}
		add := func(to int, from map[Group][]int64) {
			for g, values := range from {
				if plain[to][g] == nil {
					plain[to][g] = make([]int64, len(values))
				}
				for i, v := range values {
					plain[to][g][i] += v
				}
			}
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			to := rapid.IntRange(0, len(list)-1).Draw(t, "to")
			if rapid.IntRange(0, 4).Draw(t, "what") == 0 {
				from := (to + 1) % len(list)
				p := in.part(&list[from])
				in.add(&list[to], new(p.clone()))
				add(to, plain[from])
				continue
			}
			d.Reset()
			given := map[Group][]int64{}
			for _, g := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(l.Sizes)-1), 1, 4, rapid.ID[int]).Draw(t, "groups") {
				v := rapid.SampledFrom([]int64{-1, 1, -49, 49, -1 << 13, 1<<13 - 1, narrowPeak, -narrowPeak, widePeak, -widePeak, 1 << 40}).Draw(t, "value")
				values, other := d.Group(Group(g)), rapid.SampledFrom([]int64{-1, 0, 1}).Draw(t, "every other")
				for i := range values {
					values[i] = v
					if i%2 == 1 {
						values[i] *= other
					}
				}
				given[Group(g)] = slices.Clone(values)
			}
			var p part
			d.pack(&p)
			for range rapid.SampledFrom([]int{1, 2, 3, 700, 40_000}).Draw(t, "times") {
				in.add(&list[to], &p)
				add(to, given)
			}
		}
		for i := range list {
			groups, err := l.Split(list[i].mask, in.appendValues(nil, &list[i]))
			if err != nil {
				t.Fatal(err)
			}
			if n := bits.OnesCount32(list[i].mask); n != len(plain[i]) {
				t.Fatalf("%d groups, want %d", n, len(plain[i]))
			}
			for g, want := range plain[i] {
				if !slices.Equal(groups[g], want) {
					t.Fatalf("%s are %v, want %v", l.Names[g], groups[g], want)
				}
			}
		}
	})
}
