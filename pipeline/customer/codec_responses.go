package customer

import (
	"encoding/binary"

	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// The stored form of a history of responses, version 2, after the version (and the number of those without a grade): the sums, the remembered ids that no moment
// has, and the moments. A moment is its time and answers, id, slot, place and occasion. Places and occasions are
// numbered within the history, and written out where a number is first used.

// AppendResponses appends the stored form of the history to b; its Mark is a column of its own.
func (c *Codec) AppendResponses(b []byte, h *Responses) []byte {
	c.placeAt.begin()
	c.occasionAt.begin()
	c.attributesAt.begin()
	var region, store, employee string // of the entry before
	var names pane.Names
	if h.Ungraded > 0 {
		b = binary.AppendUvarint(append(b, c.version+ungradedVersions), h.Ungraded)
	} else {
		b = append(b, c.version)
	}
	b = h.appendHead(b)
	for i := range h.Moments {
		m := &h.Moments[i]
		b = m.appendTo(b)
		place, occasion, attributes := m.Dims.Numbers()
		n, first := c.placeAt.of(place)
		b = binary.AppendUvarint(b, uint64(n))
		if first {
			r, s, e := c.registry.PlaceNames(place)
			b = appendText(appendText(appendText(b, r, region), s, store), e, employee)
			region, store, employee = r, s, e
		}
		n, first = c.occasionAt.of(occasion)
		b = binary.AppendUvarint(b, uint64(n))
		if first {
			is := c.registry.OccasionNames(occasion)
			b = c.appendOccasion(b, occasion, &is, &names)
			names = is
		}
		if c.version == attributesVersion {
			n, first = c.attributesAt.of(attributes)
			b = binary.AppendUvarint(b, uint64(n))
			if first {
				b = appendText(b, string(c.registry.AttributesNamed(attributes)), "")
			}
		}
	}
	return b
}

// appendHead appends the sums, the remembered ids that no moment has, and the number of moments.
func (h *Responses) appendHead(b []byte) []byte {
	claimed := uint64(0)
	for i := range h.Moments {
		if slot := h.Moments[i].slot; slot != 0 {
			claimed |= 1 << (slot - 1)
		}
	}
	b = binary.AppendUvarint(b, h.Count)
	b = binary.AppendUvarint(b, h.GradeSum)
	b = binary.AppendUvarint(b, h.Rivals)
	b = appendInstant(b, h.Left)
	b = h.seen.appendUnclaimed(b, claimed)
	return binary.AppendUvarint(b, uint64(len(h.Moments)))
}

// appendTo appends the moment without its dims: momentSize bytes.
func (m *Moment) appendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, m.word())
	b = binary.LittleEndian.AppendUint64(b, m.ID)
	return append(b, m.slot)
}

const momentSize = 17

// appendInstant appends an instant, ms, or Never in one byte.
func appendInstant(b []byte, at int64) []byte {
	if at == Never {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(at<<1^at>>63)+1)
}

// instantOf is the inverse of appendInstant.
func instantOf(v uint64) int64 {
	if v == 0 {
		return Never
	}
	v--
	return int64(v>>1) ^ -int64(v&1)
}

// An occasion's enumerations take one byte: 3 bits of source, 3 of customer type, 2 of survey. All bits set mean a name
// outside the enumeration, which then follows.
const (
	otherSource, otherType, otherSurvey = 7, 7, 3
)

func codeOf(names []string, name string, other uint8) uint8 {
	if c := event.Code(names, name); c != 0 || name == "" {
		return c
	}
	return other
}

// codesOf returns the byte of an occasion. It is cached, since finding the codes takes longer than the rest of an
// occasion.
func (c *Codec) codesOf(occasion uint32, is *pane.Names) uint8 {
	if int(occasion) >= len(c.codes) {
		c.codes = append(c.codes, make([]uint16, max(int(occasion)+1, 2*len(c.codes))-len(c.codes))...)
	}
	if known := c.codes[occasion]; known != 0 {
		return uint8(known)
	}
	codes := codeOf(event.Sources, is.Source, otherSource) | codeOf(event.CustomerTypes, is.CustomerType, otherType)<<3 | codeOf(event.Surveys, is.Survey, otherSurvey)<<6
	c.codes[occasion] = 1<<8 | uint16(codes)
	return codes
}

func (c *Codec) appendOccasion(b []byte, occasion uint32, is, before *pane.Names) []byte {
	codes := c.codesOf(occasion, is)
	b = append(b, codes)
	if codes&7 == otherSource {
		b = appendText(b, is.Source, "")
	}
	if codes>>3&7 == otherType {
		b = appendText(b, is.CustomerType, "")
	}
	if codes>>6 == otherSurvey {
		b = appendText(b, is.Survey, "")
	}
	return appendText(appendText(appendText(b, is.Touchpoint, before.Touchpoint), is.ProductCategory, before.ProductCategory), is.Brand, before.Brand)
}

// name returns the name of a code; a name outside the enumeration is read.
func (r *reader) name(names []string, code, other uint8) string {
	if code == other {
		return string(r.text(nil))
	}
	if int(code) > len(names) {
		r.fail()
	}
	return event.Name(names, code)
}

// ReadResponses reads the stored form of a history into h; its Mark is a column of its own.
func (c *Codec) ReadResponses(b []byte, h *Responses) error {
	h.Reset()
	r := &reader{b: b}
	v := r.byte()
	if v > attributesVersion && isCurrent(v) {
		v -= ungradedVersions
		h.Ungraded = r.uint()
	}
	switch {
	case r.bad:
		return errShort
	case v == 1:
		return c.readResponses1(r, h)
	case v != codecVersion && v != c.version:
		return errVersion(v)
	}
	h.Count, h.GradeSum, h.Rivals, h.Left = r.uint(), r.uint(), r.uint(), instantOf(r.uint())
	h.seen.readUnclaimed(r)
	c.places, c.occasions, c.attributes = c.places[:0], c.occasions[:0], c.attributes[:0]
	var place [3][]byte
	var occasion [3][]byte
	for range r.count(momentSize + 2) {
		if len(r.b) < momentSize {
			return errShort
		}
		m := h.more()
		m.setFrom(r.b)
		r.b = r.b[momentSize:]
		h.seen.set(r, m.slot, m.ID)
		p := r.uint()
		if p == uint64(len(c.places)) {
			for i := range place {
				place[i] = r.text(place[i])
			}
			c.places = append(c.places, c.registry.Place(place[0], place[1], place[2]))
		}
		o := r.uint()
		if o == uint64(len(c.occasions)) {
			c.occasions = append(c.occasions, c.readOccasion(r, &occasion))
		}
		attributes := uint32(0)
		if v == attributesVersion {
			attributes = c.readAttributes(r)
		}
		switch {
		case r.bad || p >= uint64(len(c.places)) || o >= uint64(len(c.occasions)):
			return errShort
		case !m.fits():
			return errRange
		}
		m.Dims = c.registry.Dims(c.places[p], c.occasions[o], attributes)
	}
	if r.bad {
		return errShort
	}
	return nil
}

// LeftOf reads from a stored history in today's format the event time, ms, of the latest moment that left; Never if none
// did.
func LeftOf(history string) (int64, error) {
	r := &reader{b: []byte(history[:min(len(history), 1+5*binary.MaxVarintLen64)])}
	switch v := r.byte(); {
	case !r.bad && !isCurrent(v):
		return Never, errVersion(v)
	case v > attributesVersion:
		_ = r.uint() // those without a grade
	}
	_, _, _ = r.uint(), r.uint(), r.uint() // the sums
	left := instantOf(r.uint())
	if r.bad {
		return Never, errShort
	}
	return left, nil
}

// more appends a moment to fill in.
func (h *Responses) more() *Moment {
	h.Moments = append(h.Moments, Moment{})
	return &h.Moments[len(h.Moments)-1]
}

// setFrom is the inverse of appendTo.
func (m *Moment) setFrom(b []byte) {
	_ = b[momentSize-1]
	m.setWord(binary.LittleEndian.Uint64(b))
	m.ID = binary.LittleEndian.Uint64(b[8:])
	m.slot = b[16]
}

// readAttributes reads the number of a moment's attributes, and at its first use the attributes.
func (c *Codec) readAttributes(r *reader) uint32 {
	n := r.uint()
	if n == uint64(len(c.attributes)) {
		c.attributes = append(c.attributes, c.registry.Attributes(c.attributesIn(r)))
	}
	if r.bad || n >= uint64(len(c.attributes)) {
		r.fail()
		return 0
	}
	return c.attributes[n]
}

// attributesIn reads what [pane.MakeAttributes] made.
func (c *Codec) attributesIn(r *reader) pane.Attributes {
	a, err := c.registry.ParseAttributes(r.text(nil))
	if err != nil {
		r.fail()
	}
	return a
}

func (c *Codec) readOccasion(r *reader, before *[3][]byte) uint32 {
	codes := r.byte()
	source := r.name(event.Sources, codes&7, otherSource)
	kind := r.name(event.CustomerTypes, codes>>3&7, otherType)
	survey := r.name(event.Surveys, codes>>6, otherSurvey)
	for i := range before {
		before[i] = r.text(before[i])
	}
	return c.registry.Occasion(source, before[0], before[1], kind, survey, before[2])
}
