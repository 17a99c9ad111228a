// Package index finds the place of a thing in a list by the hash of its key: open addressing with linear probing. Keys stay in the
// list, so that an entry takes 8 bytes and growing touches no key. Start at [Index.Find].
package index

import "math"

// Index holds places by hash. The zero value is ready; one goroutine uses it.
type Index struct {
	entries []entry // a power of 2
	used    int
}

// entry is a hash and 1 + the place; 0 is none. Most probes need no more of a thing than its hash.
type entry struct{ hash, place uint32 }

const least = 1 << 8

// Len is how many places the index holds.
func (x *Index) Len() int { return x.used }

// Find gives the place whose hash this is and of which same says that it is the one.
func (x *Index) Find(hash uint32, same func(place uint32) bool) (place uint32, found bool) {
	if x.used == 0 {
		return 0, false
	}
	mask := uint32(len(x.entries) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		e := x.entries[at&mask]
		if e.place == 0 {
			return 0, false
		}
		if e.hash == hash && same(e.place-1) {
			return e.place - 1, true
		}
	}
}

// Add puts a place in that is not there.
func (x *Index) Add(hash, place uint32) {
	if x.used >= len(x.entries)/4*3 {
		x.grow()
	}
	x.put(entry{hash, place + 1})
	x.used++
}

func (x *Index) put(e entry) {
	mask := uint32(len(x.entries) - 1)
	at := e.hash & mask
	for x.entries[at].place != 0 {
		at = (at + 1) & mask
	}
	x.entries[at] = e
}

func (x *Index) grow() {
	if len(x.entries) > math.MaxInt32 {
		panic("an index cannot have more places")
	}
	old := x.entries
	x.entries = make([]entry, max(least, 2*len(old)))
	for _, e := range old {
		if e.place != 0 {
			x.put(e)
		}
	}
}

// Reset forgets all places; the memory stays for the next.
func (x *Index) Reset() {
	clear(x.entries)
	x.used = 0
}

// Shrink forgets all places, and lets go of memory that so many do not need.
func (x *Index) Shrink(places int) {
	n := least
	for n/4*3 <= places {
		n *= 2
	}
	if n == len(x.entries) {
		x.Reset()
		return
	}
	x.entries, x.used = make([]entry, n), 0
}
