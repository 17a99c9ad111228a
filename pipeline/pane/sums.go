package pane

import "math/bits"

// sums are the counters of one pane, or of one part of it: the groups in use, one after another, at a place in a slab.
type sums struct {
	mask uint32
	at   uint32
	hist uint32 // 1 + the place of its histogram, 0 for none
}

// sumsIn is where counters and histograms of many panes live.
type sumsIn struct {
	orders
	slab  slab
	hists []Histogram
	spare []uint32 // places in hists that were given back
}

func (in *sumsIn) values(s *sums) []int64 {
	if s.mask == 0 {
		return nil
	}
	return in.slab.run(s.at, in.of(s.mask).size)
}

func (in *sumsIn) histogram(s *sums) Histogram {
	if s.hist == 0 {
		return nil
	}
	return in.hists[s.hist-1]
}

// part is what is added to a pane: the groups of a mask, one after another.
type part struct {
	mask uint32
	v    []int64
	hist Histogram
}

func (in *sumsIn) add(s *sums, p *part) {
	if p.mask&^s.mask != 0 {
		in.widen(s, s.mask|p.mask)
	}
	switch {
	case len(p.v) == 0:
	case p.mask == s.mask: // as a rule: the events of a series answer the same questions
		to := in.slab.run(s.at, len(p.v))[:len(p.v)] // said twice for the compiler: no check a number
		for i, x := range p.v {
			to[i] += x
		}
	default:
		in.addGroups(s, p)
	}
	if len(p.hist) > 0 {
		in.addHistogram(s, p.hist)
	}
}

func (in *sumsIn) addGroups(s *sums, p *part) {
	places, from := in.of(s.mask), p.v
	to := in.slab.run(s.at, places.size)
	for m := p.mask; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		n := in.l.Sizes[g]
		group, given := to[places.at[g]:][:n], from[:n]
		for i, x := range given {
			group[i] += x
		}
		from = from[n:]
	}
}

func (in *sumsIn) addHistogram(s *sums, hist Histogram) {
	switch n := len(in.spare); {
	case s.hist != 0:
	case n > 0:
		s.hist, in.spare = in.spare[n-1], in.spare[:n-1]
	default:
		in.hists = append(in.hists, nil)
		s.hist = uint32(len(in.hists))
	}
	h := &in.hists[s.hist-1]
	for _, e := range hist {
		h.Add(e.Bucket, e.Count)
	}
}

// widen makes room for more groups.
func (in *sumsIn) widen(s *sums, mask uint32) {
	n := in.of(s.mask).size
	wider := sums{mask: mask, at: in.slab.take(in.of(mask).size), hist: s.hist}
	if n > 0 {
		in.addGroups(&wider, &part{mask: s.mask, v: in.slab.run(s.at, n)})
		in.slab.give(s.at, n)
	}
	*s = wider
}

// drop gives the memory of a pane back.
func (in *sumsIn) drop(s *sums) {
	if n := in.of(s.mask).size; n > 0 {
		in.slab.give(s.at, n)
	}
	if s.hist > 0 {
		in.hists[s.hist-1] = nil
		in.spare = append(in.spare, s.hist)
	}
	*s = sums{}
}

func (in *sumsIn) reset() {
	in.slab.reset()
	clear(in.hists)
	in.hists, in.spare = in.hists[:0], in.spare[:0]
}
