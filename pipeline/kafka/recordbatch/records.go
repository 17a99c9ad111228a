package recordbatch

import (
	"csatflow/schemas/reasons"

	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"csatflow/pipeline"
)

const (
	minRecord  = 7       // bytes: length, attributes, 2 deltas, 2 lengths and the count of headers
	maxHeaders = 1 << 16 // per record; each takes 20 times its bytes in memory
)

// records are the unread records of a batch.
type records struct {
	header header
	body   []byte
	left   int
	delta  int64 // of the last offset read
	// instead is the error in place of all records of a batch that cannot be read.
	instead error
}

// unreadable returns the error of a batch, of size bytes as stored: which messages are lost, and why.
func (h *header) unreadable(size int, why error) error {
	return fmt.Errorf("the batch of offsets %d to %d (%d messages, %d bytes as stored) cannot be read: %w. None of them is applied: send them again, in smaller batches", h.base, h.last, h.count, size, why)
}

var errShort = errors.New("its bytes end too early")

// body returns the bytes of the batch's records.
func (h *header) body(batch []byte) ([]byte, error) {
	b, err := decompress(h.attributes&codecBits, batch[headerSize:])
	if err != nil {
		return nil, h.errorf("%w", err)
	}
	if h.count > len(b)/minRecord {
		return nil, h.errorf("%d bytes cannot hold its %d records", len(b), h.count)
	}
	return b, nil
}

// read reads the next record, and returns its size in bytes.
func (b *records) read(rec *pipeline.Record) (int, error) {
	if b.instead != nil {
		rec.Offset, rec.Unreadable = b.header.last, b.instead
		rec.Time = timeOf(b.header.maxTime)
		b.left--
		return minRecord, nil //nolint:nilerr // the record says it
	}
	length, n := varint(b.body)
	if n <= 0 || length < 0 || length > int64(len(b.body)-n) {
		return 0, errShort
	}
	c := cursor{b: b.body[n : n+int(length) : n+int(length)]}
	b.body = b.body[n+int(length):]
	c.skip(1) // attributes; there are none yet
	timeDelta, delta := c.varint(), c.varint()
	if c.bad {
		return 0, errShort
	}
	if delta <= b.delta || delta > b.header.last-b.header.base {
		return 0, fmt.Errorf("its offset delta is %d after %d, in a batch with deltas up to %d", delta, b.delta, b.header.last-b.header.base)
	}
	b.delta = delta
	rec.Offset = b.header.base + delta
	ms := b.header.baseTime + timeDelta
	if b.header.attributes&appendTimeBit != 0 {
		ms = b.header.maxTime
	}
	rec.Time = timeOf(ms)
	rec.Key = c.bytes()
	rec.Value = c.bytes()
	if err := c.headers(rec); err != nil {
		var bad *badContent
		if !errors.As(err, &bad) {
			return 0, err
		}
		rec.Unreadable, c.b = bad, nil
	}
	if c.bad || len(c.b) > 0 {
		return 0, fmt.Errorf("its length, %d, does not fit its fields", length)
	}
	b.left--
	return int(length), nil
}

// latestTime is the latest time of a record, 2100-01-01, in ms. Producers may send any time; tables keep 32 bits.
const latestTime = 4_102_444_800_000

// timeOf returns a time of the log; zero for none, which the log writes as -1.
func timeOf(ms int64) (at time.Time) {
	if ms > 0 {
		at = time.UnixMilli(min(ms, latestTime)).UTC()
	}
	return at
}

func (c *cursor) headers(rec *pipeline.Record) error {
	count := c.varint()
	switch {
	case count == 0:
		return nil
	case c.bad || count < 0 || count > int64(len(c.b)/2):
		return errShort
	case count > maxHeaders:
		return &badContent{errors.New(reasons.Headers.Text(reasons.Number(int(count)), reasons.Number(maxHeaders)))}
	}
	rec.Headers = make([]pipeline.Header, count)
	for i := range rec.Headers {
		rec.Headers[i] = pipeline.Header{Key: string(c.bytes()), Value: c.bytes()}
	}
	return nil
}

// cursor reads fields in order; once bytes are missing it is bad.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) skip(n int) {
	if n > len(c.b) {
		c.b, c.bad = nil, true
		return
	}
	c.b = c.b[n:]
}

func (c *cursor) varint() int64 {
	v, n := varint(c.b)
	if n <= 0 {
		c.b, c.bad = nil, true
		return 0
	}
	c.b = c.b[n:]
	return v
}

// bytes reads a length and that many bytes; a length of -1 is nil.
func (c *cursor) bytes() []byte {
	n := c.varint()
	if n == -1 || c.bad {
		return nil
	}
	if n < 0 || n > int64(len(c.b)) {
		c.b, c.bad = nil, true
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

// varint is [binary.Varint], faster for short values, which most are.
func varint(b []byte) (int64, int) {
	if len(b) > 1 {
		if b[0] < 0x80 {
			return int64(b[0]>>1) ^ -int64(b[0]&1), 1
		}
		if b[1] < 0x80 {
			u := uint64(b[0]&0x7f) | uint64(b[1])<<7
			return int64(u>>1) ^ -int64(u&1), 2
		}
	}
	return binary.Varint(b)
}

// abortMarker reports whether a control batch aborts a transaction. Its record's key is a version and a type, 2 bytes each.
func (h *header) abortMarker(batch []byte) (bool, error) {
	body, err := h.body(batch)
	if err != nil || h.count == 0 { // emptied by compaction
		return false, err
	}
	var rec pipeline.Record
	r := records{header: *h, body: body, left: h.count, delta: -1}
	if _, err := r.read(&rec); err != nil {
		return false, h.errorf("the mark of a transaction's end: %w", err)
	}
	if len(rec.Key) < 4 {
		return false, h.errorf("the mark of a transaction's end has no type")
	}
	return binary.BigEndian.Uint16(rec.Key[2:]) == abortMarkerType, nil
}
