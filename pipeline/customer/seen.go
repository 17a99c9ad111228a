package customer

import (
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// SeenIDs is how many event ids of a customer are remembered, in order of arrival, to apply each event once.
const SeenIDs = 64

// IDOf is the 64-bit hash that stands for an event id. Two of 64 remembered ids agree by chance once in 10^16 events.
func IDOf(eventID []byte) uint64 { return xxhash.Sum64(eventID) }

// seen is the last event ids that were applied: the n-th event of a history is at place n mod 64, where it takes the
// place of the event 64 before it. What has one of these ids keeps 1 + its place (a slot, 0 for none), so that it need
// not be stored twice.
type seen struct {
	ids  [SeenIDs]uint64
	used uint64 // bit i: ids[i] is one
}

// has says that an id is among those that are remembered.
func (s *seen) has(id uint64) bool {
	for used := s.used; used != 0; used &= used - 1 {
		if s.ids[bits.TrailingZeros64(used)] == id {
			return true
		}
	}
	return false
}

// add remembers the id of the n-th event, which has not been remembered, and gives its slot.
func (s *seen) add(id, n uint64) (slot uint8) {
	at := n % SeenIDs
	s.ids[at] = id
	s.used |= 1 << at
	return uint8(at + 1)
}

// slotOf finds an id's slot.
func (s *seen) slotOf(id uint64) uint8 {
	for used := s.used; used != 0; used &= used - 1 {
		if at := bits.TrailingZeros64(used); s.ids[at] == id {
			return uint8(at + 1)
		}
	}
	return 0
}
