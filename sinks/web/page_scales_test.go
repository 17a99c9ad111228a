package web_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/browsertest"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

// scaleRow is a row of the panel of other scales.
type scaleRow struct{ Scale, Value, Change, Class string }

const scaleRows = `[...document.querySelectorAll("#scales tbody tr")].map(r => ({ Scale: r.cells[0].innerText, Value: r.cells[1].innerText, Change: r.cells[2].innerText, Class: r.cells[2].querySelector("span span")?.className ?? "" }))`

// wilson is the interval of a share of at least ten (Wilson 1927).
func wilson(share, n float64) (low, high float64) {
	const z = 1.959963984540054
	middle, half := share+z*z/2/n, z*math.Sqrt(share*(1-share)/n+z*z/4/n/n)
	return (middle - half) / (1 + z*z/n), (middle + half) / (1 + z*z/n)
}

// rated reads how scales changed from one day to the next in a store where those who answer in stars alone were content on the first only.
func (s *site) rated(t *testing.T) {
	from := s.company.Looked.From.AddDate(0, 0, 1)
	tab := s.open(t, fmt.Sprintf("view=why&kind=store&id=store-002&from=%s&to=%s", from.Format(time.RFC3339), from.AddDate(0, 0, 1).Format(time.RFC3339)))
	day := func(at time.Time) (nps, effort, top, n float64) {
		t.Helper()
		query := fmt.Sprintf(`SELECT 100 * (countIf(nps >= 9) - countIf(nps <= 6)) / countIf(nps >= 0), avgIf(ces, ces > 0), countIf(stars >= 4) / countIf(stars >= 1), toFloat64(countIf(stars >= 1))
			FROM (SELECT * FROM %s WHERE survey = 'instant' AND brand = '' AND store_id = 'store-002' AND toDate(occurred_at) = '%s' ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id)`, s.company.Store.Table("responses"), at.Format(time.DateOnly))
		if err := s.company.Store.Conn().QueryRow(t.Context(), query).Scan(&nps, &effort, &top, &n); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		return nps, effort, top, n
	}
	nps, effort, top, n := day(from)
	npsBefore, effortBefore, topBefore, m := day(from.AddDate(0, 0, -1))
	low, high := wilson(top, n)
	lowBefore, highBefore := wilson(topBefore, m)
	down, up := math.Hypot(top-low, highBefore-topBefore), math.Hypot(high-top, topBefore-lowBefore)
	want := map[string][]float64{"Net Promoter Score": {nps - npsBefore}, "Customer Effort Score": {effort - effortBefore}, "Share of 4 and 5 stars": {100 * (top - topBefore), 100 * (top - topBefore - down), 100 * (top - topBefore + up)}}
	numbers := regexp.MustCompile(`[-+]?\d+(\.\d+)?`)
	seen := 0
	for _, r := range browsertest.Eval[[]scaleRow](tab, scaleRows) {
		scale, survey, _ := strings.Cut(r.Scale, " · ")
		if survey != "Instant survey" {
			continue
		}
		seen++
		got := numbers.FindAllString(r.Change, -1)
		sure := len(got) == 3 // of nps and effort chance decides
		if sure != strings.HasPrefix(r.Change, "▼ ") && sure != strings.HasPrefix(r.Change, "▲ ") || sure == (r.Class == "same") || sure == strings.HasPrefix(r.Change, "≈ ") || len(got) < len(want[scale]) {
			t.Errorf("%+v, should be %v", r, want[scale])
			continue
		}
		if sure && (number(t, strings.TrimPrefix(got[1], "+")) > 0) != (number(t, strings.TrimPrefix(got[2], "+")) > 0) {
			t.Errorf("%+v has an interval around 0", r)
		}
		for i, w := range want[scale] {
			if math.Abs(number(t, strings.TrimPrefix(got[i], "+"))-w) > .051 {
				t.Errorf("%+v, should be %v", r, want[scale])
			}
		}
	}
	if seen != 3 {
		t.Errorf("%d scales", seen)
	}
	bare := s.open(t, fmt.Sprintf("view=why&from=%s&to=%s", from.AddDate(0, 0, -2).Format(time.RFC3339), from.AddDate(0, 0, -1).Format(time.RFC3339)))
	if text := browsertest.Eval[string](bare, `document.querySelector("#scales .body").innerText`); !strings.Contains(text, `"nps": 0 … 10`) || !strings.Contains(text, "No answers in other scales") {
		t.Errorf("where nobody answers in other scales it says %q", text)
	}
	moments := s.open(t, "view=customers&customer="+s.company.Options.Pseudonyms.Of("c-stars-3"))
	if text := browsertest.Eval[string](moments, `document.querySelector("#moments li button").innerText`); text != "Stars 5" {
		t.Errorf("an answer in stars alone is told as %q", text)
	}
	for i := range s.company.Responses {
		if r := &s.company.Responses[i]; r.HasNPS && r.CES > 0 && r.Brand == nil && len(r.CustomerID) > 0 {
			said := fmt.Sprintf("Likelihood to recommend %d · Customer effort %d", r.NPS, r.CES)
			tab := s.open(t, "view=customers&customer="+s.company.Options.Pseudonyms.Of(string(r.CustomerID)))
			if text := browsertest.Eval[string](tab, `document.querySelector("#moments .body").innerText`); !strings.Contains(text, said) {
				t.Errorf("%q is not among %q", said, text)
			}
			return
		}
	}
	t.Error("nobody has answered both")
}

// dropped writes an alert of a drop of a scale, and reads how it is called in both languages.
func (s *site) dropped(t *testing.T) {
	start := s.company.Looked.From.Add(3 * time.Hour)
	a := alert.Alert{Rule: ruleset.ScaleDrop, Kind: "store", ID: "store-003", Part: "ces", Severity: alert.Warning, Start: start, Fired: start.Add(time.Hour), Seen: start.Add(4 * time.Hour), Resolved: start.Add(4 * time.Hour),
		Measure: ruleset.Of(ruleset.ScaleDrop).MeasureOf("ces"), Figures: alert.Figures{Value: 3.4, Expected: 5.1, Low: 1.2, High: 2.2, Cases: 40, P: 1e-6}}
	l := alert.Log{Conn: s.company.Store.Conn(), Database: s.company.Database}
	if err := l.Write(t.Context(), []alert.Alert{a}); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{"en": {"A score in another scale has dropped: Store store-003 · Customer Effort Score", "Customer Effort Score 3.40"}, "zh": {"其他量表得分骤降：门店 store-003 · 省力程度均值", "省力程度均值 3.40"}} {
		tab := s.browser.Open(t, s.base+"/?lang="+lang+"&alert="+a.Key(), 1440, 900)
		tab.Until("the alert is shown", `document.querySelector("main").innerText.includes("store-003")`)
		text := browsertest.Eval[string](tab, `document.querySelector("main").innerText`)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("in %s the alert lacks %q:\n%.600s", lang, w, text)
			}
		}
		tab.Close()
	}
}
