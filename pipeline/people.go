package pipeline

import (
	"context"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
	"fmt"
	"slices"
	"strings"
)

// person is what a partition knows of one customer or terminal.
type person struct {
	id         string
	terminal   bool
	responses  *customer.Responses
	complaints *customer.Complaints
	band       uint8 // 0 before the first score, else 1 + the place in customer.Bands

	dirty, dirtyResponses, dirtyComplaints bool
	fresh                                  []uint64 // responses taken in since the last flush
	allMoments                             bool     // every response's row is to be made again
	steppedOn                              []string // complaints with a new step
}

func (t *Task) setBand(p *person, band string) {
	if p.band > 0 {
		t.bands[p.band-1]--
	}
	p.band = event.Code(customer.Bands, band)
	if p.band > 0 {
		t.bands[p.band-1]++
	}
}

// person finds or makes the state of a customer or terminal.
func (t *Task) person(id []byte, terminal bool) *person {
	people := t.customers
	if terminal {
		people = t.terminals
	}
	p := people[string(id)]
	if p == nil {
		p = &person{id: string(id), terminal: terminal}
		people[p.id] = p
	}
	return p
}

func (t *Task) touch(p *person) {
	if !p.dirty {
		p.dirty = true
		t.dirty = append(t.dirty, p)
	}
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

func (t *Task) restoreHistory(topic Topic, row HistoryRow) error {
	p := t.person([]byte(row.ID), row.Terminal)
	data := []byte(row.History)
	if topic == Responses {
		h, err := customer.ReadResponses(data, t.registry)
		if err != nil {
			return fmt.Errorf("%s %q: %w", kindOf(p), row.ID, err)
		}
		h.Mark, h.Absorbed = row.Mark, row.Absorbed
		p.responses = h
		if m := h.Latest(); m != nil {
			t.watermark = max(t.watermark, m.At)
		}
		return nil
	}
	h, err := customer.ReadComplaints(data, t.text)
	if err != nil {
		return fmt.Errorf("customer %q: %w", row.ID, err)
	}
	h.Mark, h.Absorbed = row.Mark, row.Absorbed
	p.complaints = h
	return nil
}

// Marks gives, by topic, the highest mark of a restored history, -1 for none: an offset that the log must have.
func (t *Task) Marks() [Topics]int64 {
	marks := [Topics]int64{pane.NoMark, pane.NoMark}
	for _, people := range []map[string]*person{t.customers, t.terminals} {
		for _, p := range people {
			if p.responses != nil {
				marks[Responses] = max(marks[Responses], p.responses.Mark)
			}
			if p.complaints != nil {
				marks[Complaints] = max(marks[Complaints], p.complaints.Mark)
			}
		}
	}
	return marks
}

func (t *Task) restoreScores(ctx context.Context, store Store) error {
	scored := map[string]ScoreRow{}
	err := store.Scores(ctx, t.Partition, func(row ScoreRow) error {
		row.CustomerID = strings.Clone(row.CustomerID)
		scored[row.CustomerID] = row
		return nil
	})
	if err != nil {
		return err
	}
	for id, p := range t.customers {
		absorbed := uint64(0)
		if p.responses != nil {
			absorbed += p.responses.Absorbed
		}
		if p.complaints != nil {
			absorbed += p.complaints.Absorbed
			t.watchOpen(p)
		}
		row, found := scored[id]
		if found {
			t.setBand(p, row.Band)
		}
		if !found || row.Version < versionOf(absorbed) || row.Model != t.model {
			p.allMoments = true
			t.touch(p)
		}
	}
	return nil
}

// watchOpen sets the deadlines of complaints that may still break their promise.
func (t *Task) watchOpen(p *person) {
	for i := range p.complaints.List {
		c := &p.complaints.List[i]
		if s := customer.Summarise(c, t.set.promise); s.BreachedAt > t.watermark {
			t.deadlines.watch(&s, p, c.ID)
		}
	}
}
