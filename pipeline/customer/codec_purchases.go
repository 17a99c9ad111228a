package customer

import "encoding/binary"

// The stored form of a history of purchases, after the version of the format: events, the sums, the remembered ids, the
// months and the sales. Numbers are varints; times and month numbers are differences to the one before.

// AppendPurchases appends the stored form of the history to b; its Mark is a column of its own.
func (c *Codec) AppendPurchases(b []byte, h *Purchases) []byte {
	b = binary.AppendUvarint(append(b, codecVersion), h.Events)
	b = h.Total.appendTo(b)
	b = appendInstant(appendInstant(b, h.First), h.Last)
	b = h.seen.appendUnclaimed(b, 0)
	b = binary.AppendUvarint(b, uint64(len(h.Months)))
	number := int32(0)
	for i := range h.Months {
		m := &h.Months[i]
		b = m.appendTo(binary.AppendVarint(b, int64(m.Number-number)))
		number = m.Number
	}
	b = binary.AppendUvarint(b, uint64(len(h.Sales)))
	at := int64(0)
	for _, s := range h.Sales {
		b = binary.AppendVarint(binary.AppendVarint(b, s.At-at), int64(s.Amount))
		at = s.At
	}
	return b
}

func (m *Money) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, m.Count)
	for _, c := range [...]Cents{m.Amount, m.Margin, m.Unmargined, m.ServiceCost} {
		b = binary.AppendVarint(b, int64(c))
	}
	return b
}

// ReadPurchases reads the stored form of a history into h; its Mark is a column of its own.
func (c *Codec) ReadPurchases(b []byte, h *Purchases) error {
	h.Reset()
	r := &reader{b: b}
	switch v := r.byte(); {
	case r.bad:
		return errShort
	case v != codecVersion:
		return errVersion(v)
	}
	h.Events = r.uint()
	h.Total.read(r)
	h.First, h.Last = instantOf(r.uint()), instantOf(r.uint())
	h.seen.readUnclaimed(r)
	number := int64(0)
	for range r.count(6) {
		number += r.int()
		m := Month{Number: int32(number)}
		m.read(r)
		h.Months = append(h.Months, m)
	}
	at := int64(0)
	for range r.count(2) {
		at += r.int()
		h.Sales = append(h.Sales, Sale{at, Cents(r.int())})
	}
	switch {
	case r.bad:
		return errShort
	case len(h.Months) > MaxMonths || len(h.Sales) > MaxPurchases:
		return errRange
	}
	return nil
}

func (m *Money) read(r *reader) {
	m.Count = r.uint()
	for _, c := range [...]*Cents{&m.Amount, &m.Margin, &m.Unmargined, &m.ServiceCost} {
		*c = Cents(r.int())
	}
}

// AbsorbedOfPurchases is how many events a history of purchases in its stored form has absorbed.
func AbsorbedOfPurchases(stored []byte) uint64 {
	events, _ := binary.Uvarint(stored[1:])
	return events
}
