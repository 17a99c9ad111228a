package pane

import "math/bits"

// sums are the counters of one pane or cell, as a run of a slab; see [part] for their form.
type sums struct {
	mask uint32
	peak uint32
	at   uint32
	hist uint32 // 1 + index of its histogram, 0 for none
}

// sumsIn is the memory of the counters and histograms of many panes.
type sumsIn struct {
	orders
	slab  slab
	hists []Histogram
	spare []uint32 // free indices of hists
}

func (s *sums) wide() bool { return s.peak > narrowPeak }

// size is how many words a run of these groups takes.
func (in *sumsIn) size(mask uint32, wide bool) int {
	n := in.of(mask).size
	if wide {
		n *= perWord
	}
	return n
}

func (in *sumsIn) run(s *sums) []uint64 { return in.slab.run(s.at, in.size(s.mask, s.wide())) }

// part returns the sums as a part, valid until they change.
func (in *sumsIn) part(s *sums) part {
	p := part{mask: s.mask, peak: s.peak, hist: in.histogram(s)}
	if s.mask != 0 {
		p.run = in.run(s)
	}
	return p
}

// appendValues appends the counters, group after group.
func (in *sumsIn) appendValues(to []int64, s *sums) []int64 {
	if s.mask == 0 {
		return to
	}
	run, wide := in.run(s), s.wide()
	for m := s.mask; m != 0; m &= m - 1 {
		for n := in.l.Sizes[bits.TrailingZeros32(m)]; n > 0; n -= perWord {
			var d [perWord]int64
			if wide {
				for i, w := range run[:perWord] {
					d[i] = int64(w)
				}
				run = run[perWord:]
			} else {
				d, run = digits(run[0]), run[1:]
			}
			to = append(to, d[:min(n, perWord)]...)
		}
	}
	return to
}

func (in *sumsIn) histogram(s *sums) Histogram {
	if s.hist == 0 {
		return nil
	}
	return in.hists[s.hist-1]
}

func (in *sumsIn) add(s *sums, p *part) {
	switch peak := s.peak + p.peak; {
	case len(p.run) == 0:
	case s.mask == 0:
		s.mask, s.peak, s.at = p.mask, p.peak, in.slab.take(len(p.run))
		copy(in.slab.run(s.at, len(p.run)), p.run)
	default:
		in.fit(s, s.mask|p.mask, peak > narrowPeak)
		if p.mask == s.mask && !s.wide() { // usual: the events of a series answer the same questions
			to := in.slab.run(s.at, len(p.run))[:len(p.run)] // the second slice spares a bounds check for each word
			for i, x := range p.run {
				to[i] += x
			}
		} else {
			in.addGroups(in.run(s), s, p)
		}
		if !s.wide() {
			s.peak = peak
		}
	}
	if len(p.hist) > 0 {
		in.addHistogram(s, p.hist)
	}
}

// addGroups adds a part of the same width, or a narrower one, group by group.
func (in *sumsIn) addGroups(to []uint64, s *sums, p *part) {
	places, from := in.of(s.mask), p.run
	each := 1 // words of to a word of the order
	if s.wide() {
		each = perWord
	}
	for m := p.mask; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		n := words(in.l.Sizes[g])
		group := to[int(places.at[g])*each:][:n*each]
		if s.wide() && p.peak <= narrowPeak {
			for i, w := range from[:n] {
				for j, x := range digits(w) {
					group[perWord*i+j] += uint64(x)
				}
			}
			from = from[n:]
			continue
		}
		for i, x := range from[:n*each] {
			group[i] += x
		}
		from = from[n*each:]
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

// fit makes room for these groups, and for wide counters if asked.
func (in *sumsIn) fit(s *sums, mask uint32, wide bool) {
	if mask == s.mask && (s.wide() || !wide) {
		return
	}
	old := in.part(s)
	fitted := sums{mask: mask, peak: s.peak, hist: s.hist}
	if wide {
		fitted.peak = widePeak
	}
	n := in.size(mask, fitted.wide())
	fitted.at = in.slab.take(n)
	to := in.slab.run(fitted.at, n)
	clear(to)
	in.addGroups(to, &fitted, &old)
	in.slab.give(s.at, len(old.run))
	*s = fitted
}

// drop frees the memory of a pane.
func (in *sumsIn) drop(s *sums) {
	if s.mask != 0 {
		in.slab.give(s.at, len(in.run(s)))
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
