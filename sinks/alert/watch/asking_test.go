package watch_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

var askingFrom, askingTo = monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 4)

// asking is four stores that ask about every fourth buyer, more on some days than on others.
func asking(seed uint64) (*knowledge, *rand.Rand) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	w := chain(rnd, 4, 10, askingFrom, askingTo)
	for _, s := range []string{"a", "b", "c", "d"} {
		w.buys(rnd, askingFrom, askingTo, s)
	}
	w.asks(rnd)
	return w, rnd
}

// asks invites a quarter of the buyers of each store.
func (w *knowledge) asks(rnd *rand.Rand) {
	w.invited = map[watch.Scope][]time.Time{}
	for _, s := range []watch.Scope{store("a"), store("b"), store("c"), store("d")} {
		share := map[time.Time]float64{}
		for _, at := range w.purchases[s] {
			day := at.Truncate(24 * time.Hour)
			if share[day] == 0 {
				share[day] = .15 + .2*rnd.Float64()
			}
			if rnd.Float64() < share[day] {
				w.invited[s] = append(w.invited[s], at)
			}
		}
	}
}

// unasked removes invitations of a stretch, but one in so many.
func (w *knowledge) unasked(s watch.Scope, from, to time.Time, but int) {
	n := 0
	w.invited[s] = slices.DeleteFunc(w.invited[s], func(at time.Time) bool {
		if at.Before(from) || !at.Before(to) {
			return false
		}
		n++
		return n%but > 0
	})
}

// together makes the scope of all of the stores.
func (w *knowledge) together() {
	all := watch.Scope{Kind: "all"}
	for _, s := range []watch.Scope{store("a"), store("b"), store("c"), store("d")} {
		w.responses[all] = append(w.responses[all], w.responses[s]...)
		w.purchases[all] = append(w.purchases[all], w.purchases[s]...)
		w.invited[all] = append(w.invited[all], w.invited[s]...)
	}
}

func askingAlerts(t *testing.T, source watch.Source) []alert.Alert {
	t.Helper()
	return watched(t, watch.NewWatch(only(ruleset.AskingStopped), source, nil), monday.Add(-48*time.Hour), askingTo)
}

func TestAStoreThatStopsAskingIsFoundAndItsAlertEndsWhenItAsksAgain(t *testing.T) {
	inFull(t)
	w, _ := asking(1)
	from, to := monday.Add(8*time.Hour), monday.Add(44*time.Hour)
	w.unasked(store("b"), from, to, 20)
	w.together()
	changed := askingAlerts(t, w)
	a := one(t, changed, ruleset.AskingStopped, store("b"))
	if a.Fired.Before(from) || a.Fired.After(from.Add(6*time.Hour)) {
		t.Errorf("told at %s", a.Fired)
	}
	if a.Value > .25*a.Expected || a.Expected < 20 || a.High >= 0 {
		t.Errorf("%+v", a.Figures)
	}
	if e := a.Evidence; len(e) != 2 || e[0].Dimension != alert.Exposure || e[0].ID != "purchases" || e[1].Dimension != alert.Beside {
		t.Errorf("evidence: %+v", e)
	}
	over := ended(changed)
	if len(over) != 1 || over[0].Resolved.Before(to) || over[0].Resolved.After(to.Add(24*time.Hour)) {
		t.Errorf("ended: %+v", over)
	}
}

func TestWhereAskingGoesOnNothingIsSaid(t *testing.T) {
	inFull(t)
	for seed := range uint64(4) {
		w, _ := asking(10 + seed)
		w.together()
		none(t, askingAlerts(t, w))
	}
}

func TestAStoreThatIsClosedDoesNotStopAsking(t *testing.T) {
	inFull(t)
	w, _ := asking(2)
	day := func(at time.Time) bool { return !at.Before(monday) && at.Before(monday.AddDate(0, 0, 2)) }
	w.purchases[store("b")] = slices.DeleteFunc(w.purchases[store("b")], day)
	w.invited[store("b")] = slices.DeleteFunc(w.invited[store("b")], day)
	w.without(store("b"), monday, monday.AddDate(0, 0, 2))
	w.together()
	none(t, askingAlerts(t, w))
}

// TestWhatIsLeftOfAskingMayBeEnough: beyond chance, but not as far below what is usual as the owner wants to hear of.
func TestWhatIsLeftOfAskingMayBeEnough(t *testing.T) {
	inFull(t)
	w, _ := asking(3)
	w.unasked(store("b"), monday, askingTo, 12)
	w.together()
	for share, found := range map[float64]int{.25: 1, .02: 0} {
		rules := only(ruleset.AskingStopped)
		rules.Asking.Share = share
		if got := raised(watched(t, watch.NewWatch(rules, w, nil), monday.Add(-48*time.Hour), askingTo)); len(got) != found {
			t.Errorf("share %v: %+v", share, got)
		}
	}
}

func TestWithoutPurchasesAskingIsHeldAgainstTheResponsesThatStillCome(t *testing.T) {
	inFull(t)
	w, _ := asking(4)
	w.purchases = map[watch.Scope][]time.Time{}
	w.unasked(store("c"), monday.Add(8*time.Hour), askingTo, 50)
	w.together()
	a := one(t, askingAlerts(t, w), ruleset.AskingStopped, store("c"))
	if e := a.Evidence; len(e) != 1 || e[0].ID != "responses" {
		t.Errorf("evidence: %+v", e)
	}
}

// nightly gives invitations as a survey tool that sends those of a day by night: those of today are not known.
type nightly struct{ *knowledge }

func (n nightly) Asked(ctx context.Context, from, to time.Time, kinds []string) ([]watch.HourCell, error) {
	return n.knowledge.Asked(ctx, from, to.Truncate(24*time.Hour), kinds)
}

func TestInvitationsThatComeByNightAreNotMissedByDay(t *testing.T) {
	inFull(t)
	w, _ := asking(5)
	w.together()
	none(t, askingAlerts(t, nightly{w}))
	w.unasked(store("d"), monday, monday.AddDate(0, 0, 2), 100)
	w.invited[watch.Scope{Kind: "all"}] = nil
	if a := one(t, askingAlerts(t, nightly{w}), ruleset.AskingStopped, store("d")); a.Fired.Before(monday.AddDate(0, 0, 1)) {
		t.Errorf("told at %s, before it could be known", a.Fired)
	}
}

func TestWhenNobodyIsAskedAnywhereItIsToldOnce(t *testing.T) {
	inFull(t)
	w, _ := asking(6)
	for _, s := range []string{"a", "b", "c", "d"} {
		w.unasked(store(s), monday, askingTo, 1_000_000)
	}
	w.together()
	a := one(t, askingAlerts(t, w), ruleset.AskingStopped, watch.Scope{Kind: "all"})
	if a.Fired.Before(monday.Add(36*time.Hour)) || a.Value > 0 {
		t.Errorf("%+v", a)
	}
}
