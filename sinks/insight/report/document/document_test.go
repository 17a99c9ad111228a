package document

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/local"
	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/detect"
	"csatflow/sinks/insight/explain"
	"csatflow/sinks/insight/report"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// stored runs a simulated feed through the pipeline into tables.
func stored(t *testing.T, c simulate.Config) (*clickhouse.Store, string, *simulate.Truth) {
	t.Helper()
	set := pipeline.DefaultSettings()
	set.PaneLimit = 1 << 30
	s, _, database := storetest.New(t, set)
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	truth := storetest.Feed(t, task, c, nil)
	storetest.Write(t, s, task)
	return s, database, truth
}

func made(t *testing.T, c simulate.Config, days int, change func(*report.Options)) (*Document, *simulate.Truth) {
	t.Helper()
	s, database, truth := stored(t, c)
	o := report.Options{Database: database, From: c.Start.Add(c.Duration).AddDate(0, 0, -days), To: c.Start.Add(c.Duration), Before: c.Duration - time.Duration(days)*24*time.Hour}
	if change != nil {
		change(&o)
	}
	r, err := Make(t.Context(), s.Conn(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r, truth
}

func week(seed uint64, story bool) simulate.Config {
	c := simulate.Default()
	c.Seed, c.Duration, c.Story, c.Customers = seed, 270*time.Hour, story, 12_000 // the story begins after 108 hours, at noon
	return c
}

func TestTheReportNamesTheStoreTheTimeAndTheCause(t *testing.T) {
	r, truth := made(t, week(1, true), 7, nil)
	i := truth.Incident
	if !r.Happened || r.Fall.Kind != "store" || r.Fall.ID != i.StoreID {
		t.Fatalf("the incident was in %s, the report says %v: %+v", i.StoreID, r.Happened, r.Fall)
	}
	if d := r.Since.Sub(i.From).Abs(); d > 20*time.Minute {
		t.Errorf("it began at %s, the report says %s", i.From, r.Since)
	}
	if d := r.Until.Sub(i.To).Abs(); d > 20*time.Minute {
		t.Errorf("it ended at %s, the report says %s", i.To, r.Until)
	}
	culprits := 0
	for _, p := range r.Parts {
		for _, e := range i.Employees {
			if p.Dimension == "employee" && p.ID == e {
				culprits++
			}
		}
	}
	if culprits == 0 {
		t.Errorf("of %v none is among %+v", i.Employees, r.Parts)
	}
	causes := map[string]bool{}
	for _, c := range r.Causes {
		causes[c.Scale+" "+c.ID] = true
	}
	if !causes["category brush_off"] && !causes["category apathy"] {
		t.Errorf("the cause was %s, the report has %v", i.Cause, r.Causes)
	}
	if r.CSI == nil || len(r.Matrix) < 10 || len(r.Actions) == 0 {
		t.Errorf("no model (%s), %d points, %d actions", r.NoCSI, len(r.Matrix), len(r.Actions))
	}
	for chinese, word := range map[bool]string{false: "RATER dimension: Responsiveness", true: "RATER 维度: 反应度"} {
		r.Chinese = chinese
		var page, text bytes.Buffer
		if err := r.HTML(&page); err != nil {
			t.Fatal(err)
		}
		if err := r.Markdown(&text); err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string]string{"page": page.String(), "text": text.String()} {
			cause := &r.Causes[0]
			for _, want := range []string{i.StoreID, i.Employees[0], r.say("title"), r.say("improvements"), r.say("kitagawa"), r.say("johnson"), fmt.Sprintf("%+.2f ± %.2f", -r.Parts[0].Mix, r.Parts[0].MixError), r.name(cause.Scale) + ": " + r.label(cause.Scale, cause.ID), word} {
				if !strings.Contains(strings.ReplaceAll(b, "\\_", "_"), want) {
					t.Errorf("the %s lacks %q", name, want)
				}
			}
			if strings.Contains(b, "NaN") || strings.Contains(b, "<no value>") || strings.Contains(b, "http://") && strings.Contains(b, "src=") {
				t.Errorf("the %s has what it should not: %s", name, b)
			}
		}
		if n := strings.Count(page.String(), "<svg"); n != 2 {
			t.Errorf("%d charts", n)
		}
	}
}

func TestTheReportOfAQuietWeekSaysThatNothingHappened(t *testing.T) {
	for seed := range uint64(4) {
		r, _ := made(t, week(10+seed, false), 7, nil)
		if r.Happened {
			t.Errorf("seed %d: %+v, %v", seed, r.Fall, r.Causes)
		}
		var text bytes.Buffer
		if err := r.Markdown(&text); err != nil || !strings.Contains(text.String(), texts["nothing"][0]) {
			t.Errorf("%v: %s", err, text.String())
		}
	}
}

func TestAReportOnOneScopeLooksAtItAlone(t *testing.T) {
	r, truth := made(t, week(2, true), 7, func(o *report.Options) { o.Kind, o.ID = "store", "store-001" })
	if truth.Incident.StoreID == "store-001" {
		t.Fatal("choose another seed")
	}
	if r.Happened || r.Fall.ID != "store-001" {
		t.Errorf("%v: %+v", r.Happened, r.Fall)
	}
	whole, _ := made(t, week(2, true), 7, nil)
	if r.Now.N == 0 || r.Was.N == 0 || r.Now.N > whole.Now.N/4 || r.Was.N > whole.Was.N/4 {
		t.Errorf("%g responses and before %g; of the whole company %g and %g", r.Now.N, r.Was.N, whole.Now.N, whole.Was.N)
	}
	own := detect.Cell{}
	begins, hours, _ := r.Hours()
	for i, c := range hours {
		if !begins.Add(time.Duration(i) * explain.Slot).Before(r.From) {
			own.Add(c)
		}
	}
	if own != r.Now {
		t.Errorf("the figures are of %+v, the hours of the store sum to %+v", r.Now, own)
	}
}

func TestTheReportShowsTheIndexAsAnsweredBesideTheWeightedOne(t *testing.T) {
	c := week(3, false)
	c.SideTopics, c.Events = true, 20_000
	r, _ := made(t, c, 7, nil)
	if b := r.Buyers; b == nil || b.Purchases == 0 || b.ResponseRate != float64(b.Answered)/float64(b.Purchases) || b.Weighted() != (b.Answered >= 30) {
		t.Fatalf("%+v", b)
	}
	*r.Buyers = report.Buyers{Purchases: 1204, Answered: 412, ResponseRate: 412. / 1204, Index: 71.24, Low: 69, High: 73.4, EffectiveN: 301}
	var b bytes.Buffer
	if err := r.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	const want = "Response rate 34 % (412 / 1204 purchases). Satisfaction index weighted to all purchases **71.2** (95 % interval 69.0 to 73.4; effective number of answers 301)."
	if !strings.Contains(b.String(), want) {
		t.Errorf("not in it: %s\n%s", want, b.String()[:600])
	}
	r.Buyers = nil
	b.Reset()
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "Response rate") {
		t.Error("without purchases there is a response rate")
	}
}

func TestTheReportHasAnswersInOtherScalesBesideThoseOfTheTimeBefore(t *testing.T) {
	c := week(3, false)
	c.Events = 20_000
	s, database, _ := stored(t, c)
	o := report.Options{Database: database, From: c.Start.Add(c.Duration).AddDate(0, 0, -7), To: c.Start.Add(c.Duration), Before: c.Duration - 7*24*time.Hour}
	r, err := Make(t.Context(), s.Conn(), o)
	if err != nil {
		t.Fatal(err)
	}
	for i, sum := range []string{"countIf(nps >= 0), 100 * (countIf(nps >= 9) - countIf(nps <= 6)) / countIf(nps >= 0)", "countIf(ces > 0), avgIf(ces, ces > 0)", "countIf(stars >= 1), countIf(stars >= 4) / countIf(stars >= 1)"} {
		i *= 2 // the instant survey comes before the comprehensive one
		if len(r.Scales) < 5 || r.Scales[i].Survey != "instant" {
			t.Fatalf("%+v", r.Scales)
		}
		for _, is := range []struct {
			from, to time.Time
			got      report.Score
		}{{o.From, o.To, r.Scales[i].Now}, {o.From.Add(-o.Before), o.From, r.Scales[i].Was}} {
			var n uint64
			var value float64
			query := fmt.Sprintf("SELECT %s FROM (SELECT * FROM %s WHERE survey = 'instant' AND brand = '' AND occurred_at >= toDateTime(%d) AND occurred_at < toDateTime(%d) ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id)", sum, s.Table("responses"), is.from.Unix(), is.to.Unix())
			if err := s.Conn().QueryRow(t.Context(), query).Scan(&n, &value); err != nil {
				t.Fatalf("%v\n%s", err, query)
			}
			if is.got.Answers != n || n < 100 || math.Abs(is.got.Value-value) > 1e-9 || is.got.Low >= value || is.got.High <= value {
				t.Errorf("%s from %s: %+v, the events have %d with %v", r.Scales[i].Measure, is.from, is.got, n, value)
			}
		}
	}
	r.Scales = []report.ScaleScore{{Measure: "nps", Survey: "instant", Now: report.Score{Answers: 120, Value: 12.34, Low: -1, High: 25.2}, Was: report.Score{Answers: 1, Value: -100, Low: math.NaN(), High: math.NaN()}}, {Measure: "stars_top_share", Survey: "comprehensive", Now: report.Score{Answers: 9, Value: .5, Low: .25, High: .75}}}
	for chinese, want := range map[bool][]string{
		false: {"## 7. Other scales", "| Net Promoter Score · Instant survey | +12.3 | -1.0 to +25.2 | 120 | -100.0 | – | 1 |", "| Share of 4 and 5 stars · Comprehensive survey | 50.0 % | 25.0 % to 75.0 % | 9 | – | – | 0 |"},
		true:  {"## 七、其他量表", "| 净推荐值 · 即时调查 | +12.3 | -1.0 至 +25.2 | 120 | -100.0 | – | 1 |"},
	} {
		r.Chinese = chinese
		var text, page bytes.Buffer
		if err := errors.Join(r.Markdown(&text), r.HTML(&page)); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(text.String(), w) {
				t.Errorf("%q is not in %s", w, text.String())
			}
		}
		if !strings.Contains(page.String(), "<td class=\"n\">&#43;12.3</td>") || !strings.Contains(page.String(), r.say("scales")) {
			t.Error("the page lacks them")
		}
	}
	r.Scales = nil
	var text bytes.Buffer
	if err := r.Markdown(&text); err != nil || strings.Contains(text.String(), r.say("scales")) {
		t.Errorf("without answers there is a section about them, or: %v", err)
	}
}
