package customer_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// Until equals a history that never received anything later.
func TestUntilKnowsNothingOfTheTimeAfter(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		cut := int64(r.IntN(100)) * 24 * hour
		all, then := [3]any{customer.NewResponses(), customer.NewComplaints(), customer.NewPurchases()}, [3]any{customer.NewResponses(), customer.NewComplaints(), customer.NewPurchases()}
		for i := range 30 {
			at := int64(r.IntN(100*24)) * hour
			response := customer.Moment{At: at, ID: uint64(i), Grade: uint8(1 + r.IntN(7)), Survey: event.SurveyInstant, Equity: customer.NoEquity, Recommend: uint8(r.IntN(4)), Expectation: uint8(r.IntN(8)), Performance: uint8(r.IntN(8))}
			step := customer.Step{At: at, ID: uint64(i), Step: uint8(1 + r.IntN(7)), Category: uint8(1 + r.IntN(10)), Outcome: uint8(r.IntN(8))}
			purchase := customer.Purchase{At: at, ID: uint64(i), Amount: customer.Cents(1 + r.IntN(10000))}
			kind := r.IntN(3)
			for _, h := range [][3]any{all, then} {
				if h[kind] == then[kind] && at > cut {
					continue
				}
				switch kind {
				case 0:
					h[0].(*customer.Responses).Apply(response, false, false)
				case 1:
					h[1].(*customer.Complaints).Apply("k", step)
				default:
					h[2].(*customer.Purchases).Apply(&purchase, time.UTC)
				}
			}
		}
		m := customer.DefaultModel()
		score := func(r *customer.Responses, c *customer.Complaints, p *customer.Purchases) [customer.Inputs]float64 {
			var summaries []customer.Summary
			for i := range c.List {
				summaries = append(summaries, customer.Summarise(&c.List[i], day))
			}
			s := m.ScoreAt(r, summaries, c, p, cut)
			return s.Inputs
		}
		got := score(all[0].(*customer.Responses).Until(cut), all[1].(*customer.Complaints).Until(cut), all[2].(*customer.Purchases).Until(cut, time.UTC))
		want := score(then[0].(*customer.Responses), then[1].(*customer.Complaints), then[2].(*customer.Purchases))
		if got != want {
			t.Fatalf("seed %d: %v, want %v", seed, got, want)
		}
	}
}
