// Package index finds an item's slot in a list by the hash of its key: open addressing with linear probing. Keys stay in the
// list, so that an entry takes 8 bytes and growing touches no key. Start at [Index.Find].
package index

import "math"

// Index holds slots of a list by hash. The zero value is ready; one goroutine uses it.
type Index struct {
	entries []entry // a power of 2
	used    int
}

// entry is a hash and 1 + the slot; 0 is none. Most probes need only the hash.
type entry struct{ hash, slot uint32 }

const least = 1 << 8

// Len is the number of slots that the index holds.
func (x *Index) Len() int { return x.used }

// Find returns the slot that has this hash and for which same returns true.
func (x *Index) Find(hash uint32, same func(slot uint32) bool) (slot uint32, found bool) {
	if x.used == 0 {
		return 0, false
	}
	mask := uint32(len(x.entries) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		e := x.entries[at&mask]
		if e.slot == 0 {
			return 0, false
		}
		if e.hash == hash && same(e.slot-1) {
			return e.slot - 1, true
		}
	}
}

// Add adds a slot that the index does not hold yet.
func (x *Index) Add(hash, slot uint32) {
	if x.used >= len(x.entries)/4*3 {
		x.grow()
	}
	x.put(entry{hash, slot + 1})
	x.used++
}

func (x *Index) put(e entry) {
	mask := uint32(len(x.entries) - 1)
	at := e.hash & mask
	for x.entries[at].slot != 0 {
		at = (at + 1) & mask
	}
	x.entries[at] = e
}

func (x *Index) grow() {
	if len(x.entries) > math.MaxInt32 {
		panic("an index cannot hold more slots")
	}
	old := x.entries
	x.entries = make([]entry, max(least, 2*len(old)))
	for _, e := range old {
		if e.slot != 0 {
			x.put(e)
		}
	}
}

// Reset forgets all slots and keeps the memory.
func (x *Index) Reset() {
	clear(x.entries)
	x.used = 0
}

// Shrink forgets all slots, and frees memory beyond what this many need.
func (x *Index) Shrink(slots int) {
	n := least
	for n/4*3 <= slots {
		n *= 2
	}
	if n == len(x.entries) {
		x.Reset()
		return
	}
	x.entries, x.used = make([]entry, n), 0
}
