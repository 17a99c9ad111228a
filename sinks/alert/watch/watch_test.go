package watch_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

// one expects exactly one alert to begin, of a rule and scope, and returns it.
func one(t *testing.T, changed []alert.Alert, rule string, scope watch.Scope) *alert.Alert {
	t.Helper()
	list := raised(changed)
	if len(list) != 1 || list[0].Rule != rule || list[0].Kind != scope.Kind || list[0].ID != scope.ID {
		t.Fatalf("want one alert %s of %v, have %+v", rule, scope, list)
	}
	return &list[0]
}

func none(t *testing.T, changed []alert.Alert) {
	t.Helper()
	if list := raised(changed); len(list) > 0 {
		t.Errorf("%+v in quiet times", list)
	}
}

// fallen returns a chain whose store b falls by one and a half grades from ten to one o'clock on Monday.
func fallen(seed uint64) *knowledge {
	rnd := rand.New(rand.NewPCG(seed, 1))
	end := monday.AddDate(0, 0, 1)
	w := chain(rnd, 5, 40, monday.AddDate(0, 0, -28), end)
	from, to := monday.Add(10*time.Hour), monday.Add(13*time.Hour)
	w.without(store("b"), from, to)
	w.fill(rnd, store("b"), 40, from, to, 3.8)
	return w
}

func TestADropIsRaisedOnceAndEndsOnce(t *testing.T) {
	w := watch.NewWatch(only(ruleset.SatisfactionDrop), fallen(1), nil)
	none(t, watched(t, w, monday.Add(8*time.Hour), monday.Add(10*time.Hour)))
	changed := watched(t, w, monday.Add(10*time.Hour+alert.Step), monday.Add(20*time.Hour))
	a := one(t, changed, ruleset.SatisfactionDrop, store("b"))
	if d := a.Fired.Sub(monday.Add(10 * time.Hour)); d > 75*time.Minute {
		t.Errorf("found after %s", d)
	}
	if d := a.Start.Sub(monday.Add(10 * time.Hour)).Abs(); d > 30*time.Minute {
		t.Errorf("since %s, it was ten o'clock", a.Start)
	}
	over := ended(changed)
	if len(over) != 1 || over[0].Key() != a.Key() || over[0].Resolved.Before(monday.Add(13*time.Hour)) || over[0].Resolved.After(monday.Add(16*time.Hour)) {
		t.Errorf("ended %+v", over)
	}
	if e := over[0]; e.Low > 1.5 || e.High < 1.2 || e.Low >= e.High {
		t.Errorf("the interval %.2f to %.2f of a fall of 1.5 grades", e.Low, e.High)
	}
}

func TestAQuietFortnightRaisesNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 1))
	rules := ruleset.Default()
	rules.Scopes, rules.Silent.Scopes = []string{"store"}, []string{"store"}
	source := chain(rnd, 4, 15, monday.AddDate(0, 0, -28), monday.AddDate(0, 0, 14))
	none(t, watched(t, watch.NewWatch(&rules, source, nil), monday, monday.AddDate(0, 0, 14)))
}

func TestWhoeverTakesOverSaysTheSame(t *testing.T) {
	source, handed := fallen(3), monday.Add(12*time.Hour)
	alone := watched(t, watch.NewWatch(only(ruleset.SatisfactionDrop), source, nil), monday.Add(8*time.Hour), monday.Add(20*time.Hour))
	first := watch.NewWatch(only(ruleset.SatisfactionDrop), source, nil)
	before := watched(t, first, monday.Add(8*time.Hour), handed)
	// The watch before runs on for an hour: the second does no harm.
	again := watched(t, first, handed.Add(alert.Step), handed.Add(time.Hour))
	second := watch.NewWatch(only(ruleset.SatisfactionDrop), source, raised(before))
	after := watched(t, second, handed.Add(alert.Step), monday.Add(20*time.Hour))
	keys := func(list []alert.Alert) (keys []string) {
		seen := map[string]bool{}
		for _, a := range list {
			if k := a.Key() + a.State(); !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
		return keys
	}
	if diff := cmp.Diff(keys(alone), keys(append(append(before, again...), after...))); diff != "" {
		t.Errorf("alone (-), handed over (+):\n%s", diff)
	}
	if len(keys(alone)) != 2 {
		t.Errorf("%v", keys(alone))
	}
}

func TestAnAlertThatIsOverIsNotRaisedByWhatWasBefore(t *testing.T) {
	source := fallen(4)
	w := watch.NewWatch(only(ruleset.SatisfactionDrop), source, nil)
	over := ended(watched(t, w, monday.Add(8*time.Hour), monday.Add(16*time.Hour)))
	if len(over) != 1 {
		t.Fatalf("%+v", over)
	}
	fresh := watch.NewWatch(only(ruleset.SatisfactionDrop), source, nil)
	fresh.Known(over)
	none(t, watched(t, fresh, over[0].Resolved.Add(alert.Step), monday.Add(20*time.Hour)))
}

func TestAFloorIsHeldByConfidence(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	// A store that was always bad is below the floor without a drop; one slightly above the floor is not.
	w := newKnowledge()
	w.fill(rnd, store("bad"), 60, monday.AddDate(0, 0, -3), monday.AddDate(0, 0, 1), 2.6)
	w.fill(rnd, store("near"), 60, monday.AddDate(0, 0, -3), monday.AddDate(0, 0, 1), 3.7)
	on := watch.NewWatch(only(ruleset.SatisfactionFloor), w, nil)
	a := one(t, watched(t, on, monday.Add(9*time.Hour), monday.Add(19*time.Hour)), ruleset.SatisfactionFloor, store("bad"))
	if a.Expected != 3.4 || a.Cases < 30 || a.Low <= 0 {
		t.Errorf("%+v", a)
	}
}

func TestASlowFallIsADrift(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 1))
	w := chain(rnd, 3, 10, monday.AddDate(0, 0, -43), monday.AddDate(0, 0, 1))
	w.without(store("a"), monday.AddDate(0, 0, -14), monday)
	for d := range 14 {
		from := monday.AddDate(0, 0, d-14)
		w.fill(rnd, store("a"), 10, from, from.AddDate(0, 0, 1), 5.3-.06*float64(d))
	}
	on := watch.NewWatch(only(ruleset.SatisfactionDrift), w, nil)
	one(t, watched(t, on, monday.AddDate(0, 0, -1), monday), ruleset.SatisfactionDrift, store("a"))
}

func TestComplaintsOfACategorySurge(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 1))
	w := chain(rnd, 4, 40, monday.AddDate(0, 0, -28), monday.AddDate(0, 0, 2))
	at := func(s string, day, hour int) {
		w.complaints = append(w.complaints, complaint{Scope: store(s), category: "brush_off", opened: monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Minute), promise: 24 * time.Hour})
	}
	for day := -28; day < 2; day++ {
		for _, s := range []string{"a", "b", "c", "d"} {
			for range 2 {
				at(s, day, 8+rnd.IntN(14))
			}
		}
	}
	for range 12 {
		at("c", 0, 11+rnd.IntN(3))
	}
	on := watch.NewWatch(only(ruleset.ComplaintSurge), w, nil)
	none(t, watched(t, on, monday.Add(-24*time.Hour), monday.Add(11*time.Hour)))
	changed := watched(t, on, monday.Add(11*time.Hour+alert.Step), monday.Add(47*time.Hour))
	a := one(t, changed, ruleset.ComplaintSurge, store("c"))
	if a.Part != "brush_off" || a.Fired.After(monday.Add(15*time.Hour)) || a.Value < 5 || a.Expected > 5 {
		t.Errorf("%+v", a)
	}
	if over := ended(changed); len(over) != 1 {
		t.Errorf("ended: %+v", over)
	}
}

func TestBrokenPromisesAndSlowRecoveriesAreHeldAgainstWhatIsAllowed(t *testing.T) {
	for _, rule := range []string{ruleset.PromiseBreach, ruleset.RecoverySlow} {
		w := newKnowledge()
		for i := range 40 {
			opened := monday.Add(time.Duration(i) * 30 * time.Minute)
			quick := complaint{Scope: store("good"), category: "price", opened: opened, resolved: opened.Add(3 * time.Hour), promise: 24 * time.Hour}
			slow := quick
			slow.Scope = store("slow")
			if i%3 == 0 {
				slow.resolved = opened.Add(30 * time.Hour)
			}
			w.complaints = append(w.complaints, quick, slow)
		}
		// A store that was like this for weeks: no news.
		for i := range 35 * 24 {
			opened := monday.AddDate(0, 0, -26).Add(time.Duration(i) * time.Hour)
			always := complaint{Scope: store("always"), category: "price", opened: opened, resolved: opened.Add(3 * time.Hour), promise: 24 * time.Hour}
			if i%3 == 0 {
				always.resolved = opened.Add(30 * time.Hour)
			}
			w.complaints = append(w.complaints, always)
		}
		on := watch.NewWatch(only(rule), w, nil)
		changed := watched(t, on, monday, monday.AddDate(0, 0, 4))
		a := one(t, changed, rule, store("slow"))
		if a.Value <= a.Expected || a.Low <= 0 || a.Cases < 10 {
			t.Errorf("%s: %+v", rule, a)
		}
		if len(ended(changed)) != 1 {
			t.Errorf("%s does not end: %+v", rule, changed)
		}
	}
}

func TestAStoreThatUsuallySpeaksAndDoesNotIsSilent(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 1))
	w := chain(rnd, 3, 20, monday.AddDate(0, 0, -21), monday.AddDate(0, 0, 1))
	w.without(store("b"), monday.Add(10*time.Hour), monday.Add(15*time.Hour))
	on := watch.NewWatch(only(ruleset.SilentFeed), w, nil)
	none(t, watched(t, on, monday.Add(-12*time.Hour), monday.Add(10*time.Hour))) // nights are silent, as usual
	changed := watched(t, on, monday.Add(10*time.Hour+alert.Step), monday.Add(20*time.Hour))
	a := one(t, changed, ruleset.SilentFeed, store("b"))
	if d := a.Fired.Sub(monday.Add(10 * time.Hour)); d > 3*time.Hour {
		t.Errorf("found after %s", d)
	}
	over := ended(changed)
	if len(over) != 1 || over[0].Resolved.Sub(monday.Add(15*time.Hour)) > 30*time.Minute {
		t.Errorf("ended: %+v", over)
	}
}

func TestRisesOfRiskAreHeldAgainstAWeekAgo(t *testing.T) {
	cell := func(high int, value float64) watch.RiskCell {
		return watch.RiskCell{Scope: watch.Scope{Kind: "all"}, Customers: 2000, High: high, Value: value}
	}
	for _, c := range []struct {
		rule         string
		quiet, risen watch.RiskCell
	}{{ruleset.ChurnRise, cell(110, 5000), cell(190, 5000)}, {ruleset.ValueAtRisk, cell(500, 5300), cell(500, 9000)}} {
		w := newKnowledge()
		add := func(at time.Time, of watch.RiskCell) { w.risks = append(w.risks, risk{at, of}) }
		usual := cell(100, 5000)
		if c.rule == ruleset.ValueAtRisk {
			usual.High = 500
		}
		for day := -14; day < 0; day++ {
			add(monday.AddDate(0, 0, day), usual)
		}
		add(monday, c.quiet)
		add(monday.AddDate(0, 0, 1), c.risen)
		add(monday.AddDate(0, 0, 2), usual)
		on := watch.NewWatch(only(c.rule), w, nil)
		none(t, watched(t, on, monday, monday.Add(23*time.Hour)))
		changed := watched(t, on, monday.Add(24*time.Hour), monday.Add(50*time.Hour))
		a := one(t, changed, c.rule, watch.Scope{Kind: "all"})
		if a.Low <= 0 || a.High <= a.Low {
			t.Errorf("%s: interval %v to %v", c.rule, a.Low, a.High)
		}
		if len(ended(changed)) != 1 {
			t.Errorf("%s does not end", c.rule)
		}
	}
}

func TestAGoodCustomerAboutToLeaveIsTold(t *testing.T) {
	w := newKnowledge()
	w.troubled = []watch.Troubled{{Customer: "gold", Tier: "heavyweight", Risk: .8, Value: 900}, {Customer: "small", Tier: "lightweight", Risk: .9, Value: 1}, {Customer: "calm", Tier: "heavyweight", Risk: .2, Value: 900}}
	on := watch.NewWatch(only(ruleset.CustomerTrouble), w, nil)
	one(t, watched(t, on, monday, monday.Add(2*time.Hour)), ruleset.CustomerTrouble, watch.Scope{Kind: "customer", ID: "gold"})
	w.troubled[0].Risk = .65 // near the threshold nothing changes
	if changed := watched(t, on, monday.Add(3*time.Hour), monday.Add(4*time.Hour)); len(ended(changed)) != 0 {
		t.Errorf("%+v", changed)
	}
	w.troubled[0].Risk = .4
	if changed := watched(t, on, monday.Add(5*time.Hour), monday.Add(6*time.Hour)); len(ended(changed)) != 1 || len(raised(changed)) != 0 {
		t.Errorf("%+v", changed)
	}
}

// aside fails if asked for anything after now.
type aside struct {
	*knowledge
	now *time.Time
}

var errAhead = errors.New("asked for what is to come")

func (a aside) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]watch.GradeCell, error) {
	if to.After(*a.now) {
		return nil, errAhead
	}
	return a.knowledge.Grades(ctx, length, from, to, kinds)
}

func TestNothingLaterThanNowIsAskedFor(t *testing.T) {
	rules := ruleset.Default()
	now := monday
	w := watch.NewWatch(&rules, aside{fallen(9), &now}, nil)
	for ; now.Before(monday.Add(14 * time.Hour)); now = now.Add(alert.Step) {
		if _, err := w.At(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
}

// A store carries its region's fall: the alert is on the store, not on the region, neither while the store fires nor after. If all stores
// of a region fall, the alert is on the region.
func TestAFallIsToldWhereItIsCarriedAndNotWhereItIsOnlySeen(t *testing.T) {
	region := watch.Scope{Kind: "region", ID: "north"}
	for _, c := range []struct {
		name  string
		share float64
		want  []watch.Scope
	}{{"one store carries it", .8, []watch.Scope{store("b")}}, {"it is everywhere", .2, []watch.Scope{store("b"), region}}} {
		source := fallen(10)
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			source.responses[region] = append(source.responses[region], source.responses[store(id)]...)
		}
		rules := only(ruleset.SatisfactionDrop)
		rules.Scopes, rules.FalseAlerts = []string{"region", "store"}, 20 // a fall of 0.3 in the region
		w := watch.NewWatch(rules, source, nil)
		w.Explain = func(_ context.Context, a *alert.Alert, _ ...string) (list []alert.Evidence, err error) {
			if a.Kind == "region" {
				list = []alert.Evidence{{Dimension: "store", ID: "b", Share: c.share}}
			}
			return list, nil
		}
		var got []watch.Scope
		for _, a := range raised(watched(t, w, monday.Add(8*time.Hour), monday.Add(20*time.Hour))) {
			got = append(got, watch.Scope{Kind: a.Kind, ID: a.ID})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s, want (-), raised (+):\n%s", c.name, diff)
		}
	}
}
