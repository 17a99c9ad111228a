package recordbatch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Layout of a batch: base offset 8, length 4 (of what follows), leader epoch 4, magic 1, CRC 4 (of what follows),
// attributes 2, last offset delta 4, base timestamp 8, max timestamp 8, producer id 8, producer epoch 2, base sequence 4,
// count 4, records. https://kafka.apache.org/documentation/#recordbatch
const (
	lengthEnd  = 12
	magicAt    = 16
	crcAt      = 17
	attributes = 21
	headerSize = 61
)

const (
	codecBits       = 0x07
	appendTimeBit   = 0x08
	transactionBit  = 0x10
	controlBit      = 0x20
	currentMagic    = 2
	abortMarkerType = 0
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is the header of a batch.
type header struct {
	base, last int64
	attributes int16
	baseTime   int64 // ms
	maxTime    int64 // ms
	producer   int64
	count      int
}

func (h *header) after() int64        { return h.last + 1 }
func (h *header) control() bool       { return h.attributes&controlBit != 0 }
func (h *header) transactional() bool { return h.attributes&transactionBit != 0 }

func (h *header) errorf(format string, args ...any) error {
	return &Error{Offset: h.base, After: max(h.after(), h.base+1), Err: fmt.Errorf(format, args...)}
}

// parseHeader reads the header of a batch, and the batch's size in bytes: 0 if there are too few bytes to tell.
func parseHeader(b []byte, next int64) (h header, size int, err error) {
	if len(b) < lengthEnd {
		return h, 0, nil
	}
	base, length := int64(binary.BigEndian.Uint64(b)), int64(int32(binary.BigEndian.Uint32(b[8:])))
	broken := func(format string, args ...any) (header, int, error) {
		return h, 0, &Error{Offset: next, After: next + 1, Err: fmt.Errorf(format, args...)}
	}
	if len(b) > magicAt && b[magicAt] != currentMagic {
		if b[magicAt] < currentMagic {
			return broken("a message set of format %d, which Kafka wrote before 0.11 and which is not read here: copy the topic to a new one with a current producer", b[magicAt])
		}
		return broken("format %d is unknown", b[magicAt])
	}
	if length < headerSize-lengthEnd {
		return broken("its length, %d, is less than a batch's header has", length)
	}
	size = int(length) + lengthEnd
	if len(b) < headerSize {
		return h, size, nil
	}
	h = header{
		base: base, last: base + int64(int32(binary.BigEndian.Uint32(b[23:]))), attributes: int16(binary.BigEndian.Uint16(b[attributes:])),
		baseTime: int64(binary.BigEndian.Uint64(b[27:])), maxTime: int64(binary.BigEndian.Uint64(b[35:])),
		producer: int64(binary.BigEndian.Uint64(b[43:])), count: int(int32(binary.BigEndian.Uint32(b[57:]))),
	}
	return h, size, nil
}

var errCRC = errors.New("its CRC does not fit its bytes")

// check checks a whole batch. The CRC does not cover the base offset, so that is compared with where the batch may be.
func (h *header) check(b []byte, next, high int64) error {
	at := func(err error) error { return &Error{Offset: next, After: next + 1, Err: err} }
	if crc32.Checksum(b[attributes:], castagnoli) != binary.BigEndian.Uint32(b[crcAt:]) {
		return at(errCRC)
	}
	return h.placed(next, high)
}

// placed checks a header against where the batch may be.
func (h *header) placed(next, high int64) error {
	at := func(err error) error { return &Error{Offset: next, After: next + 1, Err: err} }
	switch {
	case h.base < 0 || h.last < h.base:
		return at(fmt.Errorf("its offsets go from %d to %d", h.base, h.last))
	case high >= 0 && h.last >= high:
		return at(fmt.Errorf("its last offset, %d, is beyond the log's end, %d", h.last, high))
	case h.count < 0 || int64(h.count) > h.last-h.base+1:
		return h.errorf("%d records cannot have the offsets from %d to %d", h.count, h.base, h.last)
	}
	return nil
}

// declared returns how many records the batches claim to have.
func declared(b []byte) (n int) {
	for len(b) >= headerSize {
		h, size, err := parseHeader(b, 0)
		if err != nil || size > len(b) {
			return n
		}
		n += max(h.count, 0)
		b = b[size:]
	}
	return n
}
