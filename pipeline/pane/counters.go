package pane

import (
	"fmt"
	"math/bits"
)

// Group is a run of counters that an event changes together. A pane holds only the groups that its events changed.
type Group uint8

// Layout lists the groups of one kind of pane, at most 32, with their sizes.
type Layout struct {
	Names []string // column names
	Sizes []int
	at    []int // offset of a group in a Delta
	total int
}

// order is where each group of a mask begins, in words, when the groups stand one after another (see [part]).
type order struct {
	mask uint32
	at   [32]uint16
	size int
}

// orders caches the orders of the masks last used.
type orders struct {
	l    *Layout
	list [64]order
}

func (o *orders) of(mask uint32) *order {
	found := &o.list[mask*0x9e3779b1>>26]
	if found.mask != mask {
		*found = order{mask: mask}
		for m := mask; m != 0; m &= m - 1 {
			g := bits.TrailingZeros32(m)
			found.at[g] = uint16(found.size)
			found.size += words(o.l.Sizes[g])
		}
	}
	return found
}

// NewLayout returns a layout of these groups, one after another.
func NewLayout(names []string, sizes []int) *Layout {
	l := &Layout{Names: names, Sizes: sizes}
	for _, n := range sizes {
		l.at = append(l.at, l.total)
		l.total += n
	}
	return l
}

// size is the number of counters of a mask's groups.
func (l *Layout) size(mask uint32) (n int) {
	for m := mask; m != 0; m &= m - 1 {
		n += l.Sizes[bits.TrailingZeros32(m)]
	}
	return n
}

// Split divides a table's counters by group, nil for groups that are not in use. An unknown group, or a wrong number
// of counters, is an error.
func (l *Layout) Split(groups uint32, counters []int64) ([][]int64, error) {
	if g := bits.Len32(groups) - 1; g >= len(l.Sizes) {
		return nil, fmt.Errorf("group %d of counters is not known to this release", g)
	}
	if n := l.size(groups); n != len(counters) {
		return nil, fmt.Errorf("%d counters, where the groups have %d", len(counters), n)
	}
	by := make([][]int64, len(l.Sizes))
	for m := groups; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		by[g], counters = counters[:l.Sizes[g]], counters[l.Sizes[g]:]
	}
	return by, nil
}

// Delta is a change to the counters of a pane: every group at its fixed offset, and a mask of those in use.
type Delta struct {
	l    *Layout
	mask uint32
	v    []int64
}

// NewDelta makes an empty delta.
func (l *Layout) NewDelta() *Delta { return &Delta{l: l, v: make([]int64, l.total)} }

// Group returns the counters of a group to add to, and marks it used.
func (d *Delta) Group(g Group) []int64 {
	d.mask |= 1 << g
	at := d.l.at[g]
	return d.v[at : at+d.l.Sizes[g]]
}

// Reset empties the delta.
func (d *Delta) Reset() {
	for m := d.mask; m != 0; m &= m - 1 {
		clear(d.Group(Group(bits.TrailingZeros32(m))))
	}
	d.mask = 0
}

// pack converts the delta to a part.
func (d *Delta) pack(into *part) {
	into.begin(d.mask)
	for m := d.mask; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		at := d.l.at[g]
		into.append(d.v[at : at+d.l.Sizes[g]])
	}
}
