package customer

import (
	"slices"

	"github.com/cespare/xxhash/v2"
)

// SeenIDs is how many event ids of a customer are remembered, in order of arrival, to apply each event once.
const SeenIDs = 64

// IDOf is the 64-bit hash that stands for an event id. Two of 64 remembered ids agree by chance once in 10^16 events.
func IDOf(eventID []byte) uint64 { return xxhash.Sum64(eventID) }

// seen is the last event ids that were applied, oldest first.
type seen []uint64

// add remembers an id; it says false if the id is among those remembered already.
func (s *seen) add(id uint64) bool {
	if slices.Contains(*s, id) {
		return false
	}
	if len(*s) == SeenIDs {
		copy(*s, (*s)[1:])
		(*s)[SeenIDs-1] = id
		return true
	}
	*s = append(*s, id)
	return true
}
