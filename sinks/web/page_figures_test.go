package web_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"csatflow/deploy/trial/browsertest"
	"csatflow/deploy/trial/webtest"
)

// figure is a number on a page, and the SQL over events and logs as received that gives it: written apart from the views.
type figure struct {
	name string
	at   string // JavaScript that gives the text
	sql  string
	// within is how far the page may be off, since it rounds: half of its last digit.
	within float64
}

// Places of figures.
func tileOf(panel string, n int) string {
	return fmt.Sprintf(`shown("#%s .tile:nth-child(%d) .value")`, panel, n)
}

func cellOf(panel string, row, column int) string {
	return fmt.Sprintf(`shown("#%s tbody tr:nth-child(%d) > :nth-child(%d)")`, panel, row, column)
}

func rowsOf(panel string) string {
	return fmt.Sprintf(`String(document.querySelectorAll("#%s tbody tr:not(:has(.empty))").length)`, panel)
}

// Figures of charts stand in the table below them, which is opened before.
const reading = `
	const shown = at => { const e = document.querySelector(at); return e?.getClientRects().length ? e.innerText : "nothing at " + at; };
	const total = (at, first = "0") => String([...document.querySelectorAll(at)].reduce((n, e) => n + Number(e.innerText.replaceAll(",", "")), 0));
	for (const d of document.querySelectorAll("main details.figures")) d.open = true;
	await new Promise(done => setTimeout(done));`

// Events as received, each once; the states of complaints by their last step that changes them; until when events are known.
const events = `
	q AS (SELECT * FROM {responses} WHERE brand IN ('', 'own') ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id),
	r AS (SELECT * FROM q WHERE survey != 'comprehensive' AND grade > 0),
	i AS (SELECT * FROM {asked} ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id),
	c AS (SELECT * FROM {complaint_events} ORDER BY offset LIMIT 1 BY customer_id, event_id),
	s AS (SELECT customer_id, complaint_id, argMaxIf(step, (occurred_at, offset), step IN ('opened', 'reopened', 'resolved', 'withdrawn')) AS last, minIf(occurred_at, step = 'opened') AS since, argMinIf(category, (occurred_at, offset), category != '') AS about FROM c GROUP BY customer_id, complaint_id HAVING countIf(step = 'opened') > 0),
	(SELECT toStartOfMinute(max(at)) + 60 FROM (SELECT max(occurred_at) AS at FROM r UNION ALL SELECT max(occurred_at) FROM c)) AS now`

// answeredInvitations are customers' invitations with an answer: each response is tried with each invitation of its customer. The simulator's responses name none.
const answeredInvitations = `SELECT customer_id, argMax(asked_id, (asked_at, asked_id)) FROM (
	SELECT r.customer_id AS customer_id, r.event_id AS reply, i.event_id AS asked_id, i.occurred_at AS asked_at FROM r JOIN i ON r.customer_id = i.customer_id
	WHERE r.customer_id != '' AND i.occurred_at <= r.occurred_at AND r.occurred_at <= i.occurred_at + INTERVAL 7 DAY AND r.store_id = i.store_id) GROUP BY customer_id, reply`

// gradedPurchases are purchases with the last grade before, and whether an invitation came with them.
const gradedPurchases = `SELECT s.customer_id AS customer_id, s.event_id AS event_id, s.occurred_at AS occurred_at, argMax(r.grade, (r.occurred_at, r.event_id)) AS grade, max(s.invited) AS asked
	FROM (SELECT b.customer_id AS customer_id, b.event_id AS event_id, b.occurred_at AS occurred_at, max(i.store_id = b.store_id AND i.occurred_at >= b.occurred_at - INTERVAL 1 HOUR AND i.occurred_at <= b.occurred_at + INTERVAL 1 DAY) AS invited
		FROM (SELECT * FROM {purchases} WHERE amount > 0 ORDER BY offset LIMIT 1 BY customer_id, event_id) AS b LEFT JOIN i ON i.customer_id = b.customer_id GROUP BY customer_id, event_id, occurred_at) AS s
	JOIN r ON r.customer_id = s.customer_id WHERE r.occurred_at < s.occurred_at GROUP BY customer_id, event_id, occurred_at`

// audited are figures of every view.
var audited = []struct {
	query   string
	figures []figure
}{
	{"view=now&range=7d", []figure{
		{"satisfaction index", tileOf("now-figures", 1), "SELECT (avg(grade) - 1) / 6 * 100 FROM r", 0.05},
		{"satisfied", tileOf("now-figures", 2), "SELECT 100 * countIf(grade >= 6) / count() FROM r", 0.05},
		{"dissatisfied", tileOf("now-figures", 3), "SELECT 100 * countIf(grade <= 3) / count() FROM r", 0.05},
		{"responses", `shown("#now-figures .tile:nth-child(4) .note")`, "SELECT count() FROM r", 0},
		{"backlog", tileOf("now-recovery", 1), "SELECT countIf(last IN ('opened', 'reopened')) FROM s", 0},
		{"overdue", tileOf("now-recovery", 2), "SELECT countIf(last IN ('opened', 'reopened') AND since + INTERVAL 1 DAY < now) FROM s", 0},
		{"to call in all", `shown("#now-risk .tile:nth-child(3) .note")`, "SELECT uniqExact(customer_id) FROM {action_log} FINAL WHERE isNull(closed_at) AND customer_id != ''", 0},
	}},
	{"view=places&range=7d&sort=responses&order=desc", []figure{
		{"responses of the largest store", cellOf("places", 1, 5), "SELECT max(n) FROM (SELECT count() AS n FROM r WHERE store_id != '' GROUP BY store_id)", 0},
		{"index of the largest store", cellOf("places", 1, 2), "SELECT argMax(i, n) FROM (SELECT (avg(grade) - 1) / 6 * 100 AS i, count() AS n FROM r WHERE store_id != '' GROUP BY store_id)", 0.05},
		{"dissatisfied of the largest store", cellOf("places", 1, 6), "SELECT argMax(i, n) FROM (SELECT 100 * countIf(grade <= 3) / count() AS i, count() AS n FROM r WHERE store_id != '' GROUP BY store_id)", 0.05},
		{"complaints of the largest store", cellOf("places", 1, 7), "SELECT uniqExact(customer_id, complaint_id) FROM c WHERE step = 'opened' AND store_id = (SELECT argMax(store_id, n) FROM (SELECT store_id, count() AS n FROM r WHERE store_id != '' GROUP BY store_id))", 0},
		{"stores", rowsOf("places"), "SELECT uniqExact(store_id) FROM r WHERE store_id != ''", 0},
	}},
	{"view=why&range=7d", []figure{
		{"reliability", cellOf("rater", 1, 2), "SELECT avg(rater[1]) FROM r WHERE length(rater) > 0 AND rater[1] > 0", 0.005},
		{"happy", cellOf("emotions", 1, 2), "SELECT 100 * countIf(emotion = 'happy') / countIf(emotion != '') FROM r", 0.05},
		{"complaints by what they are about", `total("#sins tbody td")`, "SELECT count() FROM s", 0},
		{"as answered", tileOf("who-answers", 2), "SELECT (avg(grade) - 1) / 6 * 100 FROM r", 0.05},
		{"in bursts", tileOf("bursts", 1), "SELECT countIf(terminal_id = '" + webtest.BurstTerminal + "') FROM r", 0},
		{"without bursts", tileOf("bursts", 3), "SELECT (avgIf(grade, terminal_id != '" + webtest.BurstTerminal + "') - 1) / 6 * 100 FROM r", 0.05},
		{"the child's till", cellOf("bursts", 1, 3), "SELECT countIf(terminal_id = '" + webtest.BurstTerminal + "') FROM r", 0},
		{"asked", tileOf("asked", 1), "SELECT count() FROM i", 0},
		{"those asked who answered", tileOf("asked", 2), "SELECT 100 * (countIf((customer_id, event_id) IN (" + answeredInvitations + ")) + (SELECT sum(least(n, m)) FROM (SELECT terminal_id, count() AS n FROM i WHERE customer_id = '' GROUP BY terminal_id) AS x JOIN (SELECT terminal_id, count() AS m FROM r WHERE customer_id = '' GROUP BY terminal_id) AS y USING (terminal_id))) / count() FROM i", 0.05},
		{"the happy asked more often", tileOf("asked", 5), "SELECT 100 * (countIf(last.1 >= 5 AND last.2) / countIf(last.1 >= 5) - countIf(last.1 <= 3 AND last.2) / countIf(last.1 <= 3)) FROM (SELECT p.customer_id AS customer_id, argMax((grade, asked), (p.occurred_at, p.event_id)) AS last FROM (" + gradedPurchases + ") AS p GROUP BY customer_id)", 0.05},
		{"asked at terminals", tileOf("asked", 3), "SELECT countIf(customer_id = '') FROM i", 0},
		{"net promoter score", cellOf("scales", 1, 2), "SELECT 100 * (countIf(nps >= 9) - countIf(nps <= 6)) / countIf(nps >= 0) FROM q WHERE survey = 'instant'", 0.05},
		{"promoters", cellOf("scales", 1, 4), "SELECT countIf(nps >= 9) FROM q WHERE survey = 'instant'", 0},
		{"answers to how likely to recommend", cellOf("scales", 1, 5), "SELECT countIf(nps >= 0) FROM q WHERE survey = 'instant'", 0},
		{"net promoter score of the comprehensive survey", cellOf("scales", 2, 2), "SELECT 100 * (countIf(nps >= 9) - countIf(nps <= 6)) / countIf(nps >= 0) FROM q WHERE survey = 'comprehensive'", 0.05},
		{"customer effort", cellOf("scales", 3, 2), "SELECT avgIf(ces, ces > 0) FROM q WHERE survey = 'instant'", 0.005},
		{"share of 4 and 5 stars", cellOf("scales", 5, 2), "SELECT 100 * countIf(stars >= 4) / countIf(stars >= 1) FROM q WHERE survey = 'instant'", 0.05},
		{"mean stars", cellOf("scales", 5, 4), "SELECT avg(stars) FROM q WHERE survey = 'instant'", 0.005},
		{"answers in stars, some without a grade", cellOf("scales", 5, 5), "SELECT countIf(stars >= 1) FROM q WHERE survey = 'instant'", 0},
		{"grades from stars", `shown("#scales .body > .note").split(/[:：]/).pop()`, "SELECT countIf(grade_from = 'stars') FROM r", 0},
	}},
	{"view=recovery&range=7d", []figure{
		{"open", `total("#board .tile:nth-child(-n+3) .value")`, "SELECT countIf(last IN ('opened', 'reopened')) FROM s", 0},
		{"overdue", tileOf("board", 3), "SELECT countIf(last IN ('opened', 'reopened') AND since + INTERVAL 1 DAY < now) FROM s", 0},
		{"resolved", tileOf("board", 4), "SELECT countIf(last = 'resolved') FROM s", 0},
		{"withdrawn", tileOf("board", 5), "SELECT countIf(last = 'withdrawn') FROM s", 0},
		{"complaints opened", cellOf("funnel", 1, 2), "SELECT count() FROM s", 0},
		{"remedied", cellOf("funnel", 3, 2), "SELECT uniqExact(customer_id, complaint_id) FROM c WHERE step = 'remedied' AND notEmpty(remedies) AND (customer_id, complaint_id) IN (SELECT customer_id, complaint_id FROM s)", 0},
	}},
	{"view=customers&range=7d", []figure{
		{"to call in all", `shown("#calls .chip:nth-child(2)")`, "SELECT uniqExact(customer_id) FROM {action_log} FINAL WHERE isNull(closed_at) AND customer_id != ''", 0},
		{"customers in tiers", `total("#tiers tbody td:nth-child(2)")`, "SELECT uniqExact(customer_id) FROM {purchases} WHERE customer_id != ''", 0},
	}},
	{"view=customers&range=7d&kind=store&id={store}", []figure{
		{"with a bad experience", rowsOf("unhappy"), "SELECT least(100, uniqExact(customer_id)) FROM (SELECT customer_id FROM r WHERE grade <= 3 AND store_id = '{store}' AND customer_id != '' UNION ALL SELECT customer_id FROM c WHERE step = 'opened' AND store_id = '{store}')", 0},
	}},
	{"view=alerts&range=7d", []figure{
		{"alerts", rowsOf("alerts"), "SELECT count() FROM {alert_log} FINAL", 0},
		{"index of the store's fall", `shown("#alerts tbody tr:has(a[href*='{key}']) [data-label]:nth-last-child(3)")`, "SELECT any((value - 1) / 6 * 100) FROM {alert_log} FINAL WHERE scope_id = '{store}' AND rule = 'satisfaction_drop' AND measure = 'mean_grade'", 0.05},
	}},
	{"view=quality&range=7d", []figure{
		{"defects per million", tileOf("sigma", 2), "SELECT 1e6 * sum(defects) / sum(opportunities) FROM (SELECT * FROM {observations} WHERE kind = 'standard_check' ORDER BY offset LIMIT 1 BY store_id, event_id)", 0.5},
		{"opportunities", tileOf("sigma", 3), "SELECT sum(opportunities) FROM (SELECT * FROM {observations} WHERE kind = 'standard_check' ORDER BY offset LIMIT 1 BY store_id, event_id)", 0},
		{"responses of employees", `total("#employees tbody td:last-child")`, "SELECT sum(n) FROM (SELECT count() AS n FROM r WHERE employee_id != '' GROUP BY employee_id HAVING n >= 30)", 0},
	}},
	{"view=index", []figure{
		{"index", `String(Math.max(...[...document.querySelectorAll("#csi-index .value")].map(e => Number(e.innerText))))`, "SELECT max(value) FROM {csi_estimates} FINAL WHERE kind = 'index'", 0.05},
		{"weights and loadings", rowsOf("csi-questions"), "SELECT count() FROM {csi_estimates} FINAL WHERE kind IN ('weight', 'loading')", 0},
	}},
	{"view=pipeline", []figure{ // of this process, and so of no table: as the company tells its metrics
		{"partitions", rowsOf("partitions"), "SELECT 4", 0},
		{"dead letters", rowsOf("dead-letters"), "SELECT 4", 0},
		{"rows written", tileOf("pipeline", 5), "SELECT 1200", 0},
		{"dead letters, those of feeds too", tileOf("pipeline", 6), "SELECT 3 + 2", 0},
	}},
	{"view=improvements", []figure{
		{"before", cellOf("improvements", 1, 6), "SELECT any(before) FROM {improvement_log} FINAL", 0.005},
		{"effect", cellOf("improvements", 1, 8), "SELECT any(effect) FROM {improvement_log} FINAL", 0.005},
		{"effect in the chart", cellOf("before-after", 1, 2), "SELECT any(effect) FROM {improvement_log} FINAL", 0.005},
	}},
}

var firstNumber = regexp.MustCompile(`[-−]?\d[\d,]*(\.\d+)?`)

// audit holds figures of every view, in both languages and at four widths, against SQL over events and logs as received.
func (s *site) audit(t *testing.T) {
	tables := strings.NewReplacer("{store}", s.company.Alert.ID, "{key}", s.company.Alert.Key())
	want := map[string]float64{}
	ask := func(t *testing.T, f *figure) float64 {
		t.Helper()
		if v, known := want[f.sql]; known {
			return v
		}
		named := regexp.MustCompile(`\{([a-z_]+)\}`).ReplaceAllStringFunc("WITH"+events+"\n"+tables.Replace(f.sql), func(m string) string { return s.company.Store.Table(m[1 : len(m)-1]) })
		var v float64
		if err := s.company.Store.Conn().QueryRow(t.Context(), "SELECT toFloat64(x.1) FROM (SELECT tuple(*) AS x FROM ("+named+"))").Scan(&v); err != nil {
			t.Fatalf("%s: %v\n%s", f.name, err, named)
		}
		want[f.sql] = v
		return v
	}
	for _, page := range audited {
		for _, lang := range []string{"en", "zh"} {
			tab := s.browser.Open(t, s.base+"/?lang="+lang+"&"+tables.Replace(page.query), 1440, 900)
			tab.Until("all panels are drawn", drawn)
			for _, width := range []int64{1440, 390, 768, 1920} {
				tab.Do(chromedp.EmulateViewport(width, 900))
				for i := range page.figures {
					f := &page.figures[i]
					text := browsertest.Eval[string](tab, "(async () => {"+reading+"return "+tables.Replace(f.at)+"; })()")
					got, err := strconv.ParseFloat(strings.NewReplacer(",", "", "−", "-").Replace(firstNumber.FindString(text)), 64)
					if err != nil {
						t.Errorf("%s in %s at %d: %s: %q has no number", page.query, lang, width, f.name, text)
						continue
					}
					if v := ask(t, f); math.Abs(got-v) > f.within+1e-9 || math.IsNaN(v) {
						t.Errorf("%s in %s at %d: %s is %v on the page, %v by SQL over what was received", page.query, lang, width, f.name, got, v)
					}
				}
			}
			tab.Close()
		}
	}
}

// scaled reads the sparklines of a table: all are on the scale that their heading names, and fill it.
func (s *site) scaled(t *testing.T) {
	tab := s.open(t, "view=places&range=7d")
	heading := browsertest.Eval[string](tab, `[...document.querySelectorAll("#places thead th")].pop().innerText`)
	m := regexp.MustCompile(`^Trend \((\d+) – (\d+)\)$`).FindStringSubmatch(heading)
	if m == nil {
		t.Fatalf("the heading is %q", heading)
	}
	low, high := number(t, m[1]), number(t, m[2])
	type line struct {
		Points, Label string
	}
	lines := browsertest.Eval[[]line](tab, `[...document.querySelectorAll("#places svg.spark")].map(e => ({ Points: e.firstChild.getAttribute("points"), Label: e.getAttribute("aria-label") }))`)
	least, most := 22.0, 2.0
	for _, l := range lines {
		points := strings.Fields(l.Points)
		ends := regexp.MustCompile(`: ([\d.]+) – ([\d.]+)$`).FindStringSubmatch(l.Label)
		for i, p := range []string{points[0], points[len(points)-1]} {
			y := number(t, p[strings.IndexByte(p, ',')+1:])
			if want := 22 - 20*min(1, max(0, (number(t, ends[i+1])-low)/(high-low))); math.Abs(y-want) > 0.1 {
				t.Errorf("%s is drawn at %v, on the scale %v to %v it belongs at %v", l.Label, y, low, high, want)
			}
		}
		for _, p := range points {
			y := number(t, p[strings.IndexByte(p, ',')+1:])
			least, most = min(least, y), max(most, y)
		}
	}
	if len(lines) < 2 || least > 4 || most < 20 {
		t.Errorf("%d lines run from %v to %v", len(lines), least, most)
	}
}
