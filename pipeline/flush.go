package pipeline

import (
	"fmt"
	"time"

	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
)

// Flush gives all that changed since the last flush. The task goes on from there: what it gave is the caller's, to be
// written however long that takes. Panes that events wait for are fetched before; see [Task.Conflict] after it.
func (t *Task) Flush() *Flush {
	f := &Flush{Partition: t.Partition, Dead: t.dead, Applied: t.applied}
	for topic := range t.last {
		f.Next[topic] = t.last[topic] + 1
	}
	t.dead, t.applied, t.pendingBytes = nil, 0, 0
	f.Birth = appendRows(nil, t.birthRows())
	f.Events = t.events.Take()
	f.Derived = appendRows(f.Derived, t.paneRows(Responses), t.paneRows(Complaints))
	t.flushCustomers(f)
	f.Positions = appendRows(nil, t.positionRows())
	return f
}

// Conflict is a ConflictError if rows turned up that have absorbed a part of what was added up since the flush before.
// The task is then spoilt: what its last flush gave must not be written.
func (t *Task) Conflict() error {
	if t.conflict == nil {
		return nil
	}
	return t.conflict
}

// ConflictError is a row that another owner of the partition wrote meanwhile.
type ConflictError struct {
	Partition int
	Topic     Topic
	Mark      int64 // of the row
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("another process wrote rows of %s, partition %d, up to offset %d", e.Topic, e.Partition, e.Mark)
}

// Empty says that there is nothing to write and nothing to commit.
func (f *Flush) Empty() bool { return f.Applied == 0 && len(f.Customers) == 0 && len(f.Positions) == 0 }

func appendRows(list []Rows, more ...Rows) []Rows {
	for _, r := range more {
		if r.Len() > 0 {
			list = append(list, r)
		}
	}
	return list
}

// paneRows gives the panes of a topic that changed.
func (t *Task) paneRows(topic Topic) Rows {
	if mark := t.panes[topic].Merge(); mark != pane.NoMark {
		t.conflict = &ConflictError{Partition: t.Partition, Topic: topic, Mark: mark}
	}
	if topic == Responses {
		return t.satisfactionRows()
	}
	return t.recoveryRows()
}

func (t *Task) satisfactionRows() Rows {
	w, set := rows.NewSatisfactionPanes(t.panes[Responses].Dirty()), t.panes[Responses]
	var values arena // of all panes: a few pieces of memory instead of many
	set.Flush(t.last[Responses], func(p *pane.Pane) {
		s := t.registry.Series(p.Key.Series())
		w.Row()
		w.Resolution = append(w.Resolution, p.Key.Resolution().Seconds())
		w.PaneStart = append(w.PaneStart, time.Unix(p.Key.Start().Unix(), 0).UTC())
		w.ScopeKind = append(w.ScopeKind, s.ScopeKind)
		w.ScopeID = append(w.ScopeID, s.ScopeID)
		w.Partition = append(w.Partition, uint32(t.Partition))
		w.Mark = append(w.Mark, p.Mark)
		w.Version = append(w.Version, rows.MarkVersion(p.Mark))
		w.Survey = append(w.Survey, s.Survey)
		w.Brand = append(w.Brand, s.Brand)
		w.Groups = append(w.Groups, p.Groups)
		w.Counters = append(w.Counters, values.copyOf(p.Counters))
	})
	return w.Take()
}

func (t *Task) recoveryRows() Rows {
	w, set := rows.NewRecoveryPanes(t.panes[Complaints].Dirty()), t.panes[Complaints]
	var values arena
	set.Flush(t.last[Complaints], func(p *pane.Pane) {
		s := t.registry.Series(p.Key.Series())
		buckets, counts := p.Hist.Columns()
		w.Row()
		w.Resolution = append(w.Resolution, p.Key.Resolution().Seconds())
		w.PaneStart = append(w.PaneStart, time.Unix(p.Key.Start().Unix(), 0).UTC())
		w.ScopeKind = append(w.ScopeKind, s.ScopeKind)
		w.ScopeID = append(w.ScopeID, s.ScopeID)
		w.Partition = append(w.Partition, uint32(t.Partition))
		w.Mark = append(w.Mark, p.Mark)
		w.Version = append(w.Version, rows.MarkVersion(p.Mark))
		w.Buckets = append(w.Buckets, buckets)
		w.BucketCounts = append(w.BucketCounts, counts)
		w.Groups = append(w.Groups, p.Groups)
		w.Counters = append(w.Counters, values.copyOf(p.Counters))
	})
	return w.Take()
}

// arena holds copies of many short slices in pieces that are never copied again.
type arena []int64

const arenaPiece = 1 << 14

func (a *arena) copyOf(v []int64) []int64 {
	if cap(*a)-len(*a) < len(v) {
		*a = make(arena, 0, max(arenaPiece, len(v)))
	}
	from := len(*a)
	*a = append(*a, v...)
	return (*a)[from:len(*a):len(*a)]
}
