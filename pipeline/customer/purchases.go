package customer

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"csatflow/pipeline/pane"
)

// Limits of what is kept of a customer's purchases: those with the latest event times. The sums keep what leaves.
const (
	MaxPurchases = 32
	MaxMonths    = 24
)

// Cents is an amount of money in hundredths of the configured currency, so that sums are exact. Sums saturate at the
// ends of the range, 9.2e16 of the currency.
type Cents int64

// CentsOf rounds an amount to hundredths, halves away from zero.
func CentsOf(amount float64) Cents { return Cents(math.Round(amount * 100)) }

func (c *Cents) add(d Cents) {
	switch sum := *c + d; {
	case d > 0 && sum < *c:
		*c = math.MaxInt64
	case d < 0 && sum > *c:
		*c = math.MinInt64
	default:
		*c = sum
	}
}

// Money is what purchases add up to.
type Money struct {
	Count       uint64 // sales, returns left out
	Amount      Cents  // less what was returned
	Margin      Cents  // of sales and returns that have a margin
	Unmargined  Cents  // amount of those that have none
	ServiceCost Cents
}

func (m *Money) add(p *Purchase) {
	if p.Amount > 0 {
		m.Count++
	}
	m.Amount.add(p.Amount)
	if p.HasMargin {
		m.Margin.add(p.Margin)
	} else {
		m.Unmargined.add(p.Amount)
	}
	m.ServiceCost.add(p.ServiceCost)
}

// Purchase is one sale, or a return with a negative amount.
type Purchase struct {
	At          int64 // event time, ms
	ID          uint64
	Amount      Cents
	Margin      Cents
	HasMargin   bool
	ServiceCost Cents
}

// Sale is what is kept of a purchase that is not a return.
type Sale struct {
	At     int64 // event time, ms
	Amount Cents
}

// Month is the purchases of a month of the configured zone.
type Month struct {
	Number int32 // 12 * year + month - 1
	Money
}

// MonthOf is the number of the month of an instant, ms, in a zone.
func MonthOf(at int64, zone *time.Location) int32 {
	t := time.UnixMilli(at).In(zone)
	return int32(12*t.Year() + int(t.Month()) - 1)
}

// Purchases is the history of a customer over csat.purchases: a row of customer_purchases.
type Purchases struct {
	Mark        int64  // offset up to which the stored row has absorbed the log, -1 for none
	Events      uint64 // sales and returns
	Total       Money
	First, Last int64   // event times, ms, of the first and the latest sale; Never before the first
	Months      []Month // by number
	Sales       []Sale  // by event time, then amount
	seen        seen
}

// NewPurchases is the history before the first event.
func NewPurchases() *Purchases {
	h := &Purchases{}
	h.Reset()
	return h
}

// Reset empties the history, and keeps the memory of its lists for reuse.
func (h *Purchases) Reset() {
	*h = Purchases{Mark: pane.NoMark, First: Never, Last: Never, Months: h.Months[:0], Sales: h.Sales[:0], seen: h.seen}
	h.seen.used = 0
}

// Absorbed is how many events were applied.
func (h *Purchases) Absorbed() uint64 { return h.Events }

// Apply adds a purchase. It returns false, and changes nothing, if the id is among the last SeenIDs.
func (h *Purchases) Apply(p *Purchase, zone *time.Location) bool {
	if h.seen.has(p.ID) {
		return false
	}
	h.seen.add(p.ID, h.Events)
	h.Events++
	h.Total.add(p)
	h.month(MonthOf(p.At, zone), p)
	if p.Amount <= 0 {
		return true
	}
	if h.First == Never || p.At < h.First {
		h.First = p.At
	}
	h.Last = max(h.Last, p.At)
	s := Sale{p.At, p.Amount}
	at, _ := slices.BinarySearchFunc(h.Sales, s, func(a, b Sale) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Amount, b.Amount)) })
	h.Sales = slices.Insert(h.Sales, at, s)
	if len(h.Sales) > MaxPurchases {
		h.Sales = slices.Delete(h.Sales, 0, 1)
	}
	return true
}

// month adds a purchase to its month, unless that month is older than those kept.
func (h *Purchases) month(number int32, p *Purchase) {
	i, found := slices.BinarySearchFunc(h.Months, number, func(m Month, n int32) int { return cmp.Compare(m.Number, n) })
	if !found {
		h.Months = slices.Insert(h.Months, i, Month{Number: number})
	}
	h.Months[i].add(p)
	if len(h.Months) > MaxMonths {
		h.Months = slices.Delete(h.Months, 0, 1)
	}
}

// SpendOfYear is what was spent in the twelve months that end with the month of the latest purchase or return.
func (h *Purchases) SpendOfYear() (spend Cents) {
	for i := range h.Months {
		if h.Months[i].Number > h.Months[len(h.Months)-1].Number-12 {
			spend.add(h.Months[i].Amount)
		}
	}
	return spend
}

// Known is what was known of the purchases at an instant, ms: their number, the first and latest before it, their mean
// amount in cents, and the next after it, Never if there is none. It is false where the sales of that time are no longer
// kept, or nothing was bought yet.
func (h *Purchases) Known(at int64) (k Buys, known bool) {
	n := sort.Search(len(h.Sales), func(i int) bool { return h.Sales[i].At > at })
	if n == 0 || h.First > at {
		return k, false
	}
	k = Buys{Count: h.Total.Count - uint64(len(h.Sales)-n), First: h.First, Last: h.Sales[n-1].At, Mean: meanAmount(h.Sales[:n]), Next: Never}
	if n < len(h.Sales) {
		k.Next = h.Sales[n].At
	}
	return k, true
}

// Buys is what is known of purchases at an instant; see [Purchases.Known].
type Buys struct {
	Count             uint64
	First, Last, Next int64
	Mean              float64
}
