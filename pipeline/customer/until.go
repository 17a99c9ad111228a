package customer

import (
	"slices"
	"sort"
	"time"
)

// The histories as known at an instant, ms, if every event until then had arrived. They share memory with the
// whole histories, and are read-only.

// Until returns the responses given by then. Sums stay those of the whole history.
func (h *Responses) Until(at int64) *Responses {
	u := &Responses{Mark: h.Mark, Left: h.Left, Ungraded: h.Ungraded, Rivals: h.Rivals}
	n := sort.Search(len(h.Moments), func(i int) bool { return h.Moments[i].At > at })
	u.Moments = h.Moments[:n:n]
	u.Count, u.GradeSum = h.Count, h.GradeSum
	return u
}

// Until returns the steps taken by then.
func (h *Complaints) Until(at int64) *Complaints {
	u := &Complaints{Mark: h.Mark}
	for i := range h.List {
		c := &h.List[i]
		if n := sort.Search(len(c.Steps), func(j int) bool { return c.Steps[j].At > at }); n > 0 {
			u.List = append(u.List, Complaint{ID: c.ID, Steps: c.Steps[:n:n]})
			u.steps += n
		}
	}
	return u
}

// Until returns the sales made by then, as far as they are kept, and the months that were over.
func (h *Purchases) Until(at int64, zone *time.Location) *Purchases {
	u := NewPurchases()
	u.Mark = h.Mark
	n := sort.Search(len(h.Sales), func(i int) bool { return h.Sales[i].At > at })
	u.Sales = h.Sales[:n:n]
	if h.First != Never && h.First <= at {
		u.First, u.Last = h.First, h.First
	}
	if n > 0 {
		u.Last = h.Sales[n-1].At
	}
	m, _ := slices.BinarySearchFunc(h.Months, MonthOf(at, zone), func(m Month, n int32) int { return int(m.Number - n) })
	u.Months = h.Months[:m:m]
	for i := range u.Months {
		u.Total.Count += u.Months[i].Count
	}
	return u
}
