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
	PromiseOf func(category uint8, own string) int64 // seconds

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
func (r *Rows) Subject(id []byte, terminal bool, responses *customer.Responses, complaints *customer.Complaints, purchases *customer.Purchases) Subject {
	return Subject{r.texts.of(id), terminal, responses, complaints, purchases}
}

// Pending returns how many waiting rows could not be made again from a history.
func (r *Rows) Pending() int { return r.left.Len() }

// Take returns the rows by table, and starts again empty.
func (r *Rows) Take() []rows.Rows {
	list := []rows.Rows{r.states.Take(), r.left.Take(), r.moments.Take(), r.churns.Take(),
		r.responseHistories.Take(), r.complaintHistories.Take(), r.purchaseHistories.Take()}
	r.texts, r.names, r.adds = texts{}, nil, nil // the returned rows own them
	return list
}

// Complaints makes the rows of some of a customer's complaints, by their ids.
func (r *Rows) Complaints(id []byte, c *customer.Complaints, ids []string) {
	p := Subject{id: r.texts.of(id), complaints: c}
	for i := range c.List {
		if slices.Contains(ids, c.List[i].ID) {
			s := customer.Summarise(&c.List[i], r.PromiseOf)
			r.complaintRow(&p, c.List[i].ID, &s)
		}
	}
}

// TakeComplaints returns, and forgets, the rows of complaints alone.
func (r *Rows) TakeComplaints() rows.Rows { return r.states.Take() }

// Customer makes the rows of one customer: complaints with a new step, moments, and the churn row, which vouches for the
// moments. It makes the moments of fresh responses, or of all. It returns the customer's band of risk.
func (r *Rows) Customer(p *Subject, steppedOn []string, all bool, fresh []uint64) (band string) {
	h, c := p.responses, p.complaints
	r.summaries = r.summaries[:0]
	for i := range c.List {
		r.summaries = append(r.summaries, customer.Summarise(&c.List[i], r.PromiseOf))
		s := &r.summaries[i]
		r.recoveryMoment(p, c.List[i].ID, s)
		if slices.Contains(steppedOn, c.List[i].ID) {
			r.complaintRow(p, c.List[i].ID, s)
		}
	}
	for i := range h.Moments {
		if m := &h.Moments[i]; all || slices.Contains(fresh, m.ID) {
			r.responseMoment(&r.moments, p.id, c, m)
		}
	}
	score := r.Model.Score(h, r.summaries, c, p.purchases)
	r.churnRow(p, &score)
	return score.Band
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
