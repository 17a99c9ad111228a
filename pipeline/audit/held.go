package audit

import (
	"encoding/binary"
	"time"

	"github.com/cespare/xxhash/v2"
)

// What is said of a response that has left its customer's history is what was known when it left: it depends on the
// order in which the two topics were read, so it is not compared. Which responses have left is known only after the
// customers' histories have been computed; until then the records of such moments wait in a file.

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

// hasLeft says that a response at this instant has left its customer's history.
func (p *partition) hasLeft(customerHash uint64, at int64) bool {
	left, some := p.left[customerHash]
	return some && at <= left
}

// releaseHeld lets the moments that are to be compared in.
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
