package customer

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// The resident form of a history of responses is what a task keeps in memory between two events: about 21 bytes a
// response, without pointers. It is the stored form with the mark, and with the registry's numbers instead of names.

// AppendResident appends the resident form of the history to b.
func (c *Codec) AppendResident(b []byte, h *Responses) []byte {
	b = h.appendHead(binary.AppendUvarint(binary.AppendUvarint(b, uint64(h.Mark+1)), h.Ungraded))
	for i := range h.Moments {
		m := &h.Moments[i]
		b = m.appendTo(b)
		place, occasion, attributes := m.Dims.Numbers()
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(place)), uint64(occasion))
		if c.version == attributesVersion {
			b = binary.AppendUvarint(b, uint64(attributes))
		}
	}
	return b
}

// SetResident reads the resident form of a history into h. Every event and every flush reads it, so there are no checks
// as in reader: only AppendResident writes it.
func (c *Codec) SetResident(b []byte, h *Responses) {
	h.Reset()
	if len(b) == 0 {
		return
	}
	var mark, left, rest, n uint64
	mark, b = takeUint(b)
	h.Ungraded, b = takeUint(b)
	h.Count, b = takeUint(b)
	h.GradeSum, b = takeUint(b)
	h.Rivals, b = takeUint(b)
	left, b = takeUint(b)
	h.Mark, h.Left = int64(mark)-1, instantOf(left)
	rest, b = takeUint(b)
	h.seen.used = rest
	for ; rest != 0; rest &= rest - 1 {
		h.seen.ids[bits.TrailingZeros64(rest)], b = binary.LittleEndian.Uint64(b), b[8:]
	}
	n, b = takeUint(b)
	h.Moments = slices.Grow(h.Moments, int(n))[:n]
	for i := range h.Moments {
		m := &h.Moments[i]
		m.setFrom(b)
		if m.slot != 0 {
			h.seen.ids[m.slot-1] = m.ID
			h.seen.used |= 1 << (m.slot - 1)
		}
		var place, occasion uint64
		place, b = takeUint(b[momentSize:])
		occasion, b = takeUint(b)
		var attributes uint64
		if c.version == attributesVersion {
			attributes, b = takeUint(b)
		}
		m.Dims = c.registry.Dims(uint32(place), uint32(occasion), uint32(attributes))
	}
}

// takeUint takes a varint off the front of b, which must hold one.
func takeUint(b []byte) (uint64, []byte) {
	if b[0] < 0x80 {
		return uint64(b[0]), b[1:]
	}
	v, n := binary.Uvarint(b)
	return v, b[n:]
}

// AbsorbedOfResident is how many events a history in its resident form has absorbed.
func AbsorbedOfResident(b []byte) uint64 {
	_, b = takeUint(b) // mark
	ungraded, b := takeUint(b)
	count, b := takeUint(b)
	_, b = takeUint(b) // sum of grades
	rivals, _ := takeUint(b)
	return count + ungraded + rivals
}
