package customer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// itemsOf returns the items of a complaint with steps at these hours.
func itemsOf(t *testing.T, hours []float64) []customer.Item {
	t.Helper()
	var steps []in
	for i, at := range hours {
		code := uint8(event.StepReopened)
		if i%3 == 2 {
			code = event.StepResolved
		}
		steps = append(steps, in{at, st(code)})
	}
	steps = append(steps, in{0, st(event.StepOpened)})
	s := customer.Summarise(history(t, steps).Find("p"), day)
	return s.Items(pane.DimsRef{})
}

func TestWhatCameAndWentIsTheDifferenceOfTwoListsOfAnyLength(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		random := func() (hours []float64) {
			for range r.IntN(120) {
				hours = append(hours, float64(r.IntN(40))) // often the same instant twice
			}
			return hours
		}
		before, after := itemsOf(t, random()), itemsOf(t, random())
		sums := map[customer.Item]int64{}
		customer.Difference(before, after, func(it *customer.Item, sign int64) { sums[*it] += sign })
		for i := range before {
			sums[before[i]]++
		}
		for i := range after {
			sums[after[i]]--
		}
		for it, n := range sums {
			if n != 0 {
				t.Fatalf("%d items before and %d after: %+v is off by %d", len(before), len(after), it, n)
			}
		}
		changes := 0
		customer.Difference(before, before, func(*customer.Item, int64) { changes++ })
		if changes > 0 {
			t.Fatalf("a list differs from itself in %d items", changes)
		}
	}
}

func TestEveryEmployeeIsMetOnceHoweverManyThereAre(t *testing.T) {
	for _, n := range []int{0, 1, 2, 15, 16, 17, 18, 40, 400} {
		h := customer.NewComplaints()
		for i := range 3 * n {
			h.Apply("p", customer.Step{ID: uint64(i + 1), At: int64(i), Step: event.StepContacted, Employee: fmt.Sprint("e", i%n)})
		}
		h.Apply("p", customer.Step{ID: 1 << 40, Step: event.StepOpened})
		if s := customer.Summarise(h.Find("p"), day); s.EmployeesMet != n {
			t.Errorf("%d employees, %d met", n, s.EmployeesMet)
		}
	}
}
