package pipeline

import (
	"fmt"

	"csatflow/pipeline/derived"
	"csatflow/pipeline/histories"
	"csatflow/pipeline/pane"
)

// Flush returns all that changed since the last flush. The rows belong to the caller, however long writing takes; the task
// goes on. Fetch the panes that events wait for before it ([Task.FetchAbsent]), and check [Task.Conflict] after it.
func (t *Task) Flush() *Flush {
	f := t.newFlush()
	f.Dead, f.Applied = t.dead, t.applied
	t.dead, t.applied, t.pendingBytes = nil, 0, 0
	f.Birth = appendRows(nil, t.birthRows())
	f.add(t.events.Take()...)
	f.add(t.paneRows(Responses), t.paneRows(Complaints))
	t.flushCustomers()
	f.add(t.derived.Take()...)
	f.add(t.positionRows())
	return f
}

func (t *Task) newFlush() *Flush {
	f := &Flush{Partition: t.Partition}
	for topic := range t.last {
		f.Next[topic] = t.last[topic] + 1
	}
	return f
}

// FlushMinutes returns the panes of minutes and the complaints that changed since the last flush of either kind: what people watch.
// It is the beginning of a flush that is broken off: rows may be ahead of the histories and of the position, which the next
// [Task.Flush] writes, and a restore finds the events that they have absorbed by their marks. nil if a whole flush is needed first.
func (t *Task) FlushMinutes() *Flush {
	for topic := range t.known {
		if t.known[topic] == nil && t.seen[topic].Seen >= 0 { // the log's first rows need the row that identifies it
			return nil
		}
	}
	f := t.newFlush()
	f.Begun = true
	f.add(derived.Satisfaction(t.Partition, t.registry, t.panes[Responses].Fresh(), t.minutes(Responses)),
		derived.Recovery(t.Partition, t.registry, t.panes[Complaints].Fresh(), t.minutes(Complaints)))
	t.histories.EachStepped(func(c *histories.Change, steppedOn []string) {
		complaints := t.histories.Complaints(c.Number)
		complaints.Mark = max(complaints.Mark, t.last[Complaints])
		t.derived.Complaints(t.histories.ID(c.Number), complaints, steppedOn)
	})
	f.add(t.derived.TakeComplaints())
	return f
}

func (t *Task) minutes(topic Topic) derived.Panes {
	return func(each func(*pane.Pane)) { t.panes[topic].FlushMinutes(t.last[topic], each) }
}

// Conflict returns a [ConflictError] if another owner's rows have absorbed part of the sums since the flush before.
// The task is then corrupt: its last flush must not be written.
func (t *Task) Conflict() error {
	if t.conflict == nil {
		return nil
	}
	return t.conflict
}

// ConflictError is a row that another owner of the partition wrote in the meantime.
type ConflictError struct {
	Partition int
	Topic     Topic
	Mark      int64 // of the row
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("another process wrote rows of %s, partition %d, up to offset %d", e.Topic, e.Partition, e.Mark)
}

func appendRows(list []Rows, more ...Rows) []Rows {
	for _, r := range more {
		if r.Len() > 0 {
			list = append(list, r)
		}
	}
	return list
}

// paneRows returns the panes of a topic that changed.
func (t *Task) paneRows(topic Topic) Rows {
	if mark := t.panes[topic].Merge(); mark != pane.NoMark {
		t.conflict = &ConflictError{Partition: t.Partition, Topic: topic, Mark: mark}
	}
	rowsOf := derived.Recovery
	if topic == Responses {
		rowsOf = derived.Satisfaction
	}
	return rowsOf(t.Partition, t.registry, t.panes[topic].Dirty(), func(each func(*pane.Pane)) { t.panes[topic].Flush(t.last[topic], each) })
}

// flushCustomers makes the rows of all customers and terminals that changed.
func (t *Task) flushCustomers() {
	h, w := t.histories, &t.derived
	h.Flush(func(c *histories.Change) {
		number, terminal := c.Number, h.Terminal(c.Number)
		responses, complaints, purchases := h.Responses(number), h.Complaints(number), h.Purchases(number)
		p := w.Subject(h.ID(number), terminal, responses, complaints, purchases)
		if c.Responses {
			responses.Mark = max(responses.Mark, t.last[Responses])
			w.ResponseHistory(&p, h.EncodeResponses(responses))
		}
		if c.Grown != nil {
			complaints.Mark = max(complaints.Mark, t.last[Complaints])
			w.ComplaintHistory(&p, h.EncodeComplaints(number, complaints))
		}
		if c.Purchases {
			purchases.Mark = max(purchases.Mark, t.last[Purchases])
			w.PurchaseHistory(&p, h.EncodePurchases(purchases))
		}
		if !terminal {
			h.SetBand(number, w.Customer(&p, c.SteppedOn, c.AllMoments, c.Fresh))
		}
	})
}
