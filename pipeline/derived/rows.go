// Package derived makes the rows that follow from a task's state: of panes, and of the histories of customers and terminals.
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

// Rows collects the rows of a partition's customers and terminals for a flush.
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
	left               rows.Moments // responses that left their histories
	names              []string     // of all rows' reasons: a few large allocations instead of many
	adds               []float64
	summaries          []customer.Summary
}

// Subject is a customer or terminal whose rows are made.
type Subject struct {
	id         string
	terminal   bool
	responses  *customer.Responses
	complaints *customer.Complaints
	purchases  *customer.Purchases
}

// Subject returns a customer or terminal with its histories.
func (w *Rows) Subject(id []byte, terminal bool, r *customer.Responses, c *customer.Complaints, p *customer.Purchases) *Subject {
	return &Subject{id: w.texts.of(id), terminal: terminal, responses: r, complaints: c, purchases: p}
}

// Pending returns how many waiting rows could not be made again from a history.
func (w *Rows) Pending() int { return w.left.Len() }

// Take returns the rows by table, and starts again empty.
func (w *Rows) Take() []rows.Rows {
	list := []rows.Rows{w.states.Take(), w.left.Take(), w.moments.Take(), w.churns.Take(),
		w.responseHistories.Take(), w.complaintHistories.Take(), w.purchaseHistories.Take()}
	w.texts, w.names, w.adds = texts{}, nil, nil // the returned rows own them
	return list
}

// Customer makes the rows of one customer: complaints with a new step, moments, and the churn row, which vouches for the
// moments. It makes the moments of fresh responses, or of all.
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

// KindOf returns the kind of an id.
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

// texts makes many short strings in a few large allocations.
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
