package worker

import "csatflow/pipeline"

// barrier keeps records that make a task panic from stopping a partition. One that does when it is applied is known at
// once. For one that does when rows are made, the partition is restored and fewer and fewer records are applied between
// two flushes, until it is alone.
type barrier struct {
	known []*pipeline.PanicError
	most  int // records between two flushes; 0 for no bound
	left  int // records until there is none again
}

// met takes a panic in; it says whether another try can help.
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
	default: // what was restored is at fault, and no record
		return nil, false
	}
	for _, e := range b.known {
		if e.Topic == found.Topic && e.Offset == found.Offset { // it is a dead letter already, and still
			return nil, false
		}
	}
	b.known, b.most = append(b.known, found), 0
	return found, true
}

// flushed hears of a flush of so many records that did not panic.
func (b *barrier) flushed(records int) {
	if b.left -= records; b.left <= 0 {
		b.most = 0
	}
}

// full says that it is time for a flush, lest many records be looked through for the one that makes it panic.
func (b *barrier) full(t *pipeline.Task) bool { return b.most > 0 && t.Applied() >= b.most }
