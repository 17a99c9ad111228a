package pane

import "slices"

// total is the sums of one pane as one partition of one topic saw it.
type total struct {
	key  Key
	mark int64 // the offset up to which the row has absorbed the log, NoMark for none
	sums
	dirty bool
}

// totals are the panes that a partition holds in memory.
type totals struct {
	in    sumsIn
	index map[Key]uint32
	list  []total
	spare []uint32 // places in list that were given back
	dirty []uint32
}

func newTotals(l *Layout) *totals {
	return &totals{in: sumsIn{orders: orders{l: l}}, index: map[Key]uint32{}}
}

func (t *totals) len() int { return len(t.index) }

// find gives the place of a pane that is in memory.
func (t *totals) find(k Key) (uint32, bool) {
	i, ok := t.index[k]
	return i, ok
}

// place finds or makes a pane.
func (t *totals) place(k Key) uint32 {
	if i, ok := t.index[k]; ok {
		return i
	}
	i := uint32(len(t.list))
	if n := len(t.spare); n > 0 {
		i, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		t.list = append(t.list, total{})
	}
	t.list[i] = total{key: k, mark: NoMark}
	t.index[k] = i
	return i
}

func (t *totals) add(i uint32, p *part) {
	to := &t.list[i]
	t.in.add(&to.sums, p)
	if !to.dirty {
		to.dirty = true
		t.dirty = append(t.dirty, i)
	}
}

// end is the nominal end of a pane.
func (k Key) end() Start { return k.Start() + Start(k.Resolution().Seconds()/60) }

// dropBefore lets the panes that ended first go, down to so many, and gives the bound: those that ended before it are
// gone.
func (t *totals) dropBefore(keep int) (bound Start) {
	ends := make([]Start, 0, len(t.index))
	for k := range t.index {
		ends = append(ends, k.end())
	}
	slices.Sort(ends)
	bound = ends[len(ends)-keep]
	for i := range t.list {
		p := &t.list[i]
		if p.key.end() >= bound || p.key == 0 {
			continue
		}
		delete(t.index, p.key)
		t.in.drop(&p.sums)
		*p = total{}
		t.spare = append(t.spare, uint32(i))
	}
	return bound
}
