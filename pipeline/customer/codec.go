package customer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"csatflow/pipeline/pane"
)

// The histories are stored as one binary value a row: varints, strings with their length, ids as 8 bytes. The first byte
// is the version of the format. This release writes version 2, or version 3 if an owner has declared dimensions: version
// 2 with the attributes. A history of responses that has some without a grade is of the version two higher, and begins with their number.
// It reads version 1 too.
const (
	codecVersion      = 2
	attributesVersion = 3
	ungradedVersions  = 2 // added to either
)

var errShort = errors.New("history is cut short, or is no history")

// Codec writes and reads the histories of one partition, and reuses its memory for each. One goroutine uses it.
type Codec struct {
	registry *pane.Registry
	text     func([]byte) string

	version                           uint8
	placeAt, occasionAt, attributesAt numbering // writing
	codes                             []uint16  // by occasion, 0 before the first use; see codesOf
	own                               map[OwnWords]*OwnWords
	places, occasions, attributes     []uint32 // reading: the registry's numbers by the history's
}

// NewCodec makes a codec for histories whose dims are of this registry. text makes a string of bytes; it may share equal
// strings.
func NewCodec(registry *pane.Registry, text func([]byte) string) *Codec {
	c := &Codec{registry: registry, text: text, version: codecVersion}
	if registry.HasOwn() {
		c.version = attributesVersion
	}
	return c
}

// IsCurrent reports whether a stored history has the format that this release writes: equal histories then have equal
// bytes.
func IsCurrent(history string) bool { return len(history) > 0 && isCurrent(history[0]) }

func isCurrent(version uint8) bool {
	return version >= codecVersion && version <= attributesVersion+ungradedVersions
}

// numbering translates the registry's numbers into a history's own, in order of first use. It is a table by the
// registry's numbers, which needs neither hashing nor clearing between histories.
type numbering struct {
	at    []numbered
	turn  uint32 // the history that is being written
	count uint32
}

type numbered struct{ turn, number uint32 }

func (n *numbering) begin() {
	n.count = 0
	if n.turn++; n.turn == 0 {
		clear(n.at)
		n.turn = 1
	}
}

// of returns the history's number of the registry's ref; first is true at its first use.
func (n *numbering) of(ref uint32) (number uint32, first bool) {
	if int(ref) >= len(n.at) {
		n.at = append(n.at, make([]numbered, max(int(ref)+1, 2*len(n.at))-len(n.at))...)
	}
	e := &n.at[ref]
	if e.turn != n.turn {
		*e = numbered{n.turn, n.count}
		n.count++
		return e.number, true
	}
	return e.number, false
}

func appendID(b []byte, id uint64) []byte { return binary.LittleEndian.AppendUint64(b, id) }

// sameText stands for the text of the entry before.
const sameText = 1

// appendText appends a text; before is that of the entry before.
func appendText(b []byte, s, before string) []byte {
	if s == before && s != "" {
		return append(b, sameText)
	}
	b = binary.AppendUvarint(b, uint64(len(s))<<1)
	return append(b, s...)
}

// reader decodes a stored history. Once something is missing it is bad, and returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() {
	r.bad, r.b = true, nil
}

func (r *reader) uint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 { // most are this short
		v := uint64(r.b[0])
		r.b = r.b[1:]
		return v
	}
	v, n := binary.Uvarint(r.b)
	r.drop(n)
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	r.drop(n)
	return v
}

// drop skips n bytes; n < 1 means that they are missing.
func (r *reader) drop(n int) {
	if n < 1 || n > len(r.b) {
		r.fail()
		return
	}
	r.b = r.b[n:]
}

// bytes returns the next n bytes, which share the history's memory.
func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() uint8 {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) id() uint64 {
	if len(r.b) < 8 {
		r.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

// text returns a text, which may be that of the entry before. It shares the history's memory and is no longer than an id may be.
func (r *reader) text(before []byte) []byte {
	n := r.uint()
	switch {
	case n == sameText:
		return before
	case n&1 != 0 || n>>1 > maxText:
		r.fail()
		return nil
	}
	return r.bytes(n >> 1)
}

const maxText = 1<<16 - 1 // bytes

// count reads the length of a list whose elements take at least that many bytes each.
func (r *reader) count(least int) int {
	n := r.uint()
	if n > uint64(len(r.b)/least) {
		r.fail()
		return 0
	}
	return int(n)
}

func errVersion(v uint8) error {
	return fmt.Errorf("history has format %d, this release reads formats 1 to %d", v, attributesVersion+ungradedVersions)
}

// appendUnclaimed appends the remembered ids that no entry of the history has: the set of their slots, then the
// ids. claimed is the set of the other slots.
func (s *seen) appendUnclaimed(b []byte, claimed uint64) []byte {
	rest := s.used &^ claimed
	b = binary.AppendUvarint(b, rest)
	for ; rest != 0; rest &= rest - 1 {
		b = appendID(b, s.ids[bits.TrailingZeros64(rest)])
	}
	return b
}

// readUnclaimed reads what appendUnclaimed wrote.
func (s *seen) readUnclaimed(r *reader) {
	for rest := r.uint(); rest != 0 && !r.bad; rest &= rest - 1 {
		s.set(r, uint8(bits.TrailingZeros64(rest)+1), r.id())
	}
}

// set restores the id of a slot; slot 0 is none.
func (s *seen) set(r *reader, slot uint8, id uint64) {
	switch {
	case slot == 0:
	case slot > SeenIDs:
		r.fail()
	default:
		s.ids[slot-1] = id
		s.used |= 1 << (slot - 1)
	}
}
