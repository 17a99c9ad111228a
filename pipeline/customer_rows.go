package pipeline

import (
	"strings"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/rows"
)

// customerRows collects the rows of customers and terminals for a flush.
type customerRows struct {
	texts              texts
	encoded            []byte
	responseHistories  rows.CustomerResponses
	complaintHistories rows.CustomerComplaints
	purchaseHistories  rows.CustomerPurchases
	churns             rows.Churn
	states             rows.Complaints
	moments            rows.Moments
	names              []string // of all rows' reasons: a few pieces of memory instead of many
	adds               []float64
}

// subject is a customer or terminal while their rows are made.
type subject struct {
	number     uint32
	id         string
	terminal   bool
	responses  *customer.Responses
	complaints *customer.Complaints
	purchases  *customer.Purchases
}

// take puts the rows into a flush, in the stages that CORRECTNESS.md asks for, and begins anew.
func (w *customerRows) take(f *Flush, left *rows.Moments) {
	f.Derived = appendRows(f.Derived, w.states.Take(), left.Take(), w.moments.Take())
	f.Customers = appendRows(f.Customers, w.churns.Take())
	f.Histories = appendRows(f.Histories, w.responseHistories.Take(), w.complaintHistories.Take(), w.purchaseHistories.Take())
	w.texts, w.names, w.adds = texts{}, nil, nil // what was made of them is in the flush
}

// responseHistory adds the row of a history of responses.
func (t *Task) responseHistory(p *subject) {
	w, h := &t.rows.responseHistories, p.responses
	t.rows.encoded = t.codec.AppendResponses(t.rows.encoded[:0], h)
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
	w.Kind = append(w.Kind, kindOf(p.terminal))
	w.CustomerID = append(w.CustomerID, p.id)
	w.Mark = append(w.Mark, h.Mark)
	w.Version = append(w.Version, rows.MarkVersion(h.Mark))
	w.Absorbed = append(w.Absorbed, h.Absorbed())
	w.Responses = append(w.Responses, h.Count)
	w.History = append(w.History, t.rows.texts.of(t.rows.encoded))
}

// complaintHistory adds the row of a history of complaints, and keeps that history in the same form.
func (t *Task) complaintHistory(p *subject) {
	w, h := &t.rows.complaintHistories, p.complaints
	t.rows.encoded = t.codec.AppendComplaints(t.rows.encoded[:0], h)
	t.keepComplaints(p.number, h, t.rows.encoded)
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
	w.CustomerID = append(w.CustomerID, p.id)
	w.Mark = append(w.Mark, h.Mark)
	w.Version = append(w.Version, rows.MarkVersion(h.Mark))
	w.Absorbed = append(w.Absorbed, h.Absorbed())
	w.Complaints = append(w.Complaints, uint32(len(h.List)))
	w.History = append(w.History, t.rows.texts.of(t.rows.encoded))
}

const (
	reasons      = 3 // of a score that have a place in its row
	reasonsPiece = 1 << 10
)

// churnRow adds what the customer's histories say of their leaving.
func (t *Task) churnRow(p *subject, s *customer.Score) {
	w, r := &t.rows.churns, p.responses
	latest, at := uint8(0), int64(0)
	if m := r.Latest(); m != nil {
		latest, at = m.Grade, m.At
	}
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
	w.CustomerID = append(w.CustomerID, p.id)
	w.Version = append(w.Version, rows.VersionOf(r.Absorbed()+p.complaints.Absorbed()+p.purchases.Absorbed()))
	w.Model = append(w.Model, t.model)
	w.Responses = append(w.Responses, r.Count)
	w.GradeSum = append(w.GradeSum, r.GradeSum)
	w.LatestGrade = append(w.LatestGrade, latest)
	w.LatestAt = append(w.LatestAt, time.UnixMilli(at).UTC())
	w.EwmaGrade = append(w.EwmaGrade, s.EWMA)
	w.Complaints = append(w.Complaints, uint32(len(p.complaints.List)))
	w.ChurnRisk = append(w.ChurnRisk, s.Risk)
	w.ChurnBand = append(w.ChurnBand, s.Band)
	names, adds := t.rows.reasonsOf(s)
	w.Reasons = append(w.Reasons, names)
	w.Contributions = append(w.Contributions, adds)
	w.LeaveReason = append(w.LeaveReason, s.LeaveReason)
	w.Logit = append(w.Logit, s.Logit)
	w.Overdue = append(w.Overdue, s.Inputs[customer.PurchaseOverdue])
	w.OverdueWeight = append(w.OverdueWeight, t.set.Model.Weights[customer.PurchaseOverdue])
	w.LastPurchaseAt = append(w.LastPurchaseAt, instant(p.purchases.Last))
	w.UsualGapSeconds = append(w.UsualGapSeconds, uint64(s.Rhythm.UsualGap/1000))
	w.Repurchase = append(w.Repurchase, probability(s.Repurchase, 0.85, 0.5, 0.15))
	w.Recommend = append(w.Recommend, probability(s.Recommend, 1, 0.5, 0))
}

// reasonsOf gives the inputs that add most to a score, and what they add.
func (w *customerRows) reasonsOf(s *customer.Score) ([]string, []float64) {
	if cap(w.names)-len(w.names) < reasons {
		w.names, w.adds = make([]string, 0, reasonsPiece), make([]float64, 0, reasonsPiece)
	}
	from := len(w.names)
	w.names, w.adds = s.AppendReasons(w.names, w.adds, reasons)
	to := len(w.names)
	return w.names[from:to:to], w.adds[from:to:to]
}

// probability is what an answer of three says, nil when it was not given.
func probability(answer uint8, likely, possible, unlikely float64) *float64 {
	if answer == 0 {
		return nil
	}
	p := [...]float64{likely, possible, unlikely}[answer-1]
	return &p
}

// purchaseHistory adds the row of a history of purchases.
func (t *Task) purchaseHistory(p *subject) {
	w, h := &t.rows.purchaseHistories, p.purchases
	t.rows.encoded = t.codec.AppendPurchases(t.rows.encoded[:0], h)
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
	w.CustomerID = append(w.CustomerID, p.id)
	w.Mark = append(w.Mark, h.Mark)
	w.Version = append(w.Version, rows.MarkVersion(h.Mark))
	w.Absorbed = append(w.Absorbed, h.Absorbed())
	w.Purchases = append(w.Purchases, h.Total.Count)
	w.AmountCents = append(w.AmountCents, int64(h.Total.Amount))
	w.MarginCents = append(w.MarginCents, int64(h.Total.Margin))
	w.UnmarginedCents = append(w.UnmarginedCents, int64(h.Total.Unmargined))
	w.ServiceCostCents = append(w.ServiceCostCents, int64(h.Total.ServiceCost))
	w.FirstAt = append(w.FirstAt, instant(h.First))
	w.LastAt = append(w.LastAt, instant(h.Last))
	n := len(h.Months)
	months, counts, amounts, margins, unmargined, costs := make([]uint32, n), make([]uint64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i := range h.Months {
		m := &h.Months[i]
		months[i] = uint32(m.Number/12*100 + m.Number%12 + 1)
		counts[i], amounts[i], margins[i], unmargined[i], costs[i] = m.Count, int64(m.Amount), int64(m.Margin), int64(m.Unmargined), int64(m.ServiceCost)
	}
	w.Months = append(w.Months, months)
	w.MonthPurchases = append(w.MonthPurchases, counts)
	w.MonthAmountCents = append(w.MonthAmountCents, amounts)
	w.MonthMarginCents = append(w.MonthMarginCents, margins)
	w.MonthUnmarginedCents = append(w.MonthUnmarginedCents, unmargined)
	w.MonthServiceCostCents = append(w.MonthServiceCostCents, costs)
	w.History = append(w.History, t.rows.texts.of(t.rows.encoded))
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
