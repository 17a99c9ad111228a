package audit

import (
	declared "csatflow/schemas/tables"

	"encoding/binary"
	"time"

	"github.com/cespare/xxhash/v2"
)

// record stands for one row, stored or computed.
type record struct {
	key uint64 // hash of the table and the row's key
	fp  uint64 // fingerprint of what it says
	// info, from the lowest bit: 48 bits of number, 4 of table, the flags, 10 of turn.
	info uint64
}

const (
	numberBits = 48
	numberMask = 1<<numberBits - 1
	flagStored = 1 << 52
	flagOld    = 1 << 53 // computed: the stored row may have expired
	turnShift  = 54
	maxTurn    = 1<<10 - 1
	recordSize = 24
)

// number is how much the row has absorbed: its absorbed offset + 1, its own offset + 1, or its number of events.
func (r *record) number() uint64 { return r.info & numberMask }
func (r *record) table() int     { return int(r.info >> numberBits & 15) }
func (r *record) stored() bool   { return r.info&flagStored != 0 }
func (r *record) old() bool      { return r.info&flagOld != 0 }
func (r *record) turn() uint64   { return r.info >> turnShift }

func (r *record) put(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, r.key)
	b = binary.LittleEndian.AppendUint64(b, r.fp)
	return binary.LittleEndian.AppendUint64(b, r.info)
}

func takeRecord(b []byte) record {
	return record{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])}
}

// keyOf hashes the table and the key of row i.
func (v *view) keyOf(i int) uint64 {
	v.buf = append(v.buf[:0], byte(v.id))
	for _, c := range v.key {
		v.buf = v.encode[c](v.buf, i)
	}
	return xxhash.Sum64(v.buf)
}

// record makes the record of row i; the flags and the turn are the caller's.
func (v *view) record(i int) record {
	r := record{key: v.keyOf(i), info: uint64(v.id)<<numberBits | v.number(i)}
	if v.kind == declared.Sums {
		r.fp = v.paneFingerprint(i)
		return r
	}
	v.buf = v.buf[:0]
	for _, c := range v.content {
		v.buf = v.encode[c](v.buf, i)
	}
	r.fp = xxhash.Sum64(v.buf)
	return r
}

// number returns how much row i says it has absorbed; an impossible value counts as 0.
func (v *view) number(i int) uint64 {
	n := int64(0)
	switch v.kind {
	case declared.Sums, declared.Marked:
		n = v.marks[i] + 1
	case declared.AsReceived:
		n = v.offsets[i] + 1
	case declared.Versioned:
		n = int64(v.versions[i] & numberMask)
	}
	return uint64(min(max(n, 0), numberMask))
}

// paneFingerprint returns the fingerprint of a pane; for counters that do not fit the layout, one that equals another only by chance.
func (v *view) paneFingerprint(i int) uint64 {
	buckets, counts := v.histogram(i)
	fp, err := v.weights.fingerprint(v.groups[i], v.counters[i], buckets, counts)
	if err != nil {
		return xxhash.Sum64String(err.Error()) | 1
	}
	return fp
}

func (v *view) histogram(i int) ([]int16, []int64) {
	if v.buckets == nil {
		return nil, nil
	}
	return v.buckets[i], v.counts[i]
}

// old reports whether the row of an event was appended before an instant.
func (v *view) old(i int, before time.Time) bool {
	return v.kind == declared.AsReceived && !v.kept && v.appended[i].Before(before)
}
