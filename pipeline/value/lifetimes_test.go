package value

import (
	"fmt"
	"math"
	"testing"

	"csatflow/deploy/trial/pythontest"
)

// TestAgreesWithLifetimes fits CDNOW's customers as lifetimes does. lifetimes counts repeat purchases for amounts: a
// customer with x of them is one with x-1 after the first to Spending.
func TestAgreesWithLifetimes(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a virtual environment")
	}
	const ahead = 52
	var theirs struct {
		Purchasing, Spending    []float64
		Customers               [][4]float64
		Alive, Purchases, Spend []float64
	}
	pythontest.Run(t, "lifetimes-0.11.3", map[string]any{"ahead": ahead}, &theirs)
	buyers, returning := make([]Buyer, 0, len(theirs.Customers)), []Buyer{}
	for _, c := range theirs.Customers {
		buyers = append(buyers, Buyer{Repeat: c[0], Last: c[1], Age: c[2], Spend: 1})
		if c[0] > 0 {
			returning = append(returning, Buyer{Repeat: c[0] - 1, Last: c[1], Age: c[2], Spend: c[3]})
		}
	}
	all, err := Fit(buyers)
	if err != nil {
		t.Fatal(err)
	}
	p, err := fitSpending(returning)
	if err != nil {
		t.Fatal(err)
	}
	for i, pair := range [][2]float64{{all.R, theirs.Purchasing[0]}, {all.Alpha, theirs.Purchasing[1]}, {all.A, theirs.Purchasing[2]}, {all.B, theirs.Purchasing[3]},
		{p.P, theirs.Spending[0]}, {p.Q, theirs.Spending[1]}, {p.V, theirs.Spending[2]}} {
		// lifetimes prints two digits behind the point.
		if a, b := fmt.Sprintf("%.2f", pair[0]), fmt.Sprintf("%.2f", pair[1]); a != b {
			t.Errorf("parameter %d: %.4f, lifetimes has %.4f", i, pair[0], pair[1])
		}
	}
	m := &Model{Purchasing{theirs.Purchasing[0], theirs.Purchasing[1], theirs.Purchasing[2], theirs.Purchasing[3]}, Spending{theirs.Spending[0], theirs.Spending[1], theirs.Spending[2]}}
	r, err := m.Rule()
	if err != nil {
		t.Fatal(err)
	}
	for i := range buyers {
		b := &buyers[i]
		mean, _ := m.Purchases(b, ahead, r)
		agree(t, i, "alive", m.Alive(b), theirs.Alive[i])
		agree(t, i, "purchases", mean, theirs.Purchases[i])
		if b.Repeat > 0 {
			agree(t, i, "spend", m.Mean(&Buyer{Repeat: b.Repeat - 1, Spend: theirs.Customers[i][3]}), theirs.Spend[i])
		}
	}
}

func agree(t *testing.T, customer int, what string, a, b float64) {
	t.Helper()
	if math.Abs(a-b) > 1e-6*max(1, math.Abs(b)) {
		t.Errorf("customer %d, %s: %v, lifetimes has %v", customer, what, a, b)
	}
}
