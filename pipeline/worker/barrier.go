package worker

import "csatflow/pipeline"

// barrier keeps records that make a task panic from stopping a partition. A panic while applying names its record.
// After a panic while making rows, the partition is restored and flushed after fewer and fewer records, until the
// record is alone.
type barrier struct {
	known []*pipeline.PanicError
	most  int // records between two flushes; 0 for no bound
	left  int // records until there is no bound again
}

// met notes a panic, and reports whether another try can help.
func (b *barrier) met(applying *pipeline.PanicError, flushing *pipeline.FlushPanic) (found *pipeline.PanicError, again bool) {
	switch {
	case applying != nil:
		found = applying
	case flushing.Applied > 1:
		if b.most == 0 {
			b.left = flushing.Applied
		}
		b.most = flushing.Applied / 2
		return nil, true
	case flushing.Applied == 1:
		found = &flushing.Last
	default: // what was restored is at fault, not a record
		return nil, false
	}
	for _, e := range b.known {
		if e.Topic == found.Topic && e.Offset == found.Offset { // already a dead letter, and it panics still
			return nil, false
		}
	}
	b.known, b.most = append(b.known, found), 0
	return found, true
}

// flushed notes a flush of this many records that did not panic.
func (b *barrier) flushed(records int) {
	if b.left -= records; b.left <= 0 {
		b.most = 0
	}
}

// full reports whether to flush now, so that few records are candidates for a panic.
func (b *barrier) full(t *pipeline.Task) bool { return b.most > 0 && t.Applied() >= b.most }
