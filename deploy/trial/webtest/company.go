// Package webtest makes a small company in a database for tests of the page and its API: two simulated days with a store
// whose service collapses, an alert about it, actions, an improvement, an index, and metrics.
package webtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
	"csatflow/schemas/reasons"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/deadletter"
	"csatflow/sinks/insight/improvement"
	"csatflow/sinks/metrics"
	"csatflow/sinks/web/api"
)

// Company is the company with its database and server options.
type Company struct {
	Store    *clickhouse.Store
	Database string
	Options  api.Options
	Alert    alert.Alert // about the store whose service collapsed
	About    alert.Alert // about a customer
	Looked   alert.Coverage
	storetest.Heard

	task    *pipeline.Task
	next    int64
	metrics *metrics.Metrics
}

// New makes the company.
func New(t testing.TB) *Company {
	t.Helper()
	set := pipeline.DefaultSettings()
	w := &Company{task: pipeline.NewTask(0, set, pipelinetest.NoObserver{})}
	w.Store, _, w.Database = storetest.New(t, set)
	c := simulate.Default()
	c.Events, c.Duration, c.SideTopics, c.Customers, c.Stores, c.Employees = 16_000, 48*time.Hour, true, 3000, 12, 60
	c.Start = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3)
	truth := storetest.Feed(t, w.task, c, func(e *simulate.Event) {
		if e.Topic == simulate.TopicResponses {
			w.next++
		}
		w.Note(t, e)
	})
	w.burst(t, c.Start.Add(33*time.Hour))
	w.rate(t, c.Start)
	storetest.Write(t, w.Store, w.task)
	w.tell(t, truth)
	w.decide(t, c.Start)
	registry := prometheus.NewRegistry()
	m := metrics.New(registry, "test", metrics.Series{Most: 1000})
	w.metrics = m
	for name, dead := range map[string]float64{"events": 3, "messages": 2} {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csatflow_intake_" + name + "_total"}, []string{"result"})
		registry.MustRegister(c)
		c.WithLabelValues("dead_letter").Add(dead)
		c.WithLabelValues("taken").Add(1000)
	}
	for p := range 4 {
		m.Written(p, upToDate)
		m.Position(p, pipeline.Responses, 4000, 4000, c.Start.Add(48*time.Hour).UnixMilli())
		m.Position(p, pipeline.Complaints, 300, 300, c.Start.Add(48*time.Hour).UnixMilli())
	}
	m.Sizes(0, 3000, 1200)
	m.Flushed(0, 120*time.Millisecond, map[string]int{"satisfaction_panes": 1200}, nil)
	w.Options = api.Options{Conn: w.Store.Conn(), Database: w.Database, Zone: time.UTC, Currency: "EUR", Finest: pipeline.DefaultSettings().Kinds.Longer(), Pseudonyms: pseudonyms(t), Gatherer: registry, Tick: m.Tick, Log: slog.New(slog.DiscardHandler),
		DeadLetters: func(context.Context, int) ([]deadletter.Letter, error) {
			id, err := deadletter.ParseID("csat.responses/3/1201")
			customer := string(w.Responses[1].CustomerID)
			return []deadletter.Letter{{ID: id, At: c.Start, Field: "grade", Reason: reasons.Outside.Text("1", "7", "9"), Value: []byte("hush")},
				{ID: id, At: c.Start, Field: "customer_id", Reason: reasons.OtherKey.Text(strconv.Quote(customer), strconv.Quote("x"+customer))},
				{ID: id, At: c.Start, Field: "answers." + customer, Reason: reasons.OtherPlace.Text(strconv.Quote(customer), "1", "murmur2", "2")},
				{ID: id, At: c.Start, Field: customer, Reason: reasons.NotWhole.Text(customer)}}, err
		}}
	return w
}

// BurstTerminal is the till that a child presses BurstPresses times in a row.
const (
	BurstTerminal = "t-child"
	BurstPresses  = 14
)

// burst presses a till of the second store many times in a row. Its responses stand in the middle of those that were heard.
func (w *Company) burst(t testing.TB, at time.Time) {
	t.Helper()
	n := len(w.Responses)
	of := w.second()
	for i := range BurstPresses {
		value := fmt.Appendf(nil, `{"event_id":"burst-%d","occurred_at":%q,"terminal_id":%q,"grade":%d,"source":"pos","store_id":%q,"region":%q}`,
			i, at.Add(time.Duration(i)*1500*time.Millisecond).Format(time.RFC3339Nano), BurstTerminal, 5+i%2, of.StoreID, of.Region)
		w.apply(t, BurstTerminal, value)
		w.Note(t, &simulate.Event{Topic: simulate.TopicResponses, Value: value})
	}
	presses := slices.Clone(w.Responses[n:])
	w.Responses = slices.Insert(w.Responses[:n], n/2, presses...)
}

// second is a response of the second store.
func (w *Company) second() *event.Response {
	return &w.Responses[slices.IndexFunc(w.Responses, func(r event.Response) bool { return string(r.StoreID) == "store-002" })]
}

// rate has customers of the second store answer in stars alone: 4 and 5 on the first day, 1 and 2 on the second, and 4 and 5 three days before, when nobody
// graded. They are not among the responses that were heard, all of which have a grade.
func (w *Company) rate(t testing.TB, start time.Time) {
	t.Helper()
	of := w.second()
	for i := range 72 {
		day, stars := []int{0, 1, -3}[i/24], 4+i%2
		if day == 1 {
			stars -= 3
		}
		key := fmt.Sprintf("c-stars-%d", i)
		w.apply(t, key, fmt.Appendf(nil, `{"event_id":"stars-%d","occurred_at":%q,"customer_id":%q,"stars":%d,"source":"web","store_id":%q,"region":%q}`,
			i, start.AddDate(0, 0, day).Add(10*time.Hour+time.Duration(i)*time.Minute).Format(time.RFC3339), key, stars, of.StoreID, of.Region))
	}
}

// apply takes a response like the processor, and writes nothing yet.
func (w *Company) apply(t testing.TB, key string, value []byte) {
	t.Helper()
	r := pipeline.Record{Topic: pipeline.Responses, Offset: w.next, Time: time.Now(), Key: []byte(key), Value: value}
	if got := w.task.Apply(&r); got != pipeline.Applied {
		t.Fatalf("%s is %s", value, got)
	}
	w.next++
	w.task.EndBatch(&pipeline.Batch{Topic: r.Topic, Records: []pipeline.Record{r}, Next: w.next, High: w.next})
}

func pseudonyms(t testing.TB) *api.Pseudonyms {
	t.Helper()
	p, err := api.NewPseudonyms([]byte("a key of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Respond writes a response like the processor.
func (w *Company) Respond(t testing.TB, value string) {
	t.Helper()
	w.apply(t, "late-customer", []byte(value))
	storetest.Write(t, w.Store, w.task)
}

// upToDate are the ends of a partition's logs.
var upToDate = [pipeline.Topics]int64{pipeline.Responses: 4000, pipeline.Complaints: 300}

// Behind makes this many records of a partition wait.
func (w *Company) Behind(records int64) {
	next := upToDate
	next[pipeline.Responses] -= records
	w.metrics.Written(0, next)
}

// tell writes two alerts about the collapse, an earlier one that is resolved, and customers at risk.
func (w *Company) tell(t testing.TB, truth *simulate.Truth) {
	t.Helper()
	in := truth.Incident
	w.Alert = alert.Alert{Rule: ruleset.SatisfactionDrop, Kind: "store", ID: in.StoreID, Severity: alert.Page, Start: in.From.Truncate(time.Second), Fired: in.From.Add(20 * time.Minute).Truncate(time.Second), Seen: in.To,
		Measure: "mean_grade", Figures: alert.Figures{Value: 2.8, Expected: 5.3, Low: 2.1, High: 2.9, Cases: 80, P: 1e-6},
		Evidence: []alert.Evidence{{Dimension: "employee", ID: "e-0012", Value: 2.4, Before: 5.2, Share: 0.4, Cases: 20, Z: 5},
			{Dimension: "touchpoint", ID: "checkout", Value: 2.2, Before: 5.3, Share: 0.7, Cases: 24, Z: 6}, {Dimension: "touchpoint", ID: "return", Value: 2.9, Before: 5.2, Share: 0.2, Cases: 20, Z: 3}, {Dimension: "source", ID: "pos", Value: 2.7, Before: 5.3, Share: 0.9, Cases: 72, Z: 6},
			{Dimension: "rater", ID: "responsiveness", Value: 2.8, Before: 5, Cases: 30, Z: 6}, {Dimension: "category", ID: "apathy", Value: 11, Before: 0.9, Cases: 13, Z: 7}}}
	floor := w.Alert
	floor.Rule, floor.Severity, floor.Start, floor.Fired, floor.Evidence = ruleset.SatisfactionFloor, alert.Warning, w.Alert.Start.Add(time.Hour), w.Alert.Fired.Add(time.Hour), nil
	over := alert.Alert{Rule: ruleset.ComplaintSurge, Kind: "region", ID: `no"rth\`, Part: "delivery", Severity: alert.Warning, Start: truth.Config.Start.Add(2 * time.Hour), Fired: truth.Config.Start.Add(3 * time.Hour), Resolved: truth.Config.Start.Add(5 * time.Hour), Seen: truth.Config.Start.Add(5 * time.Hour),
		Measure: "opened", Figures: alert.Figures{Value: 12, Expected: 3, Low: 4, High: 14, Cases: 12, P: 1e-5}}
	w.About = alert.Alert{Rule: ruleset.CustomerTrouble, Kind: "customer", ID: string(w.Responses[0].CustomerID), Part: "heavyweight", Severity: alert.Info, Start: truth.Config.Start.Add(40 * time.Hour), Fired: truth.Config.Start.Add(40 * time.Hour), Seen: truth.Config.Start.Add(40 * time.Hour),
		Measure: "churn_risk", Figures: alert.Figures{Value: 0.9, Expected: 0.7, Cases: 4}}
	l := alert.Log{Conn: w.Store.Conn(), Database: w.Database}
	if err := l.Write(t.Context(), []alert.Alert{floor, w.Alert, over, w.About}); err != nil {
		t.Fatal(err)
	}
	w.Looked = alert.Coverage{From: truth.Config.Start, Until: truth.Config.Start.Add(30 * time.Hour)}
	if err := l.NoteEvaluated(t.Context(), w.Looked); err != nil {
		t.Fatal(err)
	}
	for h := range 6 {
		if err := l.NoteRisk(t.Context(), truth.Config.Start.Add(time.Duration(40+h)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
}

// decide writes actions, an improvement and an index.
func (w *Company) decide(t testing.TB, start time.Time) {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		if err := w.Store.Conn().Exec(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("INSERT INTO " + w.Store.Table("action_log") + " (action_id, version, action, customer_id, employee_id, complaint_id, store_id, opened_at, reason, outcome) SELECT concat('a-', customer_id), 1, 'call_back', customer_id, '', '', store_id, occurred_at, concat('grade ', toString(grade), ', and no complaint'), '' FROM " + w.Store.Table("moments") + " FINAL WHERE kind = 'response' AND valid AND grade <= 3 AND NOT voiced AND customer_id != ''")
	exec("INSERT INTO " + w.Store.Table("action_log") + " (action_id, version, action, customer_id, employee_id, complaint_id, store_id, opened_at, reason, outcome) SELECT concat('b-', complaint_id), 1, 'apologise', customer_id, '', complaint_id, store_id, opened_at, concat('complaint about ', toString(category), if(breached, ', promised time is over', '')), '' FROM " + w.Store.Table("complaint_state") + " WHERE state = 'open' AND NOT has(remedies, 'apologised')")
	ten := start.AddDate(0, 0, 1)
	effect, low, high, placebo, before, after, from, to := 0.31, 0.12, 0.5, 0.02, 4.9, 5.3, 5.0, 5.1
	plan := &improvement.Plan{ID: "two-more-at-the-tills", Name: "Two more at the tills", Method: "pdca", Measure: "mean_grade", ScopeKind: "store", ScopeID: "store-003", PlannedAt: start, ChangedAt: &ten, CheckedAt: &ten,
		Effect: &effect, Low: &low, High: &high, Placebo: &placebo, Before: &before, After: &after, ControlFrom: &from, ControlTo: &to}
	if err := (&improvement.Log{Conn: w.Store.Conn(), Database: w.Database}).Put(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"'index','expected_quality','',70", "'index','perceived_quality','',68", "'index','satisfaction','',67.2", "'index','loyalty','',61", "'r2','satisfaction','',0.6", "'path','expected_quality','perceived_quality',0.02", "'path','perceived_quality','satisfaction',0.7",
		"'path','perceived_price','satisfaction',0.15", "'path','satisfaction','complaint',-0.4", "'path','satisfaction','loyalty',0.5", "'path','complaint','loyalty',-0.1", "'loading','satisfaction','q1',0.9", "'weight','satisfaction','q1',0.4"} {
		exec("INSERT INTO "+w.Store.Table("csi_estimates")+" (period_from, period_to, scope_kind, scope_id, kind, from_variable, to_variable, version, value, low, high, responses) SELECT ?, ?, 'all', '', v.1, v.2, v.3, 1, v.4, v.4 - 0.05, v.4 + 0.05, 300 FROM (SELECT ("+v+") AS v)", start, start.AddDate(0, 0, 2))
	}
}
