package pane

import "slices"

// part is what is added to a pane: the groups of a mask, one after another. Each group begins a word of four counters of
// 16 bits, for the counters of most panes are small: they take a quarter of the memory, and are added four at a time.
// Where a counter may need more, each takes a word of its own, four words where there was one.
//
// The four of a word are the digits of a number with the base 2^16, from the least. Digits may be negative: as long as
// none is beyond narrowPeak either way, sums of such numbers are the numbers of the sums.
type part struct {
	mask uint32
	peak uint32 // no counter is beyond it either way; above narrowPeak the run is wide
	run  []uint64
	hist Histogram
}

const (
	perWord    = 4
	narrowPeak = 1<<15 - 1
	widePeak   = narrowPeak + 1
)

// words is how many words a group of so many counters takes.
func words(counters int) int { return (counters + perWord - 1) / perWord }

func (p *part) begin(mask uint32) {
	p.mask, p.peak, p.run, p.hist = mask, 0, p.run[:0], nil
}

// append adds a group. From the first that has a counter beyond narrowPeak on, the run is wide.
func (p *part) append(group []int64) {
	if p.peak > narrowPeak {
		p.appendWide(group)
		return
	}
	before, rest := len(p.run), group
	var beyond uint64 // has every bit that the size of one of them has
	for ; len(rest) >= perWord; rest = rest[perWord:] {
		a, b, c, d := rest[0], rest[1], rest[2], rest[3]
		beyond |= uint64(a^a>>63) | uint64(b^b>>63) | uint64(c^c>>63) | uint64(d^d>>63)
		p.run = append(p.run, uint64(a+b<<16+c<<32+d<<48))
	}
	if len(rest) > 0 {
		var w int64
		for i, a := range rest {
			beyond |= uint64(a ^ a>>63)
			w += a << (16 * i)
		}
		p.run = append(p.run, uint64(w))
	}
	p.peak = max(p.peak, uint32(min(beyond+1, widePeak))) // -1 ^ -1>>63 is 0
	if p.peak > narrowPeak {
		narrow := slices.Clone(p.run[:before])
		p.run = p.run[:0]
		for _, w := range narrow {
			d := digits(w)
			p.appendWide(d[:])
		}
		p.appendWide(group)
	}
}

func (p *part) appendWide(group []int64) {
	for i := range words(len(group)) * perWord {
		x := int64(0)
		if i < len(group) {
			x = group[i]
		}
		p.run = append(p.run, uint64(x))
	}
}

// digits takes a word apart.
func digits(w uint64) (d [perWord]int64) {
	for i := range d {
		d[i] = int64(int16(w))
		w = uint64(int64(w-uint64(d[i])) >> 16)
	}
	return d
}

func (p *part) clone() part {
	return part{p.mask, p.peak, slices.Clone(p.run), slices.Clone(p.hist)}
}
