package ruleset

import (
	"strings"
	"testing"
)

func TestSpecialDaysAreReadWithTheirScopeOrRefusedByName(t *testing.T) {
	for text, want := range map[string]Day{
		"2026-12-25":                 {Date: "2026-12-25"},
		"2026-08-15 store=store-003": {"2026-08-15", "store", "store-003"},
		"2026-03-28 all":             {"2026-03-28", "all", ""},
	} {
		if d, err := ParseDay(text); err != nil || d != want {
			t.Errorf("%q: %+v, %v", text, d, err)
		}
	}
	for _, text := range []string{"25.12.2026", "2026-13-01", "2026-12-25 store", "2026-12-25 =x", "2026-12-25 store="} {
		if _, err := ParseDay(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	r := Default()
	r.SpecialDays = []string{"2026-12-25 stroe=x", "Christmas"}
	err := r.Check([]string{"all", "store"})
	for _, part := range []string{`alerts.rules.special_days`, `"stroe"`, `"Christmas" is not a day`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %s", err, part)
		}
	}
}
