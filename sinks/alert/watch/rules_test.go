package watch

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"csatflow/schemas/catalogue"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

func TestSummariesSayWhatWhereSinceWhenAndHowFar(t *testing.T) {
	at := time.Date(2026, 3, 30, 10, 5, 0, 0, time.UTC)
	for _, rule := range ruleset.Names() {
		a := &alert.Alert{Rule: rule, Kind: "store", ID: "store-7", Part: "price", Start: at, Figures: alert.Figures{Value: .42, Expected: .21, Low: .1, High: .3, Cases: 77}}
		s := a.Summary()
		if strings.Contains(s, rule) || strings.Contains(s, "%!") {
			t.Errorf("%s: %s", rule, s)
		}
		if rule != ruleset.ChurnRise && rule != ruleset.ValueAtRisk && !strings.Contains(s, "store-7") {
			t.Errorf("%s does not say where: %s", rule, s)
		}
		if strings.HasPrefix(rule, "satisfaction") && !strings.Contains(s, "2026-03-30 10:05 UTC") {
			t.Errorf("%s does not say since when: %s", rule, s)
		}
	}
}

// TestEachRuleIsWhole: a rule needs its declaration and settings in schemas/ruleset/rules.go, its file here, its runbook and its line in
// the README.
func TestEachRuleIsWhole(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	measures, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ruleset.Names() {
		r := ruleset.Of(name)
		if r.English == "" || !strings.ContainsFunc(r.Chinese, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			t.Errorf("%s is called %q in English and %q in Chinese", name, r.English, r.Chinese)
		}
		if r.Sentence == nil {
			t.Errorf("%s has no sentence", name)
		}
		if _, err := measures.Measure(r.Measure); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if looks[name] == nil {
			t.Errorf("%s is not looked for", name)
		}
		if _, err := os.Stat("../../../deploy/runbooks/" + (&alert.Alert{Rule: name}).Name() + ".md"); err != nil {
			t.Errorf("%s has no runbook: %v", name, err)
		}
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("%s is not in the README", name)
		}
	}
	for name := range looks {
		if !slices.Contains(ruleset.Names(), name) {
			t.Errorf("%s is looked for and is no section of the rules", name)
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
