package pipeline

import (
	"fmt"
	"runtime/debug"

	"csatflow/pipeline/event"
	"csatflow/schemas/reasons"
)

// PanicError is a record that made the task panic: a defect of this program. The task is corrupt: replace it, and pass the
// error to the new task's [Task.Bar].
type PanicError struct {
	Topic  Topic
	Offset int64
	Value  any // the panic's
	Stack  []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("applying the record of %s at offset %d made csatflow panic: %v", e.Topic, e.Offset, e.Value)
}

// reason returns the reason in the record's dead letter.
func (e *PanicError) reason() error {
	return &event.Error{Reason: reasons.Panic.Text(fmt.Sprint(e.Value))}
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

// refused returns why a record is diverted without decoding it; nil for most records.
func (t *Task) refused(rec *Record) error {
	if rec.Unreadable != nil {
		return rec.Unreadable
	}
	if t.barred == nil {
		return nil
	}
	return t.barred[recordPlace{rec.Topic, rec.Offset}]
}

// Try applies a record like Apply, and returns a panic as a [PanicError].
func (t *Task) Try(rec *Record) (r Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Topic: rec.Topic, Offset: rec.Offset, Value: p, Stack: debug.Stack()}
		}
	}()
	return t.Apply(rec), nil
}

// FlushPanic is a flush that panicked over the records applied since the flush before.
type FlushPanic struct {
	Applied int // records
	// Last is the record applied last, with the panic's value. If it is the only one, it caused the panic.
	Last PanicError
}

func (e *FlushPanic) Error() string {
	return fmt.Sprintf("making the rows of %d records made csatflow panic: %v", e.Applied, e.Last.Value)
}

// TryFlush flushes like Flush, and returns a panic as a [FlushPanic]. The task is then corrupt.
func (t *Task) TryFlush() (*Flush, error) { return t.try(t.Flush) }

// TryFlushMinutes is FlushMinutes likewise.
func (t *Task) TryFlushMinutes() (*Flush, error) { return t.try(t.FlushMinutes) }

func (t *Task) try(flush func() *Flush) (f *Flush, err error) {
	applied := t.applied
	defer func() {
		if p := recover(); p != nil {
			err = &FlushPanic{applied, PanicError{Topic: t.latest.topic, Offset: t.latest.offset, Value: p, Stack: debug.Stack()}}
		}
	}()
	return flush(), nil
}
