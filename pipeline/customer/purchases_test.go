package customer_test

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"csatflow/pipeline/customer"
)

func drawPurchase(t *rapid.T) customer.Purchase {
	return customer.Purchase{At: rapid.OneOf(rapid.Int64Range(-62135596800_000, 253402300799_000), rapid.Int64Range(0, 4*365*24*3600_000)).Draw(t, "at"), ID: rapid.Uint64Range(0, 200).Draw(t, "id"),
		Amount: customer.Cents(rapid.Int64Range(-5000, 100_000).Draw(t, "amount")), Margin: customer.Cents(rapid.Int64Range(-5000, 5000).Draw(t, "margin")),
		HasMargin: rapid.Bool().Draw(t, "has margin"), ServiceCost: customer.Cents(rapid.Int64Range(0, 900).Draw(t, "cost"))}
}

// A history of purchases equals plain sums over them in any order, and comes back from its stored form.
func TestPurchasesAddUpAndComeBackFromTheirStoredForm(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		h, seen := customer.NewPurchases(), []uint64{}
		var total customer.Money
		var sales []customer.Sale
		months := map[int32]customer.Cents{}
		for range rapid.IntRange(0, 90).Draw(t, "purchases") {
			p := drawPurchase(t)
			known := slices.Contains(seen[max(0, len(seen)-customer.SeenIDs):], p.ID)
			if h.Apply(&p, zone) == known {
				t.Fatalf("id %d: known %v", p.ID, known)
			}
			if known {
				continue
			}
			seen = append(seen, p.ID)
			total.Amount += p.Amount
			total.ServiceCost += p.ServiceCost
			if p.HasMargin {
				total.Margin += p.Margin
			} else {
				total.Unmargined += p.Amount
			}
			if p.Amount > 0 {
				total.Count++
				sales = append(sales, customer.Sale{At: p.At, Amount: p.Amount})
			}
			y := time.UnixMilli(p.At).In(zone)
			months[int32(y.Year()*12+int(y.Month())-1)] += p.Amount
		}
		if h.Total != total || h.Absorbed() != uint64(len(seen)) {
			t.Fatalf("%+v, want %+v", h.Total, total)
		}
		slices.SortFunc(sales, func(a, b customer.Sale) int {
			if a.At != b.At {
				return int(min(max(a.At-b.At, -1), 1))
			}
			return int(a.Amount - b.Amount)
		})
		if len(sales) > 0 && (h.First != sales[0].At || h.Last != sales[len(sales)-1].At) {
			t.Fatalf("first %d, last %d", h.First, h.Last)
		}
		if last := sales[max(0, len(sales)-customer.MaxPurchases):]; !cmp.Equal(h.Sales, last, cmpopts.EquateEmpty()) {
			t.Fatalf("%v, want %v", h.Sales, last)
		}
		numbers := []int32{}
		for n := range months {
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		numbers = numbers[max(0, len(numbers)-customer.MaxMonths):]
		spend := customer.Cents(0)
		for i, n := range numbers {
			if h.Months[i].Number != n || h.Months[i].Amount != months[n] {
				t.Fatalf("month %d: %+v, want %d", n, h.Months[i], months[n])
			}
			if n > numbers[len(numbers)-1]-12 {
				spend += months[n]
			}
		}
		if len(h.Months) != len(numbers) || h.SpendOfYear() != spend {
			t.Fatalf("%d months, %d spent in a year, want %d, %d", len(h.Months), h.SpendOfYear(), len(numbers), spend)
		}
		c, back := customer.NewCodec(registry(), text), customer.NewPurchases()
		b := c.AppendPurchases(nil, h)
		if customer.AbsorbedOfPurchases(b) != h.Absorbed() {
			t.Fatal("absorbed")
		}
		if err := c.ReadPurchases(b, back); err != nil || !bytes.Equal(b, c.AppendPurchases(nil, back)) {
			t.Fatalf("%v", err)
		}
		if d := cmp.Diff(h, back, cmpopts.IgnoreUnexported(customer.Purchases{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		for n := range b {
			if err := c.ReadPurchases(b[:n], back); err == nil {
				t.Fatalf("%d of %d bytes are read without an error", n, len(b))
			}
		}
	})
}

func TestMoneyStopsAtTheEndsOfItsRange(t *testing.T) {
	h := customer.NewPurchases()
	for i := range uint64(93_000) {
		h.Apply(&customer.Purchase{At: int64(i) * hour, ID: i, Amount: customer.CentsOf(1e12)}, time.UTC)
	}
	if h.Total.Amount != math.MaxInt64 {
		t.Errorf("93,000 times a trillion is %d hundredths", h.Total.Amount)
	}
	for amount, want := range map[float64]customer.Cents{1.005: 100, 1.015: 101, -20.25: -2025, 0.005: 1, 19.99: 1999, 1e12: 1e14} {
		if got := customer.CentsOf(amount); got != want {
			t.Errorf("%v is %d hundredths, want %d", amount, got, want)
		}
	}
}

func FuzzReadPurchases(f *testing.F) {
	h := customer.NewPurchases()
	for i := range uint64(70) {
		h.Apply(&customer.Purchase{At: int64(i) * 24 * 9 * hour, ID: i, Amount: customer.Cents(100 * i), HasMargin: i%2 == 0, Margin: 7, ServiceCost: 3}, time.UTC)
		if i == 3 || i == 69 {
			f.Add(customer.NewCodec(registry(), text).AppendPurchases(nil, h))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, h, again := customer.NewCodec(registry(), text), customer.NewPurchases(), customer.NewPurchases()
		if c.ReadPurchases(b, h) != nil {
			return
		}
		once := c.AppendPurchases(nil, h)
		if err := c.ReadPurchases(once, again); err != nil || !bytes.Equal(once, c.AppendPurchases(nil, again)) {
			t.Fatalf("read, written and read again it is another (%v)", err)
		}
		h.Rhythm()
	})
}
