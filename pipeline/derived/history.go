package derived

import "csatflow/pipeline/rows"

// ResponseHistory adds the row of an encoded history of responses.
func (r *Rows) ResponseHistory(p *Subject, encoded []byte) {
	w, h := &r.responseHistories, p.responses
	w.Row()
	w.Partition = append(w.Partition, uint32(r.Partition))
	w.Kind = append(w.Kind, KindOf(p.terminal))
	w.CustomerID = append(w.CustomerID, p.id)
	w.Mark = append(w.Mark, h.Mark)
	w.Version = append(w.Version, rows.MarkVersion(h.Mark))
	w.Absorbed = append(w.Absorbed, h.Absorbed())
	w.Responses = append(w.Responses, h.Count)
	w.History = append(w.History, r.texts.of(encoded))
}

// ComplaintHistory adds the row of an encoded history of complaints.
func (r *Rows) ComplaintHistory(p *Subject, encoded []byte) {
	w, h := &r.complaintHistories, p.complaints
	w.Row()
	w.Partition = append(w.Partition, uint32(r.Partition))
	w.CustomerID = append(w.CustomerID, p.id)
	w.Mark = append(w.Mark, h.Mark)
	w.Version = append(w.Version, rows.MarkVersion(h.Mark))
	w.Absorbed = append(w.Absorbed, h.Absorbed())
	w.Complaints = append(w.Complaints, uint32(len(h.List)))
	w.History = append(w.History, r.texts.of(encoded))
}

// PurchaseHistory adds the row of an encoded history of purchases.
func (r *Rows) PurchaseHistory(p *Subject, encoded []byte) {
	w, h := &r.purchaseHistories, p.purchases
	w.Row()
	w.Partition = append(w.Partition, uint32(r.Partition))
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
	w.History = append(w.History, r.texts.of(encoded))
}
