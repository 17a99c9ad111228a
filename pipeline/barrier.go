package pipeline

import (
	"fmt"
	"runtime/debug"

	"csatflow/pipeline/event"
)

// PanicError is a record that made the task panic when it was applied: a defect of this program. The task is spoilt: it is
// to be made anew, and to be told of the record by [Task.Bar].
type PanicError struct {
	Topic  Topic
	Offset int64
	Value  any // of the panic
	Stack  []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("applying the record of %s at offset %d made csatflow panic: %v", e.Topic, e.Offset, e.Value)
}

// reason is what the record's dead letter says.
func (e *PanicError) reason() error {
	return &event.Error{Reason: fmt.Sprintf("csatflow could not apply it and panicked: %v. This is a defect of csatflow: report it with this message", e.Value)}
}

// recordPlace names a record of a partition.
type recordPlace struct {
	topic  Topic
	offset int64
}

// Bar makes a dead letter of a record that made another task panic.
func (t *Task) Bar(e *PanicError) {
	if t.barred == nil {
		t.barred = map[recordPlace]error{}
	}
	t.barred[recordPlace{e.Topic, e.Offset}] = e.reason()
}

// refused is why a record is diverted without a look at its value.
func (t *Task) refused(rec *Record) error {
	if rec.Unreadable != nil {
		return rec.Unreadable
	}
	if t.barred == nil {
		return nil
	}
	return t.barred[recordPlace{rec.Topic, rec.Offset}]
}

// Try is Apply, and gives a panic as a [PanicError].
func (t *Task) Try(rec *Record) (r Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Topic: rec.Topic, Offset: rec.Offset, Value: p, Stack: debug.Stack()}
		}
	}()
	return t.Apply(rec), nil
}

// flushPanic is a flush that panicked over what was applied since the one before.
type flushPanic struct {
	applied int
	last    recordPlace // applied last
	value   any
	stack   []byte
}

func (e *flushPanic) Error() string {
	return fmt.Sprintf("making the rows of %d records made csatflow panic: %v", e.applied, e.value)
}

// tryFlush is Flush, and gives a panic as an error. The task is spoilt then.
func (t *Task) tryFlush() (f *Flush, err error) {
	applied := t.applied
	defer func() {
		if p := recover(); p != nil {
			err = &flushPanic{applied: applied, last: t.latest, value: p, stack: debug.Stack()}
		}
	}()
	return t.Flush(), nil
}

// barrier keeps records that make a task panic from stopping a partition. One that does when it is applied is known at
// once. For one that does when rows are made, the partition is restored and fewer and fewer records are applied between
// two flushes, until it is alone.
type barrier struct {
	known []*PanicError
	most  int // records between two flushes; 0 for no bound
	left  int // records until there is none again
}

// met takes a panic in; it says whether another try can help.
func (b *barrier) met(applying *PanicError, flushing *flushPanic) (found *PanicError, again bool) {
	switch {
	case applying != nil:
		found = applying
	case flushing.applied > 1:
		if b.most == 0 {
			b.left = flushing.applied
		}
		b.most = flushing.applied / 2
		return nil, true
	case flushing.applied == 1:
		found = &PanicError{Topic: flushing.last.topic, Offset: flushing.last.offset, Value: flushing.value, Stack: flushing.stack}
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
func (b *barrier) full(t *Task) bool { return b.most > 0 && t.applied >= b.most }
