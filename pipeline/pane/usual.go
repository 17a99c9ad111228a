package pane

import "math/bits"

// usual is which groups many events give. Every sum begins with these: events that answer a little more or less then add
// to it number by number, without a look at each group. It was 30 % of the time that sums take.
type usual struct {
	groups  uint32
	events  int
	sampled [32]int
	known   bool
}

const sampleEach, firstTurn = 16, 1024

// note hears of the groups of an event.
func (u *usual) note(mask uint32) {
	u.events++
	if u.events%sampleEach != 0 {
		return
	}
	for m := mask; m != 0; m &= m - 1 {
		u.sampled[bits.TrailingZeros32(m)]++
	}
	if !u.known && u.events == firstTurn {
		u.turn()
	}
}

// turn takes the groups that an eighth of the events since the last turn gave, and lets those go that are rare by now.
func (u *usual) turn() {
	samples := u.events / sampleEach
	if samples < 8 {
		return
	}
	for g, n := range u.sampled {
		switch {
		case n > samples/8:
			u.groups |= 1 << g
		case n < samples/32:
			u.groups &^= 1 << g
		}
	}
	u.events, u.sampled, u.known = 0, [32]int{}, true
}

// squeeze leaves out groups of which all counters are 0.
func (l *Layout) squeeze(mask uint32, v []int64, scratch *[]int64) (uint32, []int64) {
	kept, at := uint32(0), 0
	for m := mask; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		for _, x := range v[at : at+l.Sizes[g]] {
			if x != 0 {
				kept |= 1 << g
				break
			}
		}
		at += l.Sizes[g]
	}
	if kept == mask {
		return mask, v
	}
	to, at := (*scratch)[:0], 0
	for m := mask; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		if kept>>g&1 == 1 {
			to = append(to, v[at:at+l.Sizes[g]]...)
		}
		at += l.Sizes[g]
	}
	*scratch = to
	return kept, to
}
