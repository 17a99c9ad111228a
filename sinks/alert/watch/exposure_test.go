package watch_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

// complaining is four stores with steady complaints; in store c only three of ten who did answer from monday on.
func complaining(seed uint64) (*knowledge, *rand.Rand) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	w := chain(rnd, 4, 40, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 2))
	w.responses[store("c")] = slices.DeleteFunc(w.responses[store("c")], func(r response) bool { return !r.at.Before(monday) && rnd.IntN(10) > 2 })
	for day := -43; day < 2; day++ {
		for _, s := range []string{"a", "b", "c", "d"} {
			for range 60 {
				w.complains(rnd, s, monday.AddDate(0, 0, day).Add(8*time.Hour), 12*time.Hour)
			}
		}
	}
	return w, rnd
}

func (w *knowledge) complains(rnd *rand.Rand, s string, from time.Time, within time.Duration) {
	w.complaints = append(w.complaints, complaint{Scope: store(s), category: "brush_off", opened: from.Add(time.Duration(rnd.Int64N(int64(within)))), promise: 24 * time.Hour})
}

// buys gives each store about 1,200 purchases on each day of [from, to), from 8 to 20 o'clock.
func (w *knowledge) buys(rnd *rand.Rand, from, to time.Time, stores ...string) {
	if w.purchases == nil {
		w.purchases = map[watch.Scope][]time.Time{}
	}
	for at := from; at.Before(to); at = at.Add(time.Duration(rnd.ExpFloat64() * float64(36*time.Second))) {
		if h := at.Hour(); h >= 8 && h < 20 {
			for _, s := range stores {
				w.purchases[store(s)] = append(w.purchases[store(s)], at)
			}
		}
	}
}

func surges(t *testing.T, w *knowledge) (changed []alert.Alert) {
	t.Helper()
	return watched(t, watch.NewWatch(only(ruleset.ComplaintSurge), w, nil), monday.Add(-24*time.Hour), monday.Add(47*time.Hour))
}

func TestThatFewerAnswerIsNoSurgeOfComplaintsWherePurchasesAreKnown(t *testing.T) {
	inFull(t)
	w, rnd := complaining(7)
	// Without purchases nobody can know: the alert says that there are fewer responses.
	found := raised(surges(t, w))
	if len(found) == 0 || found[0].Scope() != "store c" {
		t.Fatalf("%+v", found)
	}
	a := found[len(found)-1]
	if e := a.Evidence; len(e) != 1 || e[0].Dimension != "exposure" || e[0].ID != "responses" || e[0].Value > .5*e[0].Before || e[0].Value < .2*e[0].Before {
		t.Errorf("evidence: %+v", e)
	}
	if d := a.Description(); !strings.HasPrefix(d, "Held against the responses of the last day: 1") || !strings.Contains(d, "usual on this day of the week") {
		t.Error(d)
	}
	w.buys(rnd, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 2), "a", "b", "c", "d")
	none(t, surges(t, w))
}

func TestComplaintsThatRiseWhilePurchasesDoNotSurge(t *testing.T) {
	inFull(t)
	w, rnd := complaining(7)
	w.buys(rnd, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 2), "a", "b", "c", "d")
	for range 150 {
		w.complains(rnd, "c", monday.Add(10*time.Hour), 4*time.Hour)
	}
	changed := surges(t, w)
	a := one(t, changed, ruleset.ComplaintSurge, store("c"))
	if e := a.Evidence; len(e) != 2 || e[0].Dimension != "exposure" || e[0].ID != "purchases" || e[0].Value < .8*e[0].Before || e[1].Dimension != "beside" || e[1].ID != "responses" || e[1].Value > .9*e[1].Before {
		t.Errorf("evidence: %+v", e)
	}
	if over := ended(changed); len(over) != 1 || len(over[0].Evidence) != 2 {
		t.Errorf("ended: %+v", over)
	}
}

// TestPurchasesThatComeLateAreNotCounted: held against what has come of them so far, each quiet day would be a surge.
func TestPurchasesThatComeLateAreNotCounted(t *testing.T) {
	inFull(t)
	for name, buys := range map[string]func(w *knowledge, rnd *rand.Rand){
		"the feed stops": func(w *knowledge, rnd *rand.Rand) {
			w.buys(rnd, monday.AddDate(0, 0, -43), monday.Add(-20*time.Hour), "a", "b", "c", "d")
		},
		"one till is away": func(w *knowledge, rnd *rand.Rand) {
			w.buys(rnd, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 2), "a", "b", "c")
			w.buys(rnd, monday.AddDate(0, 0, -43), monday, "d")
		},
		"most tills are away": func(w *knowledge, rnd *rand.Rand) {
			w.buys(rnd, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 2), "a", "b", "c", "d")
			for s := range w.purchases {
				w.purchases[s] = slices.DeleteFunc(w.purchases[s], func(at time.Time) bool { return !at.Before(monday) && at.Unix()%10 > 0 })
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, rnd := complaining(9)
			w.responses[store("c")] = nil
			w.fill(rnd, store("c"), 40, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 2), 5.3)
			buys(w, rnd)
			none(t, surges(t, w))
		})
	}
}

func TestPurchasesThatBeganToComeLastWeekAreNotCompared(t *testing.T) {
	inFull(t)
	w, rnd := complaining(9)
	w.buys(rnd, monday.AddDate(0, 0, -8), monday.AddDate(0, 0, 2), "a", "b", "c", "d")
	for range 90 {
		w.complains(rnd, "a", monday.Add(10*time.Hour), 4*time.Hour)
	}
	for _, a := range raised(surges(t, w)) {
		if a.ID == "a" && a.Evidence[0].ID == "responses" && a.Evidence[1].ID == "purchases" {
			return
		}
	}
	t.Error("a surge against responses is not found")
}
