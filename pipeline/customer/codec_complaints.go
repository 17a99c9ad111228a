package customer

import (
	"encoding/binary"

	"csatflow/pipeline/pane"
)

// The stored form of a history of complaints, version 2, after the version: the remembered ids that no step has, and the
// complaints. A step is its time (after that of the step before), id, slot, codes, words of the owner's if the codes say so, and scopes.

// AppendComplaints appends the stored form of the history to b; its Mark is a column of its own.
func (c *Codec) AppendComplaints(b []byte, h *Complaints) []byte {
	claimed := uint64(0)
	for i := range h.List {
		steps := h.List[i].Steps
		for j := range steps {
			if slot := steps[j].slot; slot != 0 {
				claimed |= 1 << (slot - 1)
			}
		}
	}
	b = h.seen.appendUnclaimed(append(b, c.version), claimed)
	b = binary.AppendUvarint(b, uint64(len(h.List)))
	before := &Step{}
	for i := range h.List {
		one := &h.List[i]
		b = appendText(b, one.ID, "")
		b = binary.AppendUvarint(b, uint64(len(one.Steps)))
		for j := range one.Steps {
			s := &one.Steps[j]
			b = binary.AppendVarint(b, s.At-before.At)
			b = appendID(b, s.ID)
			b = append(b, s.slot)
			b = binary.LittleEndian.AppendUint32(b, s.word())
			if s.Own != nil {
				b = s.Own.appendTo(b)
			}
			b = appendText(appendText(appendText(b, s.Store, before.Store), s.Region, before.Region), s.Employee, before.Employee)
			if c.version == attributesVersion {
				b = appendText(b, string(s.Attributes), string(before.Attributes))
			}
			before = s
		}
	}
	return b
}

// ReadComplaints reads the stored form of a history into h; its Mark is a column of its own.
func (c *Codec) ReadComplaints(b []byte, h *Complaints) error {
	h.Reset()
	r := &reader{b: b}
	v := r.byte()
	switch {
	case r.bad:
		return errShort
	case v == 1:
		return c.readComplaints1(r, h)
	case v != codecVersion && v != c.version:
		return errVersion(v)
	}
	h.seen.readUnclaimed(r)
	var before [3]string
	var attributes pane.Attributes
	at := int64(0)
	for range r.count(2) {
		one := h.more(string(r.text(nil)))
		for range r.count(17) {
			s := one.more()
			at += r.int()
			s.At, s.ID, s.slot = at, r.id(), r.byte()
			h.seen.set(r, s.slot, s.ID)
			if codes := r.bytes(4); codes != nil {
				w := binary.LittleEndian.Uint32(codes)
				s.setWord(w)
				s.Own = c.ownWords(r, w)
			}
			s.Store, s.Region, s.Employee = c.scope(r, &before[0]), c.scope(r, &before[1]), c.scope(r, &before[2])
			if v == attributesVersion {
				if len(r.b) > 0 && r.b[0] == sameText {
					r.b = r.b[1:]
				} else {
					attributes = c.attributesIn(r)
				}
				s.Attributes = attributes
			}
			switch {
			case r.bad:
				return errShort
			case !s.fits():
				return errRange
			}
			h.steps++
		}
	}
	if r.bad {
		return errShort
	}
	return nil
}

func (o *OwnWords) appendTo(b []byte) []byte {
	for _, word := range []string{o.Source, o.Category} {
		if word != "" {
			b = appendText(b, word, "")
		}
	}
	return b
}

// ownWords reads the words of the owner's that a step's codes announce.
func (c *Codec) ownWords(r *reader, codes uint32) *OwnWords {
	if codes&(ownSourceBit|ownCategoryBit) == 0 {
		return nil
	}
	var source, category []byte
	if codes&ownSourceBit != 0 {
		source = r.word()
	}
	if codes&ownCategoryBit != 0 {
		category = r.word()
	}
	return c.Own(string(source), string(category))
}

// word reads a word of the owner's, which is not empty.
func (r *reader) word() []byte {
	b := r.text(nil)
	if len(b) == 0 {
		r.fail()
	}
	return b
}

// Own returns the one shared copy of a step's words of the owner's, nil for none.
func (c *Codec) Own(source, category string) *OwnWords {
	if source == "" && category == "" {
		return nil
	}
	words := OwnWords{source, category}
	own := c.own[words]
	if own == nil {
		if c.own == nil {
			c.own = map[OwnWords]*OwnWords{}
		}
		own = &words
		c.own[words] = own
	}
	return own
}

// scope reads a text that may be that of the step before.
func (c *Codec) scope(r *reader, before *string) string {
	if len(r.b) > 0 && r.b[0] == sameText {
		r.b = r.b[1:]
	} else {
		*before = c.text(r.text(nil))
	}
	return *before
}

// more appends a complaint to fill in. It reuses the memory of one from before a Reset.
func (h *Complaints) more(id string) *Complaint {
	if n := len(h.List); n < cap(h.List) {
		h.List = h.List[:n+1]
		h.List[n].ID, h.List[n].Steps = id, h.List[n].Steps[:0]
	} else {
		h.List = append(h.List, Complaint{ID: id})
	}
	return &h.List[len(h.List)-1]
}

// more appends a step to fill in.
func (c *Complaint) more() *Step {
	c.Steps = append(c.Steps, Step{})
	return &c.Steps[len(c.Steps)-1]
}
