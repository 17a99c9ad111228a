package pane

import "slices"

// part is what is added to a pane: the groups of a mask, one after another. Most counters are small, so a part is
// narrow: four counters of 16 bits share a word, which takes a quarter of the memory and adds four at a time; each group
// begins a new word. In a wide part, every counter has a word of its own.
//
// The four counters of a word are the digits of a number to the base 2^16, the lowest first. Digits may be negative:
// as long as none is beyond ±narrowPeak, adding words adds their digits.
type part struct {
	mask uint32
	peak uint32 // no counter is beyond ±peak; above narrowPeak the run is wide
	run  []uint64
	hist Histogram
}

const (
	perWord    = 4
	narrowPeak = 1<<15 - 1
	widePeak   = narrowPeak + 1
)

// words is how many words a group of this many counters takes.
func words(counters int) int { return (counters + perWord - 1) / perWord }

func (p *part) begin(mask uint32) {
	p.mask, p.peak, p.run, p.hist = mask, 0, p.run[:0], nil
}

// append adds a group. The run becomes wide with the first counter beyond narrowPeak.
func (p *part) append(group []int64) {
	if p.peak > narrowPeak {
		p.appendWide(group)
		return
	}
	before, rest := len(p.run), group
	var beyond uint64 // the OR of the counters' sizes
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

// digits returns the four counters of a word.
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
