package pane

import (
	"maps"
	"slices"

	"csatflow/pipeline/index"
)

// total is the sums of one pane as one partition of one topic saw it.
type total struct {
	key  Key
	mark int64 // absorbed offset, NoMark for none
	sums
	dirty bool
}

// totals are the panes that a partition holds in memory.
type totals struct {
	in    sumsIn
	index index.Index
	list  []total
	spare []uint32 // free indices of list
	dirty []uint32
}

func newTotals(l *Layout) *totals {
	return &totals{in: sumsIn{orders: orders{l: l}}}
}

func (t *totals) len() int { return len(t.list) - len(t.spare) }

func (k Key) hash() uint32 {
	h := uint64(k) * 0x9e3779b97f4a7c15
	return uint32(h>>32 ^ h>>48)
}

// find returns the index of a pane in memory.
func (t *totals) find(k Key) (uint32, bool) {
	return t.index.Find(k.hash(), func(i uint32) bool { return t.list[i].key == k })
}

// slot returns the index of a pane, which it makes if there is none.
func (t *totals) slot(k Key) uint32 {
	if i, found := t.find(k); found {
		return i
	}
	i := uint32(len(t.list))
	if n := len(t.spare); n > 0 {
		i, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		t.list = append(t.list, total{})
	}
	t.list[i] = total{key: k, mark: NoMark}
	t.index.Add(k.hash(), i)
	return i
}

// reindex rebuilds the index from the list.
func (t *totals) reindex() {
	t.index.Shrink(t.len())
	for i := range t.list {
		if k := t.list[i].key; k != 0 {
			t.index.Add(k.hash(), uint32(i))
		}
	}
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

// dropBefore drops the panes that ended first until about keep are left. It returns the bound: panes that ended before
// it are gone.
func (t *totals) dropBefore(keep int) (bound Start) {
	at := map[Start]int{} // panes by end: there are few different ends
	for i := range t.list {
		if k := t.list[i].key; k != 0 {
			at[k.end()]++
		}
	}
	ends := slices.Sorted(maps.Keys(at))
	for kept := 0; kept < keep && len(ends) > 0; ends = ends[:len(ends)-1] {
		bound = ends[len(ends)-1]
		kept += at[bound]
	}
	for i := range t.list {
		p := &t.list[i]
		if p.key == 0 || p.key.end() >= bound {
			continue
		}
		t.in.drop(&p.sums)
		*p = total{}
		t.spare = append(t.spare, uint32(i))
	}
	t.reindex()
	return bound
}
