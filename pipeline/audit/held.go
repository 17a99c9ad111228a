package audit

import (
	"encoding/binary"
	"time"

	"github.com/cespare/xxhash/v2"
)

// The moment of a response that has left its customer's history says what was known when it left. That depends on
// the order in which the two topics were read, so it is not compared. Which responses have left is known once the
// histories have been computed; until then the records of moments wait in a file.

const heldSize = recordSize + 16

func (p *partition) hold(r record, customerID string, at time.Time) error {
	b, err := p.held.room(heldSize)
	if err != nil {
		return err
	}
	b = binary.LittleEndian.AppendUint64(r.put(b), xxhash.Sum64String(customerID))
	p.held.take(binary.LittleEndian.AppendUint64(b, uint64(at.UnixMilli())))
	return nil
}

// hasLeft reports whether a response at this instant has left its customer's history.
func (p *partition) hasLeft(customerHash uint64, at int64) bool {
	left, some := p.left[customerHash]
	return some && at <= left
}

// releaseHeld passes on the moments that are to be compared.
func (p *partition) releaseHeld() error {
	return p.held.each(heldSize, func(b []byte) error {
		r := takeRecord(b)
		if !p.hasLeft(binary.LittleEndian.Uint64(b[recordSize:]), int64(binary.LittleEndian.Uint64(b[recordSize+8:]))) {
			return p.spill.add(r)
		}
		if r.stored() {
			p.counts[r.table()].LeftHistory++
		}
		return nil
	})
}
