package pipeline

import (
	"strings"
	"time"

	"csatflow/pipeline/customer"
)

// peopleRows collects the rows of customers and terminals for a flush. Histories and churn have a row for every customer
// that changed: their columns have types, which takes a third of the time of a rowBuilder's.
type peopleRows struct {
	texts              texts
	encoded            []byte
	responseHistories  historyColumns
	churns             churnColumns
	complaintHistories rowBuilder
	purchaseHistories  rowBuilder
	states, moments    rowBuilder
}

// of is a customer or terminal while their rows are made.
type of struct {
	number     uint32
	id         string
	terminal   bool
	responses  *customer.Responses
	complaints *customer.Complaints
	purchases  *customer.Purchases
}

func newPeopleRows() peopleRows {
	return peopleRows{complaintHistories: rowBuilder{table: TableCustomerComplaint}, purchaseHistories: rowBuilder{table: TableCustomerPurchases}, states: rowBuilder{table: TableComplaints}, moments: rowBuilder{table: TableMoments}}
}

// take puts the rows into a flush, in the stages that CORRECTNESS.md asks for, and begins anew.
func (w *peopleRows) take(f *Flush, left *rowBuilder) {
	f.Derived = appendRows(f.Derived, w.states.take(), left.take(), w.moments.take())
	f.Customers = appendRows(f.Customers, w.churns.take())
	f.Histories = appendRows(f.Histories, w.responseHistories.take(), w.complaintHistories.take(), w.purchaseHistories.take())
	w.texts = texts{} // what was made of it is in the flush
}

// historyColumns are rows of customer_responses.
type historyColumns struct {
	partition        []uint32
	kind, id         []string
	mark             []int64
	version          []uint64
	absorbed, counts []uint64
	history          []string
	before           int // rows of the last flush: the next has likely as many
}

func (w *historyColumns) take() Rows {
	rows := Rows{Table: TableCustomerResponses, Columns: []Column{{"partition", w.partition}, {"kind", w.kind}, {"customer_id", w.id}, {"mark", w.mark},
		{"version", w.version}, {"absorbed", w.absorbed}, {"responses", w.counts}, {"history", w.history}}}
	*w = historyColumns{before: len(w.id)}
	return rows
}

// responseHistory adds the row of a history of responses.
func (t *Task) responseHistory(p *of) {
	rows, c, h := &t.rows, &t.rows.responseHistories, p.responses
	if c.id == nil {
		n := c.before
		c.partition, c.kind, c.id, c.mark = make([]uint32, 0, n), make([]string, 0, n), make([]string, 0, n), make([]int64, 0, n)
		c.version, c.absorbed, c.counts, c.history = make([]uint64, 0, n), make([]uint64, 0, n), make([]uint64, 0, n), make([]string, 0, n)
	}
	rows.encoded = t.codec.AppendResponses(rows.encoded[:0], h)
	c.partition, c.kind, c.id, c.mark = append(c.partition, uint32(t.Partition)), append(c.kind, kindOf(p.terminal)), append(c.id, p.id), append(c.mark, h.Mark)
	c.version, c.absorbed, c.counts = append(c.version, markVersion(h.Mark)), append(c.absorbed, h.Absorbed()), append(c.counts, h.Count)
	c.history = append(c.history, rows.texts.of(rows.encoded))
}

// complaintHistory adds the row of a history of complaints, and keeps that history in the same form.
func (t *Task) complaintHistory(p *of) {
	rows, h := &t.rows, p.complaints
	rows.encoded = t.codec.AppendComplaints(rows.encoded[:0], h)
	t.keepComplaints(p.number, h, rows.encoded)
	a := rows.complaintHistories.row()
	add(a, "partition", uint32(t.Partition))
	add(a, "customer_id", p.id)
	add(a, "mark", h.Mark)
	add(a, "version", markVersion(h.Mark))
	add(a, "absorbed", h.Absorbed())
	add(a, "complaints", uint32(len(h.List)))
	add(a, "history", rows.texts.of(rows.encoded))
}

// churnColumns are rows of churn.
type churnColumns struct {
	partition         []uint32
	id                []string
	version, model    []uint64
	responses, grades []uint64
	latestGrade       []uint8
	latestAt          []time.Time
	ewma              []float64
	complaints        []uint32
	risk              []float64
	band              []string
	reasons           [][]string
	contributions     [][]float64
	leaveReason       []string
	logit, overdue    []float64
	overdueWeight     []float64
	lastPurchase      []*time.Time
	usualGap          []uint64
	repurchase        []*float64
	recommend         []*float64
	names             []string // of all rows' reasons: a few pieces of memory instead of many
	adds              []float64
	before            int
}

func (w *churnColumns) take() Rows {
	rows := Rows{Table: TableChurn, Columns: []Column{{"partition", w.partition}, {"customer_id", w.id}, {"version", w.version}, {"model", w.model},
		{"responses", w.responses}, {"grade_sum", w.grades}, {"latest_grade", w.latestGrade}, {"latest_at", w.latestAt}, {"ewma_grade", w.ewma},
		{"complaints", w.complaints}, {"churn_risk", w.risk}, {"churn_band", w.band}, {"reasons", w.reasons}, {"contributions", w.contributions}, {"leave_reason", w.leaveReason},
		{"logit", w.logit}, {"overdue", w.overdue}, {"overdue_weight", w.overdueWeight}, {"last_purchase_at", w.lastPurchase}, {"usual_gap_seconds", w.usualGap},
		{"repurchase", w.repurchase}, {"recommend", w.recommend}}}
	*w = churnColumns{before: len(w.id)}
	return rows
}

// begin makes room for as many rows as the last flush had.
func (w *churnColumns) begin() {
	n := w.before
	w.partition, w.id, w.version, w.model = make([]uint32, 0, n), make([]string, 0, n), make([]uint64, 0, n), make([]uint64, 0, n)
	w.responses, w.grades, w.latestGrade, w.latestAt = make([]uint64, 0, n), make([]uint64, 0, n), make([]uint8, 0, n), make([]time.Time, 0, n)
	w.ewma, w.complaints, w.risk, w.band = make([]float64, 0, n), make([]uint32, 0, n), make([]float64, 0, n), make([]string, 0, n)
	w.reasons, w.contributions, w.leaveReason = make([][]string, 0, n), make([][]float64, 0, n), make([]string, 0, n)
}

const (
	reasons      = 3 // of a score that have a place in its row
	reasonsPiece = 1 << 10
)

// churnRow adds what the customer's histories say of their leaving.
func (t *Task) churnRow(p *of, s *customer.Score) {
	w, r := &t.rows.churns, p.responses
	if w.id == nil {
		w.begin()
	}
	latest, at := uint8(0), int64(0)
	if m := r.Latest(); m != nil {
		latest, at = m.Grade, m.At
	}
	if cap(w.names)-len(w.names) < reasons {
		w.names, w.adds = make([]string, 0, reasonsPiece), make([]float64, 0, reasonsPiece)
	}
	from := len(w.names)
	w.names, w.adds = s.AppendReasons(w.names, w.adds, reasons)
	to := len(w.names)
	w.partition, w.id, w.version = append(w.partition, uint32(t.Partition)), append(w.id, p.id), append(w.version, versionOf(r.Absorbed()+p.complaints.Absorbed()+p.purchases.Absorbed()))
	w.model, w.responses, w.grades = append(w.model, t.model), append(w.responses, r.Count), append(w.grades, r.GradeSum)
	w.latestGrade, w.latestAt, w.ewma = append(w.latestGrade, latest), append(w.latestAt, time.UnixMilli(at).UTC()), append(w.ewma, s.EWMA)
	w.complaints, w.risk, w.band = append(w.complaints, uint32(len(p.complaints.List))), append(w.risk, s.Risk), append(w.band, s.Band)
	w.reasons, w.contributions = append(w.reasons, w.names[from:to:to]), append(w.contributions, w.adds[from:to:to])
	w.leaveReason = append(w.leaveReason, s.LeaveReason)
	w.logit, w.overdue = append(w.logit, s.Logit), append(w.overdue, s.Inputs[customer.PurchaseOverdue])
	w.overdueWeight = append(w.overdueWeight, t.set.Model.Weights[customer.PurchaseOverdue])
	w.lastPurchase, w.usualGap = append(w.lastPurchase, instant(p.purchases.Last)), append(w.usualGap, uint64(s.Rhythm.UsualGap/1000))
	w.repurchase, w.recommend = append(w.repurchase, probability(s.Repurchase, 0.85, 0.5, 0.15)), append(w.recommend, probability(s.Recommend, 1, 0.5, 0))
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
func (t *Task) purchaseHistory(p *of) {
	rows, h := &t.rows, p.purchases
	rows.encoded = t.codec.AppendPurchases(rows.encoded[:0], h)
	a := rows.purchaseHistories.row()
	add(a, "partition", uint32(t.Partition))
	add(a, "customer_id", p.id)
	add(a, "mark", h.Mark)
	add(a, "version", markVersion(h.Mark))
	add(a, "absorbed", h.Absorbed())
	add(a, "purchases", h.Total.Count)
	add(a, "amount_cents", int64(h.Total.Amount))
	add(a, "margin_cents", int64(h.Total.Margin))
	add(a, "unmargined_cents", int64(h.Total.Unmargined))
	add(a, "service_cost_cents", int64(h.Total.ServiceCost))
	add(a, "first_at", instant(h.First))
	add(a, "last_at", instant(h.Last))
	n := len(h.Months)
	months, counts, amounts, margins, unmargined, costs := make([]uint32, n), make([]uint64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i := range h.Months {
		m := &h.Months[i]
		months[i] = uint32(m.Number/12*100 + m.Number%12 + 1)
		counts[i], amounts[i], margins[i], unmargined[i], costs[i] = m.Count, int64(m.Amount), int64(m.Margin), int64(m.Unmargined), int64(m.ServiceCost)
	}
	add(a, "months", months)
	add(a, "month_purchases", counts)
	add(a, "month_amount_cents", amounts)
	add(a, "month_margin_cents", margins)
	add(a, "month_unmargined_cents", unmargined)
	add(a, "month_service_cost_cents", costs)
	add(a, "history", rows.texts.of(rows.encoded))
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
