// Package derived makes the rows that follow from what a task holds: of panes, and of customers and terminals by their histories.
// Start at [Rows].
package derived

import (
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
)

// Rows collects the rows of the customers and terminals of a partition for a flush.
type Rows struct {
	Partition int
	Registry  *pane.Registry
	Kinds     *pane.Kinds
	Model     customer.Model
	ModelID   uint64
	PromiseOf func(category uint8) int64 // seconds

	texts              texts
	responseHistories  rows.CustomerResponses
	complaintHistories rows.CustomerComplaints
	purchaseHistories  rows.CustomerPurchases
	churns             rows.Churn
	states             rows.Complaints
	moments            rows.Moments
	left               rows.Moments // of responses that left their histories
	names              []string     // of all rows' reasons: a few pieces of memory instead of many
	adds               []float64
	summaries          []customer.Summary
}

// Subject is a customer or terminal while their rows are made.
type Subject struct {
	id         string
	terminal   bool
	responses  *customer.Responses
	complaints *customer.Complaints
	purchases  *customer.Purchases
}

// Subject gathers what the rows of a customer or terminal follow from.
func (w *Rows) Subject(id []byte, terminal bool, r *customer.Responses, c *customer.Complaints, p *customer.Purchases) *Subject {
	return &Subject{id: w.texts.of(id), terminal: terminal, responses: r, complaints: c, purchases: p}
}

// Pending is how many rows wait that no history makes again.
func (w *Rows) Pending() int { return w.left.Len() }

// Take gives the rows by tables, and begins anew.
func (w *Rows) Take() []rows.Rows {
	list := []rows.Rows{w.states.Take(), w.left.Take(), w.moments.Take(), w.churns.Take(),
		w.responseHistories.Take(), w.complaintHistories.Take(), w.purchaseHistories.Take()}
	w.texts, w.names, w.adds = texts{}, nil, nil // what was made of them has been given
	return list
}

// Customer makes the rows that are about one customer: complaints that were stepped on, moments, and the churn row, which vouches
// for the moments. Of responses it makes those that are fresh, or all.
func (w *Rows) Customer(p *Subject, steppedOn []string, all bool, fresh []uint64) *customer.Score {
	r, c := p.responses, p.complaints
	w.summaries = w.summaries[:0]
	for i := range c.List {
		w.summaries = append(w.summaries, customer.Summarise(&c.List[i], w.PromiseOf))
		s := &w.summaries[i]
		w.recoveryMoment(p, c.List[i].ID, s)
		if slices.Contains(steppedOn, c.List[i].ID) {
			w.complaintRow(p, c.List[i].ID, s)
		}
	}
	for i := range r.Moments {
		if m := &r.Moments[i]; all || slices.Contains(fresh, m.ID) {
			w.responseMoment(&w.moments, p.id, c, m)
		}
	}
	score := w.Model.Score(r, w.summaries, c, p.purchases)
	w.churnRow(p, &score)
	return &score
}

// KindOf says what an id is of.
func KindOf(terminal bool) string {
	if terminal {
		return "terminal"
	}
	return "customer"
}

func instant(ms int64) *time.Time {
	if ms == customer.Never {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}

func seconds(s int64) *int64 {
	if s < 0 {
		return nil
	}
	return &s
}

// texts makes many short strings of bytes in a few pieces of memory.
type texts struct{ piece strings.Builder }

const textPiece = 1 << 16

func (t *texts) of(b []byte) string {
	if t.piece.Cap()-t.piece.Len() < len(b) {
		t.piece = strings.Builder{}
		t.piece.Grow(max(textPiece, len(b)))
	}
	from := t.piece.Len()
	t.piece.Write(b)
	return t.piece.String()[from:]
}
