package derived

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline/rows"
)

// Absorbed is how many events of each topic a customer's histories have absorbed.
type Absorbed struct{ Responses, Steps, Purchases uint64 }

// Version orders the churn rows of a customer by how much they know. It is a sum: two processes that have read the topics in another
// order may have equal ones, or the higher one for less of a topic.
func (a Absorbed) Version() uint64 { return rows.VersionOf(a.Responses + a.Steps + a.Purchases) }

// Hash tells such rows apart; it is never 0, which rows of earlier releases have.
func (a Absorbed) Hash() uint64 {
	var b [24]byte
	for i, n := range []uint64{a.Responses, a.Steps, a.Purchases} {
		binary.LittleEndian.PutUint64(b[8*i:], n)
	}
	return max(1, xxhash.Sum64(b[:]))
}

// Vouches reports whether a churn row with this version and made_of was made of just these events. Of a row of an earlier release it is
// likely where the sum is the same.
func (a Absorbed) Vouches(version, madeOf uint64) bool {
	if madeOf == 0 {
		return version == a.Version()
	}
	return madeOf == a.Hash()
}
