package pane_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/pane"
)

func TestAKindHasPanesFromItsFinestOn(t *testing.T) {
	k := kindsOf(t, []string{"store", "employee"}, []string{"store", "source"}, []string{"employee", "source"})
	if err := k.SetFinest(map[string]string{"employee": "1h", "source": "1d", "store": "1m", "employee*source": "1m"}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"employee": "1h", "source": "1d", "store*employee": "1h", "store*source": "1d"}
	got := map[string]string{}
	for kind, r := range k.Coarser() {
		got[kind] = r.String()
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := k.Longer(); got["employee"] != time.Hour || got["store*source"] != 24*time.Hour || len(got) != len(want) {
		t.Errorf("lengths %v", got)
	}
	g := pane.NewRegistry(k)
	ref := g.RefOf(&pane.Dims{pane.Store: "s", pane.Employee: "e", pane.Source: "pos"}, "", "instant", "")
	for _, s := range g.Scopes(ref) {
		if s == pane.NoSeries {
			continue
		}
		kind := g.Series(s).ScopeKind
		if r := g.Finest(s); r.Seconds() != map[string]uint32{"1h": 3600, "1d": 86400, "": 60}[want[kind]] {
			t.Errorf("%s has panes of %d s", kind, r.Seconds())
		}
	}
}

func TestFinestPanesThatMeanNothingAreRefused(t *testing.T) {
	for name, c := range map[string][2]string{
		"employe": {"1h", `did you mean "employee"?`},
		"store":   {"5m", `"5m" is not one of 1m, 1h, 1d`},
		"all":     {"1h", "must be 1m"},
	} {
		if err := kindsOf(t).SetFinest(map[string]string{name: c[0]}); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %s: %v", name, c[0], err)
		}
	}
}
