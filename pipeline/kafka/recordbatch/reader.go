// Package recordbatch reads Kafka's record batches (format 2) from the bytes of a fetch: it checks their CRC, leaves out
// aborted transactions and the brokers' control records, and limits the memory of a batch. A batch that is too large or
// cannot be decompressed becomes one unreadable record at its last offset.
//
// Start at [Reader]. The package knows no connection; its records may share the bytes of the fetch.
package recordbatch

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"unsafe"

	"csatflow/pipeline"
)

// MaxBytes is the largest batch in bytes, as stored and when decompressed.
const MaxBytes = 64 << 20

// Error is a batch that can never be read.
type Error struct {
	Offset int64 // of the batch if known, else where reading stands
	After  int64 // the offset after the batch; Offset+1 if unknown
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("record batch at offset %d: %v", e.Offset, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Aborted is an aborted transaction: its producer's batches from FirstOffset to the next abort marker are void.
type Aborted struct{ ProducerID, FirstOffset int64 }

// Fetched is a fetch of one partition.
type Fetched struct {
	Topic   pipeline.Topic // set in the records
	Offset  int64          // the offset asked for; batches may begin before it
	High    int64          // high watermark, above all batches; -1 if not known
	Aborted []Aborted
	Bytes   []byte // the batches; the last may be incomplete
	Size    int    // bytes of the batches as sent, if Bytes is only the beginning
}

// Reader reads the batches of a fetch.
type Reader struct {
	topic   pipeline.Topic
	rest    []byte
	next    int64
	high    int64
	size    int
	aborted []Aborted // not begun yet
	void    map[int64]struct{}
	whole   bool // there was a whole batch
	early   bool // the last batch ended before next
	shared  bool
	missing int
	records records // of the current batch
}

// NewReader returns a reader of a fetch.
func NewReader(f Fetched) *Reader {
	slices.SortFunc(f.Aborted, func(a, b Aborted) int { return cmp.Compare(a.FirstOffset, b.FirstOffset) })
	return &Reader{topic: f.Topic, rest: f.Bytes, next: f.Offset, high: f.High, size: f.Size, aborted: f.Aborted}
}

// Next returns the offset at which to read on: after the records read, and after offsets that show none.
func (r *Reader) Next() int64 { return r.next }

// Missing returns, after [io.EOF], the size of the first batch in bytes if the fetch had only part of it, so that nothing
// was read: at least 1. It is 0 if there was a whole batch, or nothing.
func (r *Reader) Missing() int { return r.missing }

// Shared reports whether returned records share the bytes of the fetch. Those of compressed batches do not.
func (r *Reader) Shared() bool { return r.shared }

// Memory of a record beside its bytes.
const (
	recordWeight = int(unsafe.Sizeof(pipeline.Record{}))
	headerWeight = int(unsafe.Sizeof(pipeline.Header{}))
)

// Read returns the next records: about room bytes of them, or a single larger one. [io.EOF] comes with the last ones, an
// [Error] with those before the bad batch.
func (r *Reader) Read(room int) ([]pipeline.Record, error) {
	var list []pipeline.Record
	for room > 0 {
		if r.records.left == 0 {
			if err := r.advance(); err != nil {
				return list, err
			}
			if r.records.left == 0 {
				continue
			}
		}
		if list == nil {
			list = make([]pipeline.Record, 0, min(r.records.left+declared(r.rest), room/(recordWeight+minRecord)+1))
		}
		before, next := len(list), r.next
		var err error
		if list, room, err = r.take(list, room); err != nil {
			r.next = next
			return list[:before], err
		}
	}
	return list, nil
}

// take reads on in the current batch.
func (r *Reader) take(list []pipeline.Record, room int) ([]pipeline.Record, int, error) {
	for b := &r.records; b.left > 0 && room > 0; {
		if len(list) < cap(list) { // the usual case; it is zero already
			list = list[:len(list)+1]
		} else {
			list = append(list, pipeline.Record{})
		}
		rec := &list[len(list)-1]
		rec.Topic = r.topic
		n, err := b.read(rec)
		if err != nil {
			return list, room, b.header.errorf("record %d of %d: %w", b.header.count-b.left+1, b.header.count, err)
		}
		if b.left == 0 && len(b.body) > 0 {
			return list, room, b.header.errorf("%d bytes are left after its %d records", len(b.body), b.header.count)
		}
		if rec.Offset < r.next { // before the offset asked for
			*rec = pipeline.Record{}
			list = list[:len(list)-1]
			continue
		}
		room -= n + recordWeight + len(rec.Headers)*headerWeight
		r.next = rec.Offset + 1
	}
	if r.records.left == 0 {
		r.next = r.records.header.after()
	}
	return list, room, nil
}

// advance goes to the next batch. If that shows no records, none are current.
func (r *Reader) advance() error {
	h, size, err := parseHeader(r.rest, r.next)
	if err != nil {
		return err
	}
	if size > MaxBytes {
		return r.tooLarge(h, size)
	}
	if size == 0 || size > len(r.rest) { // the end, or an incomplete batch
		switch {
		case r.early:
			return &Error{Offset: r.next, After: r.next + 1, Err: errEarly}
		case len(r.rest) > 0 && !r.whole:
			r.missing = max(size, 1)
		}
		return io.EOF
	}
	bytes := r.rest[:size:size]
	if err := h.check(bytes, r.next, r.high); err != nil {
		return err
	}
	switch {
	case r.whole && !r.early && h.base < r.next:
		return &Error{Offset: r.next, After: r.next + 1, Err: fmt.Errorf("it begins at %d, which the batch before it has passed", h.base)}
	case h.after() <= r.next:
		r.rest, r.whole, r.early = r.rest[size:], true, true
		return nil
	case h.base > r.next && r.early:
		return &Error{Offset: r.next, After: r.next + 1, Err: errEarly}
	}
	r.rest, r.whole, r.early = r.rest[size:], true, false
	r.beginAborted(h.last)
	if h.control() {
		abort, err := h.abortMarker(bytes)
		if err != nil {
			return err
		}
		if abort {
			delete(r.void, h.producer)
		}
	}
	if _, void := r.void[h.producer]; h.control() || h.transactional() && void {
		r.next = h.after()
		return nil
	}
	body, err := h.body(bytes)
	var bad *badContent
	if errors.As(err, &bad) {
		r.records = records{header: h, left: 1, instead: h.unreadable(size, bad)}
		return nil
	}
	if err != nil {
		return err
	}
	if h.count == 0 {
		if len(body) > 0 {
			return h.errorf("it has no records, yet %d bytes of them", len(body))
		}
		r.next = h.after() // compaction has emptied it
		return nil
	}
	r.shared = r.shared || h.attributes&codecBits == 0
	r.records = records{header: h, body: body, left: h.count, delta: -1}
	return nil
}

// tooLarge makes one unreadable record of a batch that was kept only in part. Its CRC cannot be checked, so the broker must
// have sent as many bytes as the batch claims. Nothing of the fetch is read after it.
func (r *Reader) tooLarge(h header, size int) error {
	if size > r.size || len(r.rest) < headerSize {
		return &Error{Offset: r.next, After: r.next + 1, Err: fmt.Errorf("it has %d bytes, more than the %d that are taken at once", size, MaxBytes)}
	}
	if err := h.placed(r.next, r.high); err != nil {
		return err
	}
	if h.base > r.next && r.early || h.after() <= r.next {
		return &Error{Offset: r.next, After: r.next + 1, Err: errEarly}
	}
	r.rest, r.whole, r.early = nil, true, false
	if h.control() {
		return h.errorf("a mark of a transaction's end has %d bytes", size)
	}
	r.records = records{header: h, left: 1, instead: h.unreadable(size, errTooLargeStored)}
	return nil
}

// errEarly: brokers begin with the batch that has the offset asked for. A batch that ends before it is skipped only if the
// next one has that offset: the CRC does not cover the base offset, and a corrupt one must not hide a batch.
var errEarly = errors.New("the broker gave a batch that ends before the offset asked for")

// beginAborted marks the producers void whose aborted transactions begin at or before an offset.
func (r *Reader) beginAborted(offset int64) {
	for len(r.aborted) > 0 && r.aborted[0].FirstOffset <= offset {
		if r.void == nil {
			r.void = map[int64]struct{}{}
		}
		r.void[r.aborted[0].ProducerID] = struct{}{}
		r.aborted = r.aborted[1:]
	}
}
