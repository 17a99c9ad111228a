package ruleset

import (
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/dimension"
)

var scopeKinds = []string{"all", "region", "store", "source", "touchpoint", "employee", "product_category", "customer_type"}

func TestTheDefaultRulesAreGood(t *testing.T) {
	r := Default()
	if err := r.Check(scopeKinds); err != nil {
		t.Error(err)
	}
	for _, name := range Names() {
		if !r.On(name) {
			t.Errorf("%s is off", name)
		}
	}
}

func TestEachRuleHasASection(t *testing.T) {
	for name := range rules {
		if !slices.Contains(Names(), name) {
			t.Errorf("%s has no section", name)
		}
	}
}

func TestEachFaultOfTheRulesIsToldWithItsKeyAndTheRemedy(t *testing.T) {
	for words, spoil := range map[string]func(r *Rules){
		"false_alerts: must be 0.001 to 100|is 0":                              func(r *Rules) { r.FalseAlerts = 0 },
		`scopes: no kind of scope "shop": did you mean "store"? There are all`: func(r *Rules) { r.Scopes = []string{"shop"} },
		`scopes: "store" stands twice`:                                         func(r *Rules) { r.Scopes = []string{"store", "store"} },
		`silent_feed.scopes: no kind of scope "till"`:                          func(r *Rules) { r.Silent.Scopes = []string{"till"} },
		`off: no rule "moods": one of satisfaction_floor`:                      func(r *Rules) { r.Off = []string{"moods"} },
		`satisfaction_drop.severity: must be one of page, warning, in`:         func(r *Rules) { r.Drop.Severity = "loud" },
		"satisfaction_floor.index: must be 0 to 100":                           func(r *Rules) { r.Floor.Index = 101 },
		"satisfaction_floor.window: must be a multiple of 5m":                  func(r *Rules) { r.Floor.Window = 7 * time.Minute },
		"satisfaction_floor.confidence":                                        func(r *Rules) { r.Floor.Confidence = 1 },
		"satisfaction_floor.least_responses: must be at least 1":               func(r *Rules) { r.Floor.Least = 0 },
		"satisfaction_drift.least_drop":                                        func(r *Rules) { r.Drift.Least = -1 },
		"complaint_surge.times: must be 1 to 100":                              func(r *Rules) { r.Surge.Times = .5 },
		"recovery_slow.share":                                                  func(r *Rules) { r.Slow.Share = 2 },
		"promise_breach.window: must be a multiple of 1h":                      func(r *Rules) { r.Breach.Window = 90 * time.Minute },
		"churn_rise.least_customers":                                           func(r *Rules) { r.Churn.Least = 0 },
		`customer_trouble.tiers: no such value "gold": one of super_h`:         func(r *Rules) { r.Trouble.Tiers = []string{"gold"} },
		"customer_trouble.risk: must be 0 to 1":                                func(r *Rules) { r.Trouble.Risk = 7 },
	} {
		r := Default()
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

// TestTheScopesThatAreLookedAtAreTheDimensionsThatAreWatched: the default in the tag must match the dimensions.
func TestTheScopesThatAreLookedAtAreTheDimensionsThatAreWatched(t *testing.T) {
	if got, want := Default().Scopes, dimension.Usual().Watched(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestADropOfAScaleIsToldInItsUnits(t *testing.T) {
	for part, want := range map[string]string{
		"nps":   "The Net Promoter Score of store s-1 has fallen since noon: -12 where +31 is usual, by 43 (95 %: 20 to 66; 80 answers)",
		"ces":   "The Customer Effort Score of store s-1 has fallen since noon: -12.00 where 31.00 is usual, by 43.00 (95 %: 20.00 to 66.00; 80 answers)",
		"stars": "The share of 4 and 5 stars of store s-1 has fallen since noon: -12.00 where 31.00 is usual, by 43.00 (95 %: 20.00 to 66.00; 80 answers)",
	} {
		f := Finding{Scope: "store s-1", Part: part, Since: "noon", Value: -12, Expected: 31, Low: 20, High: 66, Cases: 80}
		if got := Of(ScaleDrop).Sentence(&f); got != want {
			t.Errorf("%s: %s", part, got)
		}
	}
	if m := Of(ScaleDrop).MeasureOf("stars"); m != "stars_top_share" {
		t.Errorf("stars are measured by %s", m)
	}
}
