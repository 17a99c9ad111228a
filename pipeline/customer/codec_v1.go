package customer

import (
	"encoding/binary"

	"csatflow/pipeline/pane"
)

// Version 1 of the stored forms, which earlier releases wrote: event ids twice (with the moment or step, and in order
// of arrival), one byte a code, and dims written out where their number is first used.

// read1 reads the remembered ids, the oldest first, of a history that has absorbed this many events.
func (s *seen) read1(r *reader, absorbed uint64) {
	n := r.count(8)
	if n > SeenIDs {
		r.fail()
		return
	}
	ids := r.bytes(uint64(8 * n))
	for i := range len(ids) / 8 {
		s.add(binary.LittleEndian.Uint64(ids[8*i:]), absorbed-uint64(n)+uint64(i))
	}
}

func (c *Codec) readResponses1(r *reader, h *Responses) error {
	h.Count, h.GradeSum, h.Rivals, h.Left = r.uint(), r.uint(), r.uint(), r.int()
	h.seen.read1(r, h.Absorbed())
	var local []pane.DimsRef
	last := int64(0)
	for range r.count(18) {
		m := h.more()
		m.At, m.ID = last+r.int(), r.id()
		last = m.At
		v := r.bytes(8)
		if r.bad {
			return errShort
		}
		m.Grade, m.Survey, m.Expectation, m.Performance, m.Emotion, m.Repurchase, m.Recommend, m.Equity = v[0], v[1], v[2], v[3], v[4], v[5], v[6], int8(v[7])
		m.slot = h.seen.slotOf(m.ID)
		k := r.uint()
		if k == uint64(len(local)) {
			local = append(local, c.readDims1(r))
		}
		switch {
		case r.bad || k >= uint64(len(local)):
			return errShort
		case !m.fits():
			return errRange
		}
		m.Dims = local[k]
	}
	if r.bad {
		return errShort
	}
	return nil
}

func (c *Codec) readDims1(r *reader) pane.DimsRef {
	var parts [pane.Dimensions + 2][]byte
	for i := range parts {
		parts[i] = r.text1()
	}
	place := c.registry.Place(parts[pane.Region], parts[pane.Store], parts[pane.Employee])
	occasion := c.registry.Occasion(string(parts[pane.Source]), parts[pane.Touchpoint], parts[pane.ProductCategory],
		string(parts[pane.CustomerType]), string(parts[pane.Dimensions]), parts[pane.Dimensions+1])
	return c.registry.Dims(place, occasion, 0)
}

func (r *reader) text1() []byte { return r.bytes(min(r.uint(), maxText)) }

func (c *Codec) readComplaints1(r *reader, h *Complaints) error {
	n := r.count(8)
	if n > SeenIDs {
		return errShort
	}
	ids := r.bytes(uint64(8 * n))
	for range r.count(2) {
		one := h.more(c.text(r.text1()))
		for range r.count(20) {
			s := one.more()
			s.At, s.ID = r.int(), r.id()
			v := r.bytes(8)
			if r.bad {
				return errShort
			}
			s.Step, s.Source, s.Category, s.Emotion, s.Remedies, s.LeaveReason, s.Outcome, s.Process = v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
			s.Store, s.Region, s.Employee = c.text(r.text1()), c.text(r.text1()), c.text(r.text1())
			if !s.fits() {
				return errRange
			}
			h.steps++
		}
	}
	if r.bad {
		return errShort
	}
	for i := range len(ids) / 8 { // their slots follow from the number of steps
		h.seen.add(binary.LittleEndian.Uint64(ids[8*i:]), h.Absorbed()-uint64(n)+uint64(i))
	}
	for i := range h.List {
		steps := h.List[i].Steps
		for j := range steps {
			steps[j].slot = h.seen.slotOf(steps[j].ID)
		}
	}
	return nil
}
