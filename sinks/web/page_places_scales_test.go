package web_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/browsertest"
)

const (
	scaleHeadings = `[...document.querySelectorAll("#places-scales thead th")].map(h => h.innerText)`
	scaleCells    = `[...document.querySelectorAll("#places-scales tbody tr")].map(r => [...r.cells].map(c => c.innerText))`
)

// ownScores are the scores of each place in other scales by SQL over responses as received, with how many answered in each.
const ownScores = `SELECT %s AS place, survey, 100 * (countIf(nps >= 9) - countIf(nps <= 6)) / countIf(nps >= 0), countIf(nps >= 0), avgIf(ces, ces > 0), countIf(ces > 0), 100 * countIf(stars >= 4) / countIf(stars >= 1), countIf(stars >= 1)
	FROM (SELECT * FROM %s WHERE brand = '' AND (nps >= 0 OR ces > 0 OR stars >= 1) ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id) GROUP BY place, survey`

type score struct {
	value    float64
	answered uint64
}

// scores are those of NPS, effort and stars by place and survey.
func (s *site) scores(t *testing.T, place string) map[string][3]score {
	t.Helper()
	query := fmt.Sprintf(ownScores, place, s.company.Store.Table("responses"))
	rows, err := s.company.Store.Conn().Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	defer func() { _ = rows.Close() }()
	of := map[string][3]score{}
	for rows.Next() {
		var id, survey string
		var l [3]score
		if err := rows.Scan(&id, &survey, &l[0].value, &l[0].answered, &l[1].value, &l[1].answered, &l[2].value, &l[2].answered); err != nil {
			t.Fatal(err)
		}
		if id != "" {
			of[id+" "+map[string]string{"instant": "Instant survey", "comprehensive": "Comprehensive survey"}[survey]] = l
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return of
}

// besideGrades holds the scores of places and of Now against responses as received.
func (s *site) besideGrades(t *testing.T) {
	want := s.scores(t, "store_id")
	tab := s.open(t, "view=places&range=7d&sort=nps&order=desc")
	headings := browsertest.Eval[[]string](tab, scaleHeadings)
	if want := []string{"Store", "Survey", "Net Promoter Score ▾", "95 % interval", "Responses", "Customer Effort Score", "95 % interval", "Responses", "Share of 4 and 5 stars", "95 % interval", "Responses"}; !slices.Equal(headings, want) {
		t.Fatalf("the columns are %q, want %q", headings, want)
	}
	list := browsertest.Eval[[][]string](tab, scaleCells)
	if len(list) != len(want) {
		t.Errorf("%d rows of %d places and surveys", len(list), len(want))
	}
	signed := strings.NewReplacer("+", "", "−", "-")
	last := math.Inf(1)
	for _, row := range list {
		of, known := want[row[0]+" "+row[1]]
		if !known {
			t.Errorf("%q is of no place that answered: %v", row, slices.Sorted(maps.Keys(want)))
			continue
		}
		for i, within := range []float64{.05, .005, .05} {
			cells := row[2+3*i : 5+3*i]
			if number(t, cells[2]) != float64(of[i].answered) || (cells[0] == "–") != (of[i].answered == 0) || of[i].answered > 0 && math.Abs(number(t, signed.Replace(cells[0]))-of[i].value) > within+1e-9 {
				t.Errorf("%s: %q, by hand %+v", row[0], cells, of[i])
			}
			least := uint64(1) // of which there is no interval but of a share
			if i == 2 {
				least = 0
			}
			if low, high, told := strings.Cut(signed.Replace(cells[1]), " … "); told != (of[i].answered > least) || told && (number(t, low) > of[i].value+within || number(t, high) < of[i].value-within) {
				t.Errorf("%s: the interval of %v is %q", row[0], of[i], cells[1])
			}
		}
		if of[0].answered > 0 {
			if of[0].value > last {
				t.Errorf("%v comes after %v", of[0].value, last)
			}
			last = of[0].value
		} else {
			last = math.Inf(-1)
		}
	}
	tab.Screenshot("places-scales")
	now := s.open(t, "range=7d")
	company := s.scores(t, "'all'")["all Instant survey"]
	if got := tiles(t, now, "#now-figures")["Net Promoter Score · Instant survey"]; math.Abs(number(t, signed.Replace(got))-company[0].value) > .05+1e-9 {
		t.Errorf("now the NPS is %s, by hand %v", got, company[0])
	}
	now.Screenshot("now-scales")
	browsertest.Eval[bool](now, `[...document.querySelectorAll("#now-figures .tile")].find(e => e.innerText.startsWith("Net Promoter Score")).querySelector("button").click(), true`)
	now.Until("the formula is told", `document.querySelector("dialog[open]")?.innerText.includes("promoters - detractors")`)
	store := s.open(t, "view=places&range=7d&kind=store&id=store-002")
	if got, want := tiles(t, store, "#place")["Share of 4 and 5 stars · Instant survey"], want["store-002 Instant survey"][2]; math.Abs(number(t, got)-want.value) > .05+1e-9 {
		t.Errorf("of the store %s are 4 and 5 stars, by hand %v", got, want)
	}
}

// ungraded reads the page of a day on which customers answered in stars alone.
func (s *site) ungraded(t *testing.T) {
	day := s.company.Looked.From.AddDate(0, 0, -3)
	period := fmt.Sprintf("&from=%s&to=%s", day.Format(time.RFC3339), day.AddDate(0, 0, 1).Format(time.RFC3339))
	low, _ := wilson(1, 24)
	note := fmt.Sprintf("%.1f%% … 100%% (95 %%) · Responses: 24", 100*low)
	for query, panels := range map[string]struct {
		tiles  string
		hidden []string
	}{
		"view=now":                            {"#now-figures", []string{"now-trend", "now-stores"}},
		"view=places&kind=store&id=store-002": {"#place", []string{"place-trend", "parts-touchpoint", "places-scales"}},
		"view=places":                         {"", []string{"places"}},
	} {
		tab := s.open(t, query+period)
		if text := browsertest.Eval[string](tab, `document.querySelector("main").innerText`); strings.Contains(text, "No responses") || strings.Contains(text, "none in this period") {
			t.Errorf("%s denies that somebody answered: %s", query, text)
		}
		for _, id := range panels.hidden {
			if !browsertest.Eval[bool](tab, fmt.Sprintf("document.getElementById(%q).hidden", id)) {
				t.Errorf("%s shows %s without a grade", query, id)
			}
		}
		if panels.tiles != "" {
			if got := tiles(t, tab, panels.tiles); len(got) != 1 || got["Share of 4 and 5 stars"] != "100%" {
				t.Errorf("%s has the tiles %v", query, got)
			}
			if got := browsertest.Eval[string](tab, fmt.Sprintf(`document.querySelector("%s .tile .note").innerText`, panels.tiles)); got != note {
				t.Errorf("%s: beside the stars stands %q, want %q", query, got, note)
			}
		} else if headings, list := browsertest.Eval[[]string](tab, scaleHeadings), browsertest.Eval[[][]string](tab, scaleCells); len(headings) != 4 || len(list) != 1 || list[0][0] != "store-002" || list[0][1] != "100%" || list[0][3] != "24" {
			t.Errorf("the list is %q of %q", list, headings)
		}
		quiet(t, tab)
		tab.Screenshot("ungraded-" + strings.NewReplacer("view=", "", "&", "-", "=", "-").Replace(query))
		tab.Close()
	}
	// Where nobody answered at all it says so as ever.
	bare := s.open(t, fmt.Sprintf("view=now&from=%s&to=%s", day.AddDate(0, 0, 1).Format(time.RFC3339), day.AddDate(0, 0, 2).Format(time.RFC3339)))
	for _, panel := range []string{"#now-figures", "#now-trend"} {
		if text := browsertest.Eval[string](bare, fmt.Sprintf(`document.querySelector("%s").innerText`, panel)); !strings.Contains(text, "No responses with a grade in this period") {
			t.Errorf("where nobody answers %s says %q", panel, text)
		}
	}
}
