package audit

import (
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/pane"
)

// drawnPane is a pane's columns with some groups.
type drawnPane struct {
	groups   uint32
	counters []int64
	buckets  []int16
	counts   []int64
}

func drawPane(t *rapid.T, l *pane.Layout) (p drawnPane) {
	for g, n := range l.Sizes {
		if !rapid.Bool().Draw(t, "group") {
			continue
		}
		p.groups |= 1 << g
		for range n {
			p.counters = append(p.counters, rapid.Int64().Draw(t, "counter"))
		}
	}
	for _, b := range rapid.SliceOfNDistinct(rapid.Int16Range(-1, 900), 0, 5, rapid.ID).Draw(t, "buckets") {
		p.buckets, p.counts = append(p.buckets, b), append(p.counts, rapid.Int64().Draw(t, "count"))
	}
	return p
}

func (p *drawnPane) fingerprint(t *rapid.T, w *weights) uint64 {
	fp, err := w.fingerprint(p.groups, p.counters, p.buckets, p.counts)
	if err != nil {
		t.Fatal(err)
	}
	return fp
}

// values returns a pane by the names of its counters, without zeros.
func (p *drawnPane) values(t *rapid.T, w *weights) map[string]int64 {
	m := map[string]int64{}
	err := w.each(p.groups, p.counters, p.buckets, p.counts,
		func(g, i int, v int64) { m[counterName(w.layout.Names[g], i)] += v },
		func(b int16, n int64) { m[counterName("buckets", int(b))] += n })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFingerprintsOfPartsAddUpToThatOfTheWhole(t *testing.T) {
	for _, l := range []*pane.Layout{pane.Satisfaction, pane.Recovery} {
		w := newWeights(l)
		rapid.Check(t, func(t *rapid.T) {
			sum, total := uint64(0), map[string]int64{}
			for range rapid.IntRange(1, 5).Draw(t, "parts") {
				p := drawPane(t, l)
				sum += p.fingerprint(t, w)
				for name, v := range p.values(t, w) {
					total[name] += v
				}
			}
			var whole drawnPane
			for g, n := range l.Sizes {
				whole.groups |= 1 << g
				for i := range n {
					whole.counters = append(whole.counters, total[counterName(l.Names[g], i)])
				}
			}
			for b := int16(-1); b <= 900; b++ {
				if n := total[counterName("buckets", int(b))]; n != 0 {
					whole.buckets, whole.counts = append(whole.buckets, b), append(whole.counts, n)
				}
			}
			if fp := whole.fingerprint(t, w); fp != sum {
				t.Fatalf("the parts add up to %x, the whole has %x", sum, fp)
			}
		})
	}
}

func TestAnySingleChangedCounterChangesTheFingerprint(t *testing.T) {
	for _, l := range []*pane.Layout{pane.Satisfaction, pane.Recovery} {
		w := newWeights(l)
		rapid.Check(t, func(t *rapid.T) {
			p := drawPane(t, l)
			before := p.fingerprint(t, w)
			change := rapid.Int64().Filter(func(d int64) bool { return d != 0 }).Draw(t, "change")
			n := len(p.counters) + len(p.counts)
			if n == 0 {
				t.Skip("a pane without counters")
			}
			if i := rapid.IntRange(0, n-1).Draw(t, "which"); i < len(p.counters) {
				p.counters[i] += change
			} else {
				p.counts[i-len(p.counters)] += change
			}
			if p.fingerprint(t, w) == before {
				t.Fatal("the fingerprint is the same")
			}
		})
	}
}

func TestAPaneOfZerosIsAsNone(t *testing.T) {
	w := newWeights(pane.Recovery)
	fp, err := w.fingerprint(1|1<<2, make([]int64, 6), []int16{7}, []int64{0})
	if fp != 0 || err != nil {
		t.Errorf("%x, %v", fp, err)
	}
}

func TestCountersThatAreNotOfTheLayoutAreAnError(t *testing.T) {
	w := newWeights(pane.Recovery)
	for what, p := range map[string]drawnPane{
		"too few":        {1, make([]int64, 3), nil, nil},
		"too many":       {1, make([]int64, 5), nil, nil},
		"unknown group":  {1 << 30, make([]int64, 4), nil, nil},
		"uneven buckets": {0, nil, []int16{1}, nil},
	} {
		if _, err := w.fingerprint(p.groups, p.counters, p.buckets, p.counts); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
