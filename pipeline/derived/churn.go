package derived

import (
	"time"

	"csatflow/pipeline/customer"
)

const (
	reasons      = 3 // reasons of a score in its row
	reasonsPiece = 1 << 10
)

// churnRow adds a customer's row of the table churn.
func (r *Rows) churnRow(p *Subject, s *customer.Score) {
	w, h := &r.churns, p.responses
	latest, at := uint8(0), int64(0)
	if m := h.Latest(); m != nil {
		latest, at = m.Grade, m.At
	}
	w.Row()
	w.Partition = append(w.Partition, uint32(r.Partition))
	w.CustomerID = append(w.CustomerID, p.id)
	absorbed := Absorbed{h.Absorbed(), p.complaints.Absorbed(), p.purchases.Absorbed()}
	w.Version = append(w.Version, absorbed.Version())
	w.MadeOf = append(w.MadeOf, absorbed.Hash())
	w.Model = append(w.Model, r.ModelID)
	w.Responses = append(w.Responses, h.Count)
	w.GradeSum = append(w.GradeSum, h.GradeSum)
	w.LatestGrade = append(w.LatestGrade, latest)
	w.LatestAt = append(w.LatestAt, time.UnixMilli(at).UTC())
	w.EwmaGrade = append(w.EwmaGrade, s.EWMA)
	w.Complaints = append(w.Complaints, uint32(len(p.complaints.List)))
	w.ChurnRisk = append(w.ChurnRisk, s.Risk)
	w.ChurnBand = append(w.ChurnBand, s.Band)
	names, adds := r.reasonsOf(s)
	w.Reasons = append(w.Reasons, names)
	w.Contributions = append(w.Contributions, adds)
	w.LeaveReason = append(w.LeaveReason, s.LeaveReason)
	w.Logit = append(w.Logit, s.Logit)
	w.Overdue = append(w.Overdue, s.Inputs[customer.PurchaseOverdue])
	w.OverdueWeight = append(w.OverdueWeight, r.Model.Weights[customer.PurchaseOverdue])
	w.LastPurchaseAt = append(w.LastPurchaseAt, instant(p.purchases.Last))
	w.UsualGapSeconds = append(w.UsualGapSeconds, uint64(s.Rhythm.UsualGap/1000))
	w.Repurchase = append(w.Repurchase, probability(s.Repurchase, 0.85, 0.5, 0.15))
	w.Recommend = append(w.Recommend, probability(s.Recommend, 1, 0.5, 0))
}

// reasonsOf returns the inputs that add most to a score, and what they add.
func (r *Rows) reasonsOf(s *customer.Score) ([]string, []float64) {
	if cap(r.names)-len(r.names) < reasons {
		r.names, r.adds = make([]string, 0, reasonsPiece), make([]float64, 0, reasonsPiece)
	}
	from := len(r.names)
	r.names, r.adds = s.AppendReasons(r.names, r.adds, reasons)
	to := len(r.names)
	return r.names[from:to:to], r.adds[from:to:to]
}

// probability returns the probability for an answer, 1 to 3; nil if none was given.
func probability(answer uint8, likely, possible, unlikely float64) *float64 {
	if answer == 0 {
		return nil
	}
	p := [...]float64{likely, possible, unlikely}[answer-1]
	return &p
}
