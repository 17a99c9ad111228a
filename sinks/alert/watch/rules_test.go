package watch

import (
	"strings"
	"testing"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/ruleset"
)

var scopeKinds = []string{"all", "region", "store", "source", "touchpoint", "employee", "product_category", "customer_type"}

func TestTheDefaultRulesAreGood(t *testing.T) {
	r := ruleset.Default()
	if err := r.Check(scopeKinds); err != nil {
		t.Error(err)
	}
	for _, name := range alert.Names() {
		if !r.On(name) {
			t.Errorf("%s is off", name)
		}
	}
}

func TestEachFaultOfTheRulesIsToldWithItsKeyAndTheRemedy(t *testing.T) {
	for words, spoil := range map[string]func(r *ruleset.Rules){
		"false_alerts: must be 0.001 to 100|is 0":                              func(r *ruleset.Rules) { r.FalseAlerts = 0 },
		`scopes: no kind of scope "shop": did you mean "store"? There are all`: func(r *ruleset.Rules) { r.Scopes = []string{"shop"} },
		`scopes: "store" stands twice`:                                         func(r *ruleset.Rules) { r.Scopes = []string{"store", "store"} },
		`silent_feed.scopes: no kind of scope "till"`:                          func(r *ruleset.Rules) { r.Silent.Scopes = []string{"till"} },
		`off: no rule "moods": one of satisfaction_floor`:                      func(r *ruleset.Rules) { r.Off = []string{"moods"} },
		`satisfaction_drop.severity: must be page, warning or in`:              func(r *ruleset.Rules) { r.Drop.Severity = "loud" },
		"satisfaction_floor.index: must be 0 to 100":                           func(r *ruleset.Rules) { r.Floor.Index = 101 },
		"satisfaction_floor.window: must be a multiple of 5m":                  func(r *ruleset.Rules) { r.Floor.Window = 7 * time.Minute },
		"satisfaction_floor.confidence":                                        func(r *ruleset.Rules) { r.Floor.Confidence = 1 },
		"satisfaction_floor.least_responses: must be at least 1":               func(r *ruleset.Rules) { r.Floor.Least = 0 },
		"satisfaction_drift.least_drop":                                        func(r *ruleset.Rules) { r.Drift.Least = -1 },
		"complaint_surge.times: must be 1 to 100":                              func(r *ruleset.Rules) { r.Surge.Times = .5 },
		"recovery_slow.share":                                                  func(r *ruleset.Rules) { r.Slow.Share = 2 },
		"promise_breach.window: must be whole hours":                           func(r *ruleset.Rules) { r.Breach.Window = 90 * time.Minute },
		"churn_rise.least_customers":                                           func(r *ruleset.Rules) { r.Churn.Least = 0 },
		`customer_trouble.tiers: no tier "gold": one of super_h`:               func(r *ruleset.Rules) { r.Trouble.Tiers = []string{"gold"} },
		"customer_trouble.risk: must be 0 to 1":                                func(r *ruleset.Rules) { r.Trouble.Risk = 7 },
	} {
		r := ruleset.Default()
		spoil(&r)
		err := r.Check(scopeKinds)
		if err == nil {
			t.Errorf("%s: found good", words)
			continue
		}
		for word := range strings.SplitSeq(words, "|") {
			if !strings.Contains(err.Error(), word) || !strings.HasPrefix(err.Error(), "alerts.rules.") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q does not say %q", err, word)
			}
		}
	}
}

func TestSummariesSayWhatWhereSinceWhenAndHowFar(t *testing.T) {
	at := time.Date(2026, 3, 30, 10, 5, 0, 0, time.UTC)
	for _, rule := range alert.Names() {
		a := &alert.Alert{Rule: rule, Kind: "store", ID: "store-7", Part: "price", Start: at, Figures: alert.Figures{Value: .42, Expected: .21, Low: .1, High: .3, Cases: 77}}
		s := a.Summary()
		if strings.Contains(s, rule) || strings.Contains(s, "%!") {
			t.Errorf("%s: %s", rule, s)
		}
		if rule != alert.ChurnRise && rule != alert.ValueAtRisk && !strings.Contains(s, "store-7") {
			t.Errorf("%s does not say where: %s", rule, s)
		}
		if strings.HasPrefix(rule, "satisfaction") && !strings.Contains(s, "2026-03-30 10:05 UTC") {
			t.Errorf("%s does not say since when: %s", rule, s)
		}
	}
}

func TestTheClockGoesOnOnlyWhereEventsAreOfThePresent(t *testing.T) {
	now := time.Date(2026, 3, 30, 10, 0, 0, 0, time.UTC)
	var present, past clock
	if got := present.see(now.Add(-time.Minute), now); !got.Equal(now.Add(-time.Minute)) {
		t.Errorf("%s", got)
	}
	if got := present.see(now.Add(-time.Minute), now.Add(3*time.Hour)); !got.Equal(now.Add(3*time.Hour - time.Minute)) {
		t.Errorf("three hours without events it is %s", got)
	}
	old := now.AddDate(0, 0, -3)
	past.see(old, now)
	if got := past.see(old, now.Add(3*time.Hour)); !got.Equal(old) {
		t.Errorf("a feed of three days ago has gone on to %s", got)
	}
	if got := past.see(old.Add(time.Hour), now.Add(4*time.Hour)); !got.Equal(old.Add(time.Hour)) {
		t.Errorf("with its next event it is %s", got)
	}
}
