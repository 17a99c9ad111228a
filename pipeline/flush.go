package pipeline

import (
	"slices"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
)

// Flush gives all that changed since the last flush. The task goes on from there: what it gave is the caller's, to be
// written however long that takes.
func (t *Task) Flush() *Flush {
	f := &Flush{Partition: t.Partition, Dead: t.dead, Applied: t.applied}
	for topic := range t.last {
		f.Next[topic] = t.last[topic] + 1
	}
	t.dead, t.applied, t.pendingBytes = nil, 0, 0
	f.Birth = appendRows(nil, t.birthRows())
	for topic := range t.events {
		if t.events[topic].rows > 0 {
			f.Events = append(f.Events, t.events[topic].take())
		}
	}
	f.Derived = appendRows(f.Derived, t.paneRows(Responses, paneTables[Responses]), t.paneRows(Complaints, paneTables[Complaints]))
	t.flushPeople(f)
	f.Positions = appendRows(nil, t.positionRows())
	return f
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
		g, v := p.Columns()
		groups, counters = append(groups, g), append(counters, values.copyOf(v))
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

func (t *Task) flushPeople(f *Flush) {
	moments, complaints, churn := &rowBuilder{table: TableMoments}, &rowBuilder{table: TableComplaints}, &rowBuilder{table: TableChurn}
	responseHistories, complaintHistories := &rowBuilder{table: TableCustomerResponses}, &rowBuilder{table: TableCustomerComplaint}
	for _, p := range t.dirty {
		if p.dirtyResponses {
			p.responses.Mark = max(p.responses.Mark, t.last[Responses])
			t.responseHistoryRow(responseHistories, p)
		}
		if p.dirtyComplaints {
			p.complaints.Mark = max(p.complaints.Mark, t.last[Complaints])
			t.complaintHistoryRow(complaintHistories, p)
		}
		if !p.terminal {
			t.flushCustomer(p, moments, complaints, churn)
		}
		p.dirty, p.dirtyResponses, p.dirtyComplaints, p.allMoments = false, false, false, false
		p.fresh, p.steppedOn = p.fresh[:0], p.steppedOn[:0]
	}
	clear(t.dirty)
	t.dirty = t.dirty[:0]
	f.Derived = appendRows(f.Derived, complaints.take(), t.left.take(), moments.take())
	f.Customers = appendRows(f.Customers, churn.take())
	f.Histories = appendRows(f.Histories, responseHistories.take(), complaintHistories.take())
}

func kindOf(p *person) string {
	if p.terminal {
		return "terminal"
	}
	return "customer"
}

func (t *Task) responseHistoryRow(w *rowBuilder, p *person) {
	h := p.responses
	a := w.row()
	add(a, "partition", uint32(t.Partition))
	add(a, "kind", kindOf(p))
	add(a, "customer_id", p.id)
	add(a, "mark", h.Mark)
	add(a, "version", markVersion(h.Mark))
	add(a, "absorbed", h.Absorbed)
	add(a, "responses", h.Count)
	add(a, "history", string(h.AppendTo(nil, t.registry)))
}

func (t *Task) complaintHistoryRow(w *rowBuilder, p *person) {
	h := p.complaints
	a := w.row()
	add(a, "partition", uint32(t.Partition))
	add(a, "customer_id", p.id)
	add(a, "mark", h.Mark)
	add(a, "version", markVersion(h.Mark))
	add(a, "absorbed", h.Absorbed)
	add(a, "complaints", uint32(len(h.List)))
	add(a, "history", string(h.AppendTo(nil)))
}

// flushCustomer makes the rows that are about one customer: stepped-on complaints, moments, and the churn row, which
// vouches for the moments.
func (t *Task) flushCustomer(p *person, moments, complaints, churn *rowBuilder) {
	r, c := p.responses, p.complaints
	if r == nil {
		r = customer.NewResponses()
	}
	if c == nil {
		c = customer.NewComplaints()
	}
	summaries := make([]customer.Summary, len(c.List))
	for i := range c.List {
		summaries[i] = customer.Summarise(&c.List[i], t.set.promise)
		t.recoveryMoment(moments, p, r, c, c.List[i].ID, &summaries[i])
		if slices.Contains(p.steppedOn, c.List[i].ID) {
			t.complaintRow(complaints, p, c, c.List[i].ID, &summaries[i])
		}
	}
	for i := range r.Moments {
		m := &r.Moments[i]
		if p.allMoments || slices.Contains(p.fresh, m.ID) {
			t.responseMoment(moments, p, c, m)
		}
	}
	score := t.set.Model.Score(r, summaries, c)
	t.churnRow(churn, p, r, c, &score)
	t.setBand(p, score.Band)
}
