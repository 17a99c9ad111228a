package clickhouse_test

import (
	"testing"
	"time"

	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

// TestBurstsAreTheChildrenOfRealLifeAndNobodyElse in shops with moods, pay-days and queues.
func TestBurstsAreTheChildrenOfRealLifeAndNobodyElse(t *testing.T) {
	if raced || testing.Short() {
		t.Skip("it is about the rule, which has a test of its own")
	}
	life := simulate.RealLife()
	life.Children = 60
	c := simulate.Config{Seed: 5, Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: 21 * 24 * time.Hour, Customers: 4000, Stores: 5, Employees: 50, DuplicateShare: .01, LateShare: .02, AnonymousShare: .05, Real: life}
	s, _, _ := storetest.New(t, pipeline.DefaultSettings())
	task := pipeline.NewTask(0, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	var heard storetest.Heard
	truth := storetest.Feed(t, task, c, func(e *simulate.Event) { heard.Note(t, e) })
	storetest.Write(t, s, task)
	presses, others := 0., 0.
	of := map[string][]simulate.Child{}
	for _, shop := range truth.Real.Stores {
		of[shop.StoreID] = shop.Children
	}
	for i := range heard.Responses {
		r, byChild := &heard.Responses[i], false
		for _, child := range of[string(r.StoreID)] {
			at := time.UnixMilli(r.OccurredAt)
			byChild = byChild || string(r.TerminalID) == child.TerminalID && len(r.CustomerID) == 0 && !at.Before(child.From) && !at.After(child.To)
		}
		switch {
		case byChild:
			presses++
		case len(r.TerminalID) > 0 && len(r.CustomerID) == 0:
			others++
		}
	}
	got := figures(t, s, "SELECT scope_kind, [toFloat64(responses), toFloat64(burst_responses)] FROM bursts_between(resolution = 86400, step_s = 4294967295, from = '2026-03-01 00:00:00', to = '2026-04-01 00:00:00') WHERE scope_kind = 'all'")["all"]
	t.Logf("%.0f of %.0f presses of children are in bursts, beside %.0f presses of others", got[1], presses, others)
	if got[0] != float64(len(heard.Responses)) || got[1] > presses || got[1] < .98*presses || presses < 1000 || others < 1000 {
		t.Errorf("%v responses and bursts; by hand %d responses, %v presses of children, %v of others", got, len(heard.Responses), presses, others)
	}
}
