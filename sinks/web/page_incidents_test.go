package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"csatflow/deploy/trial/browsertest"
)

// carded looks at the cards of what is wrong: one for all alerts about a place, those that fire first, with where and on whose shift it
// happened, and the most valuable customers of the place to call.
func (s *site) carded(t *testing.T) {
	tab := s.open(t, "range=7d")
	cards := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("#now-alerts > .body > .alerts > .alert")].map(e => e.innerText)`)
	if len(cards) != 2 || !strings.HasPrefix(cards[0], "Store "+s.company.Alert.ID+": satisfaction 72 → 30") || !strings.HasPrefix(cards[1], "1 good customer is about to leave") {
		t.Fatalf("the cards say %q", cards)
	}
	for _, want := range []string{"Satisfaction below the floor", "Where it happened: Touchpoint checkout (70% share of the fall)", "On shift: e-0012 (25% of the responses)", "Also changed: Responsiveness, Apathy", "mean grade 2.80, normal 5.30"} {
		if !strings.Contains(cards[0], want) {
			t.Errorf("%q is missing in %q", want, cards[0])
		}
	}
	if strings.Contains(strings.ToLower(cards[0]), "source") {
		t.Errorf("where most responses come from is told as where it happened: %q", cards[0])
	}
	if earlier := browsertest.Eval[string](tab, `document.querySelector("#now-alerts .earlier").innerText`); !strings.HasPrefix(earlier, "Resolved") || !strings.Contains(earlier, "Complaints surge: Region") {
		t.Errorf("what is over is told as %q", earlier)
	}
	calls := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("#now-alerts .first-calls li")].map(e => e.innerText)`)
	rows, err := s.company.Store.Conn().Query(t.Context(), "SELECT customer_id FROM (SELECT DISTINCT customer_id FROM "+s.company.Store.Table("action_log")+" FINAL WHERE isNull(closed_at) AND customer_id != '' AND store_id = ?) AS a JOIN "+s.company.Store.Table("churn_risk")+" AS r USING customer_id ORDER BY value_at_risk DESC, customer_id LIMIT 5", s.company.Alert.ID)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		want = append(want, "#"+s.company.Options.Pseudonyms.Of(id)[:7])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, call := range calls {
		who, why, _ := strings.Cut(call, " · ")
		if got = append(got, who); !strings.Contains(why, "€") || strings.HasPrefix(why, " ·") {
			t.Errorf("a call says %q, not why and for what", call)
		}
		if g := regexp.MustCompile(`graded (\d)`).FindStringSubmatch(why); g != nil && g[1] > "3" {
			t.Errorf("somebody is to be called since they %s", why)
		}
	}
	if len(want) != 5 || !slices.Equal(got, want) {
		t.Errorf("to call first are %q, by SQL %q", got, want)
	}
	quiet(t, tab)
}
