package customer

import (
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// SeenIDs is how many event ids of a customer are remembered, in order of arrival, to apply each event once.
const SeenIDs = 64

// IDOf is the 64-bit hash that stands for an event id. An event's id equals one of 64 others by chance once in 10^17 events.
func IDOf(eventID []byte) uint64 { return xxhash.Sum64(eventID) }

// seen is the last event ids that were applied, as a ring: the id of the n-th event of a history is at index n mod 64.
// An entry of the history with one of these ids keeps 1 + its index (a slot, 0 for none), so that the id is stored
// once.
type seen struct {
	ids  [SeenIDs]uint64
	used uint64 // bit i: ids[i] is in use
}

// has reports whether an id is remembered.
func (s *seen) has(id uint64) bool {
	for used := s.used; used != 0; used &= used - 1 {
		if s.ids[bits.TrailingZeros64(used)] == id {
			return true
		}
	}
	return false
}

// add remembers the id of the n-th event and returns its slot.
func (s *seen) add(id, n uint64) (slot uint8) {
	at := n % SeenIDs
	s.ids[at] = id
	s.used |= 1 << at
	return uint8(at + 1)
}

// slotOf returns an id's slot, 0 for none.
func (s *seen) slotOf(id uint64) uint8 {
	for used := s.used; used != 0; used &= used - 1 {
		if at := bits.TrailingZeros64(used); s.ids[at] == id {
			return uint8(at + 1)
		}
	}
	return 0
}
