package pane

import (
	"fmt"
	"math/bits"
	"slices"
)

// Group is a run of counters that an event gives together. A pane holds only the groups that its events gave.
type Group uint8

// Layout lists the groups of one kind of pane: their sizes by Group. At most 32.
type Layout struct {
	Names []string // column names
	Sizes []int
	at    []int // offset of a group in a Delta
	total int
}

// NewLayout lays groups out one after another.
func NewLayout(names []string, sizes []int) *Layout {
	l := &Layout{Names: names, Sizes: sizes}
	for _, n := range sizes {
		l.at = append(l.at, l.total)
		l.total += n
	}
	return l
}

// Delta is a change to the counters of a pane: every group at its fixed place, and a mask of those in use.
type Delta struct {
	l    *Layout
	mask uint32
	v    []int64
}

// NewDelta makes an empty delta.
func (l *Layout) NewDelta() *Delta { return &Delta{l: l, v: make([]int64, l.total)} }

// Group gives the counters of a group to add to, and marks it used.
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

// Counters are the sums of one pane: the groups in use, one after another.
type Counters struct {
	mask uint32
	v    []int64
}

// Add adds a delta.
func (c *Counters) Add(d *Delta) {
	if d.mask&^c.mask != 0 {
		c.widen(d.l, c.mask|d.mask)
	}
	at := 0
	for m := c.mask; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		n := d.l.Sizes[g]
		if d.mask&(1<<g) != 0 {
			from := d.v[d.l.at[g]:][:n]
			to := c.v[at:][:n]
			for i, x := range from {
				to[i] += x
			}
		}
		at += n
	}
}

func (c *Counters) widen(l *Layout, mask uint32) {
	size := 0
	for m := mask; m != 0; m &= m - 1 {
		size += l.Sizes[bits.TrailingZeros32(m)]
	}
	v := make([]int64, 0, size)
	for m := mask; m != 0; m &= m - 1 {
		g := Group(bits.TrailingZeros32(m))
		if old := c.Group(l, g); old != nil {
			v = append(v, old...)
		} else {
			v = v[:len(v)+l.Sizes[g]]
		}
	}
	c.mask, c.v = mask, v
}

// Group gives the counters of a group, nil if the pane has none.
func (c *Counters) Group(l *Layout, g Group) []int64 {
	if c.mask&(1<<g) == 0 {
		return nil
	}
	at := 0
	for m := c.mask & (1<<g - 1); m != 0; m &= m - 1 {
		at += l.Sizes[bits.TrailingZeros32(m)]
	}
	return c.v[at : at+l.Sizes[g]]
}

// Columns gives the counters as tables hold them: a bit set of the groups in use, and their values one after another,
// which stay those of the pane.
func (c *Counters) Columns() (groups uint32, values []int64) { return c.mask, c.v }

// Set puts counters as a table gave them. Groups that this release does not know, or another number of values than the
// groups have, are an error.
func (c *Counters) Set(l *Layout, groups uint32, values []int64) error {
	size := 0
	for m := groups; m != 0; m &= m - 1 {
		g := bits.TrailingZeros32(m)
		if g >= len(l.Sizes) {
			return fmt.Errorf("group %d of counters is not known to this release", g)
		}
		size += l.Sizes[g]
	}
	if size != len(values) {
		return fmt.Errorf("%d counters, where the groups have %d", len(values), size)
	}
	c.mask, c.v = groups, slices.Clone(values)
	return nil
}

// merge adds the counters of another pane.
func (c *Counters) merge(l *Layout, o *Counters) {
	c.widen(l, c.mask|o.mask)
	for m := o.mask; m != 0; m &= m - 1 {
		g := Group(bits.TrailingZeros32(m))
		to := c.Group(l, g)
		for i, x := range o.Group(l, g) {
			to[i] += x
		}
	}
}
