package pipeline

import (
	"fmt"
	"time"

	"csatflow/pipeline/pane"
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
	f.Events = t.takeEvents()
	f.Derived = appendRows(f.Derived, t.paneRows(Responses, paneTables[Responses]), t.paneRows(Complaints, paneTables[Complaints]))
	t.flushPeople(f)
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

func (t *Task) paneRows(topic Topic, table string) Rows {
	set := t.panes[topic]
	if mark := set.Merge(); mark != pane.NoMark {
		t.conflict = &ConflictError{Partition: t.Partition, Topic: topic, Mark: mark}
	}
	n := set.Dirty()
	resolution, start := make([]uint32, 0, n), make([]time.Time, 0, n)
	kind, id := make([]string, 0, n), make([]string, 0, n)
	partition, mark, version := make([]uint32, 0, n), make([]int64, 0, n), make([]uint64, 0, n)
	groups, counters := make([]uint32, 0, n), make([][]int64, 0, n)
	var survey, brand []string // responses only
	var buckets [][]int16      // complaints only
	var bucketCounts [][]int64 // complaints only
	var values arena           // of all panes: a few pieces of memory instead of many
	set.Flush(t.last[topic], func(p *pane.Pane) {
		s := t.registry.Series(p.Key.Series())
		resolution = append(resolution, p.Key.Resolution().Seconds())
		start = append(start, time.Unix(p.Key.Start().Unix(), 0).UTC())
		kind, id = append(kind, s.ScopeKind), append(id, s.ScopeID)
		partition, mark, version = append(partition, uint32(t.Partition)), append(mark, p.Mark), append(version, markVersion(p.Mark))
		groups, counters = append(groups, p.Groups), append(counters, values.copyOf(p.Counters))
		if topic == Responses {
			survey, brand = append(survey, s.Survey), append(brand, s.Brand)
		} else {
			b, c := p.Hist.Columns()
			buckets, bucketCounts = append(buckets, b), append(bucketCounts, c)
		}
	})
	columns := []Column{{"resolution", resolution}, {"pane_start", start}, {"scope_kind", kind}, {"scope_id", id},
		{"partition", partition}, {"mark", mark}, {"version", version}, {"groups", groups}, {"counters", counters}}
	if topic == Responses {
		columns = append(columns, Column{"survey", survey}, Column{"brand", brand})
	} else {
		columns = append(columns, Column{"buckets", buckets}, Column{"bucket_counts", bucketCounts})
	}
	return Rows{Table: table, Columns: columns}
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
