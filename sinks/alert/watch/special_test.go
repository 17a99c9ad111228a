package watch_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

func TestACloseOnASpecialDayIsNoSilenceAndItsResponsesAreNoFall(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 2))
	w := chain(rnd, 3, 20, monday.AddDate(0, 0, -21), monday.AddDate(0, 0, 1))
	w.without(store("a"), monday, monday.AddDate(0, 0, 1))
	w.without(store("b"), monday, monday.AddDate(0, 0, 1))
	w.fill(rnd, store("b"), 60, monday, monday.AddDate(0, 0, 1), 3)
	for _, days := range [][]string{nil, {"2026-03-30 store=store-x"}, {"2026-03-30"}, {"2026-03-30 store=a", "2026-03-30 store=b"}} {
		for rule, scope := range map[string]watch.Scope{ruleset.SilentFeed: store("a"), ruleset.SatisfactionDrop: store("b")} {
			rules := only(rule)
			rules.SpecialDays = days
			changed := watched(t, watch.NewWatch(rules, w, nil), monday.Add(-12*time.Hour), monday.Add(20*time.Hour))
			if special := len(days) > 0 && days[0] != "2026-03-30 store=store-x"; special {
				none(t, changed)
			} else {
				one(t, changed, rule, scope)
			}
		}
	}
}

func TestMostStoresSilentAtOnceAreOneAlert(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 3))
	w := chain(rnd, 8, 20, monday.AddDate(0, 0, -21), monday.AddDate(0, 0, 1))
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		w.without(store(id), monday.Add(10*time.Hour), monday.Add(15*time.Hour))
	}
	changed := watched(t, watch.NewWatch(only(ruleset.SilentFeed), w, nil), monday.Add(-12*time.Hour), monday.Add(20*time.Hour))
	together := 0
	for _, a := range raised(changed) {
		if a.Kind == "all" && a.Part == "store" {
			together++
		}
	}
	over := ended(changed)
	if n := len(raised(changed)); together != 1 || n > 4 || len(over) != n {
		t.Errorf("%d alerts, %d of them on all together, %d ended: %+v", n, together, len(over), raised(changed))
	}
}

// press lets one respondent give many bad grades within minutes.
func (w *knowledge) press(s watch.Scope, who string, at time.Time, times int) {
	for i := range times {
		w.responses[s] = append(w.responses[s], response{at: at.Add(time.Duration(i) * time.Second), grade: 1, who: who})
	}
}

func TestOneTillOrCustomerAloneRaisesNoAlertOfAFall(t *testing.T) {
	for _, rule := range []string{ruleset.SatisfactionDrop, ruleset.SatisfactionFloor} {
		at := monday.Add(14 * time.Hour)
		quiet := chain(rand.New(rand.NewPCG(8, 4)), 3, 20, monday.AddDate(0, 0, -21), monday.AddDate(0, 0, 1))
		quiet.press(store("b"), "till-7", at, 300)
		none(t, watched(t, watch.NewWatch(only(rule), quiet, nil), monday.Add(-12*time.Hour), monday.Add(22*time.Hour)))
		// The same with the responses of several.
		crowd := chain(rand.New(rand.NewPCG(8, 4)), 3, 20, monday.AddDate(0, 0, -21), monday.AddDate(0, 0, 1))
		for i := range 60 {
			crowd.press(store("b"), "c-"+string(rune('A'+i)), at.Add(time.Duration(i)*20*time.Second), 5)
		}
		one(t, watched(t, watch.NewWatch(only(rule), crowd, nil), monday.Add(-12*time.Hour), at.Add(2*time.Hour)), rule, store("b"))
	}
	// A till beside a real fall does not hide it.
	both := chain(rand.New(rand.NewPCG(8, 5)), 3, 40, monday.AddDate(0, 0, -21), monday.Add(12*time.Hour))
	both.fill(rand.New(rand.NewPCG(8, 6)), store("b"), 40, monday.Add(12*time.Hour), monday.Add(18*time.Hour), 3.5)
	both.press(store("b"), "till-7", monday.Add(12*time.Hour), 100)
	changed := watched(t, watch.NewWatch(only(ruleset.SatisfactionDrop), both, nil), monday.Add(-12*time.Hour), monday.Add(18*time.Hour))
	a := one(t, changed, ruleset.SatisfactionDrop, store("b"))
	if d := a.Fired.Sub(monday.Add(12 * time.Hour)); d < alert.Step || d > 4*time.Hour {
		t.Errorf("a fall with a child at the till beside it is found after %s", d)
	}
}
