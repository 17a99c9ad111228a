package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/sinks/clickhouse"
)

// inBurst says by looking at each pair whether a reply is one of ten or more at its terminal within half a minute that begins with a press.
func (m *market) inBurst(a *reply) bool {
	if a.terminal == "" || a.customer != "" {
		return false
	}
	same := func(b *reply) bool {
		return b.terminal == a.terminal && b.customer == "" && b.brand == "" && b.survey == ""
	}
	for i := range m.replies {
		begin := m.replies[i].at
		if !same(&m.replies[i]) || a.at.Before(begin) || a.at.Sub(begin) > clickhouse.DefaultBurstWithin {
			continue
		}
		n := 0
		for j := range m.replies {
			if b := &m.replies[j]; same(b) && !b.at.Before(begin) && b.at.Sub(begin) <= clickhouse.DefaultBurstWithin {
				n++
			}
		}
		if n >= clickhouse.DefaultBurstPresses {
			return true
		}
	}
	return false
}

func TestManyPressesInARowAreCountedApartWhateverTheirOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	m := &market{}
	press := func(at time.Time, terminal, customer, brand string, grade int) {
		m.replies = append(m.replies, reply{terminal: terminal, customer: customer, id: fmt.Sprintf("p%05d", len(m.replies)), store: "s" + terminal[1:2], brand: brand, at: at.Truncate(time.Millisecond), grade: grade})
	}
	from := firstDay
	for i := range 300 { // the ordinary day of three tills, one of them quick
		press(from.Add(time.Duration(r.Int64N(int64(24*time.Hour)))), fmt.Sprintf("t%d", i%3), "", "", 1+r.IntN(7))
		press(from.Add(8*time.Hour+time.Duration(i)*3400*time.Millisecond), "t4", "", "", 4) // nine in half a minute
	}
	for b := range 12 { // hands that do not stop; some over the bounds of hours and of the period
		at := from.Add(time.Duration(b)*time.Hour - 10*time.Second)
		for i := range 7 + b {
			press(at.Add(time.Duration(i)*time.Duration(1000+100*r.IntN(20))*time.Millisecond), fmt.Sprintf("t%d", b%3), "", "", 1)
		}
	}
	for i := range 20 { // a queue of customers with cards, and presses about another brand
		press(from.Add(15*time.Hour+time.Duration(i)*time.Second), "t0", fmt.Sprintf("c%d", i), "", 7)
		press(from.Add(15*time.Hour+time.Duration(i)*time.Second), "t1", "", "other", 7)
	}
	at := from.Add(20 * time.Hour)
	for range 10 { // at one instant
		press(at, "t2", "", "", 2)
	}
	s := viewed(t)
	m.write(t, s, r)

	type sums struct{ n, grades, bursts, burstGrades float64 }
	by, terminals := map[string]*sums{}, map[string]map[string]bool{}
	found := map[string]float64{}
	for i := range m.replies {
		a := &m.replies[i]
		if a.brand != "" || a.at.Before(from) || !a.at.Before(from.AddDate(0, 0, 1)) {
			continue
		}
		for _, scope := range []string{"all ", "store " + a.store} {
			key := a.at.Truncate(time.Hour).Format(time.RFC3339) + " " + scope
			if by[key] == nil {
				by[key], terminals[key] = &sums{}, map[string]bool{}
			}
			by[key].n++
			by[key].grades += float64(a.grade)
			if m.inBurst(a) {
				by[key].bursts++
				by[key].burstGrades += float64(a.grade)
				terminals[key][a.terminal] = true
			}
		}
		if m.inBurst(a) {
			found[a.terminal+" "+a.store]++
		}
	}
	want := map[string][]float64{}
	for key, x := range by {
		without := -1.
		if x.n > x.bursts {
			without = ((x.grades-x.burstGrades)/(x.n-x.bursts) - 1) / 6 * 100
		}
		want[key] = []float64{x.n, x.bursts, float64(len(terminals[key])), (x.grades/x.n - 1) / 6 * 100, without}
	}
	period := fmt.Sprintf("from = '%s', to = '%s'", from.Format(time.DateTime), from.AddDate(0, 0, 1).Format(time.DateTime))
	same(t, "bursts_between", want, figures(t, s, "SELECT concat(formatDateTime(step_start, '%Y-%m-%dT%H:%i:%SZ'), ' ', scope_kind, ' ', scope_id), [toFloat64(responses), toFloat64(burst_responses), toFloat64(burst_terminals), csat_index, ifNull(csat_index_without_bursts, -1)] FROM bursts_between(resolution = 3600, step_s = 3600, "+period+") WHERE scope_kind IN ('all', 'store')"))
	terminalsOf := map[string][]float64{}
	for key, n := range found {
		terminalsOf[key] = []float64{n}
	}
	same(t, "burst_terminals_between", terminalsOf, figures(t, s, "SELECT concat(terminal_id, ' ', store_id), [toFloat64(burst_responses)] FROM burst_terminals_between("+period+")"))
	if len(found) != 3 || slices.Contains([]float64{found["t0 s0"], found["t1 s1"], found["t2 s2"]}, 0) {
		t.Errorf("by hand, bursts are at %v", found)
	}
}

func TestWhereNoBurstsAreLookedForThereAreNone(t *testing.T) {
	s, _, database := storetest.New(t, pipeline.DefaultSettings())
	m := &market{}
	for i := range 30 {
		m.replies = append(m.replies, reply{terminal: "t0", id: fmt.Sprintf("p%d", i), store: "s0", at: firstDay, grade: 3})
	}
	m.write(t, s, rand.New(rand.NewPCG(1, 1)))
	model := storetest.Model(database, pipeline.DefaultSettings())
	for presses, want := range map[int]float64{0: 0, 31: 0, 30: 30} {
		model.Burst.Presses = presses
		if err := s.Migrate(t.Context(), model, func(string) {}); err != nil {
			t.Fatal(err)
		}
		got := figures(t, s, "SELECT scope_kind, [toFloat64(responses), toFloat64(burst_responses)] FROM bursts_between(resolution = 86400, step_s = 86400, from = '2025-09-01 00:00:00', to = '2025-09-02 00:00:00') WHERE scope_kind = 'all'")
		same(t, fmt.Sprintf("bursts of %d presses", presses), map[string][]float64{"all": {30, want}}, got)
	}
}
