package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/logtest"
	"csatflow/deploy/trial/storetest"
)

// threeDays has twelve responses and the steps of two complaints, written by hand: days out of order, zones other than
// Z, a repetition, another brand, another survey, a terminal, and a complaint whose opening arrives last.
var threeDays = map[string][]string{
	"responses.jsonl": {
		`{"event_id":"r9","occurred_at":"2026-03-02T09:00:00Z","customer_id":"客户-2","grade":6,"store_id":"s1"}`,
		`{"event_id":"r1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"客户-1","grade":7,"store_id":"s1","source":"pos","expectation":5,"performance":6,"rater":{"reliability":6,"empathy":4}}`,
		`{"event_id":"r2","occurred_at":"2026-03-01T18:30:00+08:00","customer_id":"客户-2","grade":3,"store_id":"s1","source":"call","expectation":6,"performance":4,"rater":{"reliability":4}}`,
		`{"event_id":"r7","occurred_at":"2026-02-28T23:59:59.999Z","customer_id":"c5","grade":1,"store_id":"s1"}`,
		`{"event_id":"r3","occurred_at":"2026-03-01T06:00:00-05:00","customer_id":"Zoë","grade":6,"store_id":"s2","rater":{"assurance":5}}`,
		`{"event_id":"r1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"客户-1","grade":7,"store_id":"s1","source":"pos","expectation":5,"performance":6,"rater":{"reliability":6,"empathy":4}}`,
		`{"event_id":"r5","occurred_at":"2026-03-02T01:00:00+02:00","customer_id":"c4","grade":2,"store_id":"s2"}`,
		`{"event_id":"r6","occurred_at":"2026-03-01T23:30:00Z","customer_id":"c4","grade":7,"store_id":"s2"}`,
		`{"event_id":"r8","occurred_at":"2026-03-01T12:00:00Z","terminal_id":"t1","grade":5,"store_id":"s1"}`,
		`{"event_id":"r10","occurred_at":"2026-03-01T15:00:00Z","customer_id":"客户-1","grade":1,"store_id":"s1","brand":"rival"}`,
		`{"event_id":"r11","occurred_at":"2026-03-01T16:00:00Z","customer_id":"Zoë","grade":2,"store_id":"s2","survey":"comprehensive"}`,
		`{"event_id":"r12","occurred_at":"2026-03-01T00:00:00+00:00","customer_id":"c6","grade":4,"store_id":"s1"}`,
	},
	"complaints.jsonl": {
		`{"event_id":"k1d","occurred_at":"2026-03-01T20:30:00+08:00","customer_id":"客户-2","complaint_id":"赔偿-1","step":"resolved","store_id":"s1"}`,
		`{"event_id":"k1a","occurred_at":"2026-03-01T10:45:00Z","customer_id":"客户-2","complaint_id":"赔偿-1","step":"contacted","store_id":"s1"}`,
		`{"event_id":"k2d","occurred_at":"2026-03-02T08:00:00Z","customer_id":"c5","complaint_id":"k2","step":"reopened"}`,
		`{"event_id":"k1c","occurred_at":"2026-03-01T12:00:00Z","customer_id":"客户-2","complaint_id":"赔偿-1","step":"remedied","remedies":["apologised","compensated"]}`,
		`{"event_id":"k2a","occurred_at":"2026-03-01T08:00:00Z","customer_id":"c5","complaint_id":"k2","step":"opened","category":"product","store_id":"s1"}`,
		`{"event_id":"k2b","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c5","complaint_id":"k2","step":"handed_off"}`,
		`{"event_id":"k2a","occurred_at":"2026-03-01T08:00:00Z","customer_id":"c5","complaint_id":"k2","step":"opened","category":"product","store_id":"s1"}`,
		`{"event_id":"k2c","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c5","complaint_id":"k2","step":"resolved"}`,
		`{"event_id":"k1b","occurred_at":"2026-03-01T19:00:00+08:00","customer_id":"客户-2","complaint_id":"赔偿-1","step":"opened","category":"coldness"}`,
	},
}

// wholeDay is the condition for the scope of all on a day.
func wholeDay(day string) string {
	return "resolution = 86400 AND scope_kind = 'all' AND pane_start = toDateTime('" + day + " 00:00:00', 'UTC')"
}

// figures compares columns of the one row of a view with numbers; NaN stands for NULL.
func (p *deployment) figures(t *testing.T, view, where string, want map[string]float64) {
	t.Helper()
	conn := p.connect(t)
	for column, w := range want {
		var got *float64
		if err := conn.QueryRow(t.Context(), "SELECT toNullable(toFloat64("+column+")) FROM "+view+" WHERE "+where).Scan(&got); err != nil {
			t.Errorf("%s of %s where %s: %v", column, view, where, err)
			continue
		}
		switch {
		case got == nil && math.IsNaN(w):
		case got == nil || !(math.Abs(*got-w) < 1e-9):
			t.Errorf("%s of %s where %s is %v, by hand it is %v", column, view, where, show(got), w)
		}
	}
}

func show(v *float64) any {
	if v == nil {
		return "NULL"
	}
	return *v
}

func TestTheFiguresOfAFewEventsAreThoseReckonedByHand(t *testing.T) {
	t.Parallel()
	null := math.NaN()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	for name, lines := range threeDays {
		must(t, "send", "--strict", "--config", p.file, file(t, name, lines...))
	}
	must(t, "run", "--config", p.file, "--until-end")

	// Seven distinct instant responses about the own brand: 7, 3, 6, 2, 7, 5, 4.
	p.figures(t, "satisfaction", wholeDay("2026-03-01"), map[string]float64{
		"responses": 7, "mean_grade": 34. / 7, "csat_index": (34./7 - 1) / 6 * 100, "grade_7": 2, "grade_1": 0,
		"satisfied_share": 3. / 7, "dissatisfied_share": 2. / 7,
		"disconfirmation": (6.+4)/2 - (5.+6)/2, "mean_expectation": 5.5, "mean_performance": 5,
		"rater_reliability": 5, "rater_assurance": 5, "rater_empathy": 4, "rater_tangibles": null,
		"rater_index":            (.32*5 + .19*5 + .16*4) / (.32 + .19 + .16),
		"dissatisfied_customers": 2, "voice_rate": 1. / 2, "silent_dissatisfied": 1,
		"journey_customers": 5, "clean_journey_share": 3. / 5,
	})
	p.figures(t, "satisfaction", wholeDay("2026-02-28"), map[string]float64{"responses": 1, "mean_grade": 1, "csat_index": 0, "voice_rate": 1})
	p.figures(t, "satisfaction", wholeDay("2026-03-02"), map[string]float64{"responses": 1, "mean_grade": 6, "voice_rate": null})
	p.figures(t, "satisfaction", "resolution = 60 AND scope_kind = 'store' AND scope_id = 's2' AND pane_start = toDateTime('2026-03-01 23:00:00', 'UTC')", map[string]float64{"responses": 1, "mean_grade": 2})
	p.figures(t, "satisfaction_by_survey", wholeDay("2026-03-01")+" AND brand = 'rival'", map[string]float64{"responses": 1, "mean_grade": 1})
	p.figures(t, "satisfaction_by_survey", wholeDay("2026-03-01")+" AND survey = 'comprehensive'", map[string]float64{"responses": 1, "mean_grade": 2})

	// One complaint from 11:00 to 12:30, remedied at 12:00; one from 8:00 to 10:00, reopened the next day at 8:00.
	p.figures(t, "recovery", wholeDay("2026-03-01"), map[string]float64{
		"opened": 2, "resolved": 2, "reopened": 0, "withdrawn": 0, "breached": 0,
		"mean_recovery_seconds": (5400. + 7200) / 2, "mean_first_response_seconds": (3600. + 7200) / 2,
		"mean_contacts": 1. / 2, "mean_handoffs": 1. / 2, "remedy_depth": 2. / 2, "first_contact_resolution": 1. / 2,
		"recovered": 1, "recovery_paradox": 6 - (34.-3)/(7-1), "complaints_per_1000_responses": 2000. / 7,
		"category_coldness_share": 1. / 2, "category_product_share": 1. / 2, "backlog": 0, "backlog_age": null,
	})
	p.figures(t, "recovery", wholeDay("2026-03-02"), map[string]float64{"opened": 0, "reopened": 1, "breached": 1, "backlog": 1, "backlog_age": 40 * 3600})
	p.figures(t, "complaint_state", "complaint_id = '赔偿-1' AND customer_id = '客户-2'", map[string]float64{
		"state = 'resolved'": 1, "recovery_seconds": 5400, "first_response_seconds": 3600, "contacts": 1, "handoffs": 0,
		"first_contact_resolution": 1, "breached": 0, "grade_after": 6, "recovered": 1, "remedy_depth": 2,
	})
	p.figures(t, "complaint_state", "complaint_id = 'k2'", map[string]float64{
		"state = 'open'": 1, "recovery_seconds": 7200, "handoffs": 1, "reopened": 1, "first_contact_resolution": 0, "breached": 1, "grade_after": null,
	})
	p.figures(t, "churn_risk", "customer_id = '客户-2'", map[string]float64{"responses": 2, "latest_grade": 6, "complaints": 1})

	must(t, "migrate", "--config", p.file)
	p.figures(t, "satisfaction", wholeDay("2026-03-01"), map[string]float64{"responses": 7})
	p.figures(t, "recovery", wholeDay("2026-03-01"), map[string]float64{"opened": 2})
	p.pageShowsTheLatestDay(t)
}

// pageShowsTheLatestDay starts the service and asks its page; the backlog is as of the end of the latest minute, 9:01.
func (p *deployment) pageShowsTheLatestDay(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var out, errs logtest.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(&system{ctx: ctx, stdin: strings.NewReader(""), stdout: &out, stderr: &errs}, []string{"run", "--config", p.file})
	}()
	defer func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("run ended with %d:\n%s", code, errs.String())
		}
	}()
	serving, page := regexp.MustCompile(`"page":"(http://[^"]+)"`), ""
	for deadline := time.Now().Add(20 * time.Second); page == "" || status(t, page+"readyz") != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if m := serving.FindStringSubmatch(errs.String()); m != nil {
			page = m[1]
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready after 20 s:\n%s", errs.String())
		}
	}
	day := question(t, page, "satisfaction?from=2026-03-02T00:00:00Z")
	backlog := question(t, page, "backlog")
	stores := question(t, page, "places?from=2026-03-02T00:00:00Z")
	recovery := question(t, page, "recovery?from=2026-03-02T00:00:00Z")
	if len(recovery) != 1 || recovery[0]["opened"] != 0.0 || recovery[0]["breached"] != 1.0 || recovery[0]["recovery_p50"] != nil || backlog[0]["overdue"] != 1.0 {
		t.Errorf("the page shows of recovery %v, %v", recovery, backlog)
	}
	if len(day) != 1 || day[0]["responses"] != 1.0 || math.Abs(day[0]["csat_index"].(float64)-500./6) > 1e-9 || len(backlog) != 1 || backlog[0]["backlog"] != 1.0 || backlog[0]["backlog_age"] != 25*3600+60. ||
		len(stores) != 1 || stores[0]["scope_id"] != "s1" {
		t.Errorf("the page shows %v, %v, %v", day, backlog, stores)
	}
	customers := 0.0
	for _, band := range question(t, page, "risk") {
		customers += band["customers"].(float64)
	}
	if customers != 6 {
		t.Errorf("%v customers in the bands, 6 have an event", customers)
	}
}

// question asks the page's API.
func question(t *testing.T, page, path string) (list []map[string]any) {
	t.Helper()
	res, err := http.Get(page + "api/v1/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Columns []struct{ Name string }
		Rows    [][]any
		Error   string
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v %s", path, res.StatusCode, err, answer.Error)
	}
	for _, row := range answer.Rows {
		one := map[string]any{}
		for i, c := range answer.Columns {
			one[c.Name] = row[i]
		}
		list = append(list, one)
	}
	return list
}

// get fetches an address.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, whole(t, res.Body)
}

// whole reads all of a text.
func whole(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func status(t *testing.T, url string) int {
	t.Helper()
	code, _ := get(t, url)
	return code
}
