package watch_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"csatflow/deploy/local"
	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// day is a simulated day in a database; its responses are counted by hand.
type day struct {
	views *watch.Views
	log   *alert.Log
	truth *simulate.Truth
	storetest.Heard
}

func simulated(t *testing.T) *day {
	t.Helper()
	set := pipeline.DefaultSettings()
	s, _, database := storetest.New(t, set)
	c := simulate.Default()
	c.Events, c.SideTopics = 12_000, true
	c.Start = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2)
	m := storetest.Model(database, set)
	d := &day{views: &watch.Views{Conn: s.Conn(), Database: database, Satisfaction: m.Satisfaction, Scopes: m.Scopes, ComplaintScopes: m.ComplaintScopes, PurchaseScopes: m.PurchaseScopes}, log: &alert.Log{Conn: s.Conn(), Database: database}}
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	d.truth = storetest.Feed(t, task, c, func(e *simulate.Event) { d.Note(t, e) })
	storetest.Write(t, s, task)
	return d
}

func TestTheViewsGiveWhatPlainSumsGive(t *testing.T) {
	d := simulated(t)
	from := d.truth.Config.Start.Add(10 * time.Hour)
	to := from.Add(5*time.Hour + 25*time.Minute)
	for _, length := range []time.Duration{detect.Fine, detect.Coarse} {
		want := map[watch.GradeCell]int{}
		for i := range d.Responses {
			r := &d.Responses[i]
			start := time.UnixMilli(r.OccurredAt).UTC().Truncate(length)
			if start.Before(from) || start.Add(length).After(to) {
				continue // an hour that has not ended would show the future
			}
			for _, s := range []watch.Scope{{Kind: "all"}, {Kind: "store", ID: string(r.StoreID)}} {
				if s.Kind == "store" && s.ID == "" {
					continue
				}
				c := watch.GradeCell{Scope: s, Start: start}
				c.Grades[r.Grade-1] = 1
				want[c]++
			}
		}
		cells, err := d.views.Grades(t.Context(), length, from, to, []string{"all", "store"})
		if err != nil {
			t.Fatal(err)
		}
		got := map[watch.GradeCell]int{}
		for _, c := range cells {
			for g, n := range c.Grades {
				if n > 0 {
					one := watch.GradeCell{Scope: c.Scope, Start: c.Start}
					one.Grades[g] = 1
					got[one] += int(n)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
			t.Errorf("cells of %s, plain sums (-), views (+):\n%s", length, diff)
		}
	}
	want := map[string]int{}
	for i := range d.Opened {
		c := &d.Opened[i]
		at := time.UnixMilli(c.OccurredAt).UTC()
		if !at.Before(from) && at.Before(to) {
			want[fmt.Sprintf("all  %s %s", event.Name(event.Categories, c.Category), at.Truncate(time.Hour))]++
			want[fmt.Sprintf("store %s %s %s", c.StoreID, event.Name(event.Categories, c.Category), at.Truncate(time.Hour))]++
		}
	}
	cells, err := d.views.Complaints(t.Context(), from, to, []string{"all", "store", "touchpoint"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, c := range cells {
		got[fmt.Sprintf("%s %s %s %s", c.Kind, c.ID, c.Category, c.Start)] += c.Opened
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("complaints, plain sums (-), views (+):\n%s", diff)
	}
	clear(want)
	for i := range d.Sold {
		p := &d.Sold[i]
		if at := time.UnixMilli(p.OccurredAt).UTC(); !at.Before(from) && at.Before(to) {
			want[fmt.Sprintf("all  %s", at.Truncate(time.Hour))]++
			want[fmt.Sprintf("store %s %s", p.StoreID, at.Truncate(time.Hour))]++
		}
	}
	sold, err := d.views.Purchases(t.Context(), from, to, []string{"all", "store", "touchpoint"})
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	for _, c := range sold {
		got[fmt.Sprintf("%s %s %s", c.Kind, c.ID, c.Start)] += c.N
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("purchases, plain sums (-), views (+):\n%s", diff)
	}
	clear(want)
	for i := range d.Asked {
		a := &d.Asked[i]
		if at := time.UnixMilli(a.OccurredAt).UTC(); !at.Before(from) && at.Before(to) {
			want[fmt.Sprintf("all  %s", at.Truncate(time.Hour))]++
			want[fmt.Sprintf("store %s %s", a.StoreID, at.Truncate(time.Hour))]++
			if len(a.EmployeeID) > 0 {
				want[fmt.Sprintf("employee %s %s", a.EmployeeID, at.Truncate(time.Hour))]++
			}
		}
	}
	asked, err := d.views.Asked(t.Context(), from, to, []string{"all", "store", "employee"})
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	for _, c := range asked {
		got[fmt.Sprintf("%s %s %s", c.Kind, c.ID, c.Start)] += c.N
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("invitations, plain sums (-), views (+):\n%s", diff)
	}
	known, err := d.views.Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for i := range d.Responses {
		last = max(last, d.Responses[i].OccurredAt)
	}
	if want := time.UnixMilli(last).UTC().Truncate(time.Minute).Add(time.Minute); !known[0].Equal(want) || len(known) != 1 {
		t.Errorf("known until %v, want %s", known, want)
	}
}

func TestPromisesAreCountedAsTheComplaintsStand(t *testing.T) {
	d := simulated(t)
	var rows []struct {
		Store                 string
		Opened                time.Time
		Resolved              *time.Time
		Promise, Slow, Broken int64
	}
	query := "SELECT store_id AS Store, assumeNotNull(opened_at) AS Opened, resolved_at AS Resolved, promise_seconds AS Promise, toInt64(ifNull(recovery_seconds, 0) > promise_seconds) AS Slow, toInt64(breached) AS Broken FROM `" + d.views.Database + "`.complaint_state WHERE isNotNull(opened_at)"
	if err := d.views.Conn.Select(t.Context(), &rows, query); err != nil {
		t.Fatal(err)
	}
	from, to := d.truth.Config.Start.Add(2*time.Hour), d.truth.Config.Start.Add(30*time.Hour)
	want := map[watch.Scope]watch.PromiseCell{}
	for _, r := range rows {
		for _, s := range []watch.Scope{{Kind: "all"}, {Kind: "store", ID: r.Store}} {
			c := want[s]
			c.Scope = s
			if due := r.Opened.Add(time.Duration(r.Promise) * time.Second); !due.Before(from) && due.Before(to) {
				c.Due++
				c.Breached += int(r.Broken)
			}
			if r.Resolved != nil && !r.Resolved.Before(from) && r.Resolved.Before(to) {
				c.Resolved++
				c.Slow += int(r.Slow)
			}
			if c.Due+c.Resolved > 0 {
				want[s] = c
			}
		}
	}
	cells, err := d.views.Promises(t.Context(), from, to, []string{"all", "store"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[watch.Scope]watch.PromiseCell{}
	for _, c := range cells {
		got[c.Scope] = c
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("by hand (-), view (+):\n%s", diff)
	}
}

func TestTheDaysIncidentIsRaisedFromTheViewsWithWhoCarriesIt(t *testing.T) {
	d := simulated(t)
	rules := ruleset.Default()
	w := watch.NewWatch(&rules, d.views, nil)
	w.Explain = watch.Explainer(d.views.Conn, d.views.Database, dimension.Usual())
	i := d.truth.Incident
	changed := watched(t, w, i.From.Add(-time.Hour).Truncate(time.Hour), i.To.Add(4*time.Hour))
	var found *alert.Alert
	for _, a := range changed {
		if a.Rule == ruleset.SatisfactionDrop && a.Kind == "store" {
			if a.ID != i.StoreID {
				t.Errorf("%s: nothing happened there", a.Summary())
			}
			found = &a
		}
	}
	if found == nil || found.Resolved.IsZero() {
		t.Fatalf("%+v", found)
	}
	carried := 0
	for _, e := range found.Evidence {
		for _, employee := range i.Employees {
			if e.Dimension == "employee" && e.ID == employee {
				carried++
			}
		}
	}
	if carried < 2 {
		t.Errorf("of %v only %d are in the evidence: %s", i.Employees, carried, found.Description())
	}
}

func TestAlertsAreReadAsTheyWereWritten(t *testing.T) {
	d := simulated(t)
	at := d.truth.Config.Start
	a := alert.Alert{Rule: ruleset.ComplaintSurge, Kind: "store", ID: "store-\\'1", Part: "price", Severity: alert.Warning, Start: at, Fired: at.Add(time.Hour), Seen: at.Add(time.Hour),
		Measure: "opened", Figures: alert.Figures{Value: 9, Expected: 2.5, Low: 1, High: 14, Cases: 9, P: 1e-9},
		Evidence: []alert.Evidence{{Dimension: "employee", ID: "e-1", Value: 2, Before: 5, Share: .4, Cases: 7, Z: 6}}}
	b := a
	b.ID, b.Evidence = "store-2", nil
	over := b
	over.Seen, over.Value = at.Add(2*time.Hour), 11
	over.Resolved = over.Seen
	newer := a
	newer.Seen, newer.Value = at.Add(2*time.Hour), 12
	// Both are stored again as they were, late, by a runner that does not know how they went on.
	for _, list := range [][]alert.Alert{{a, b}, {newer, over}, {a, b}} {
		if err := d.log.Write(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	firing, resolved, err := d.log.Read(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	newer.Seen = newer.Fired // the last evaluation is not stored
	if diff := cmp.Diff([]alert.Alert{newer}, firing, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("firing, written (-), read (+):\n%s", diff)
	}
	if diff := cmp.Diff([]alert.Alert{over}, resolved, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("resolved, written (-), read (+):\n%s", diff)
	}
	if _, old, err := d.log.Read(t.Context(), at.Add(3*time.Hour)); err != nil || len(old) > 0 {
		t.Errorf("%+v, %v", old, err)
	}
	t.Run("one whose end is not told is read whenever it was, until it is", func(t *testing.T) {
		for _, untold := range []alert.Untold{alert.EndUntold, alert.AllTold} {
			over.Untold = untold
			if err := d.log.Write(t.Context(), []alert.Alert{over}); err != nil {
				t.Fatal(err)
			}
			_, old, err := d.log.Read(t.Context(), at.Add(3*time.Hour))
			if err != nil || (len(old) == 1) != (untold == alert.EndUntold) {
				t.Errorf("with %d: %+v, %v", untold, old, err)
			}
		}
	})
	t.Run("until it is noted, the alerts tell until when they were looked for", func(t *testing.T) {
		c, err := d.log.Evaluated(t.Context())
		if want := (alert.Coverage{From: at.Add(time.Hour), Until: at.Add(2 * time.Hour)}); err != nil || !cmp.Equal(c, want) {
			t.Errorf("%v, %v, want %v", c, err, want)
		}
		for _, hours := range []time.Duration{5, 4} { // the later one wins, in any order
			if err := d.log.NoteEvaluated(t.Context(), alert.Coverage{From: at, Until: at.Add(hours * time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
		c, err = d.log.Evaluated(t.Context())
		if want := (alert.Coverage{From: at, Until: at.Add(5 * time.Hour)}); err != nil || !cmp.Equal(c, want) {
			t.Errorf("%v, %v, want %v", c, err, want)
		}
	})
}

func TestRiskIsNotedAsChurnRiskHasIt(t *testing.T) {
	d := simulated(t)
	at := d.truth.Config.Start.Add(24 * time.Hour)
	if err := d.log.NoteRisk(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Customers, High uint64
		Value           float64
	}
	if err := d.views.Conn.Select(t.Context(), &rows, "SELECT count() AS Customers, countIf(churn_risk > 0.7) AS High, sum(value_at_risk) AS Value FROM `"+d.views.Database+"`.churn_risk WHERE NOT churned"); err != nil {
		t.Fatal(err)
	}
	cells, err := d.views.Risk(t.Context(), at.Add(time.Hour), []string{"all"})
	if err != nil || len(cells) != 1 {
		t.Fatalf("%+v, %v", cells, err)
	}
	if c := cells[0]; c.Customers != int(rows[0].Customers) || c.High != int(rows[0].High) || c.High == 0 || c.Value != rows[0].Value {
		t.Errorf("%+v, want %+v", c, rows[0])
	}
	if cells, err := d.views.Risk(t.Context(), at.Add(-time.Hour), []string{"all"}); err != nil || len(cells) > 0 {
		t.Errorf("before it was noted: %+v, %v", cells, err)
	}
	some, err := d.views.Troubled(t.Context(), []string{"super_heavyweight", "heavyweight", "middleweight", "lightweight"}, .7, 5, nil)
	if err != nil || len(some) != 5 || some[0].Risk < .7 || some[0].Value < some[4].Value {
		t.Errorf("%+v, %v", some, err)
	}
	named, err := d.views.Troubled(t.Context(), nil, 2, 5, []string{some[3].Customer})
	if err != nil || len(named) != 1 || named[0] != some[3] {
		t.Errorf("%+v, %v", named, err)
	}
}

func TestWhatRunWritesAfterALoadIsWhatBacktestFindsInTheSameTables(t *testing.T) {
	d := simulated(t)
	rules := ruleset.Default()
	explain := watch.Explainer(d.views.Conn, d.views.Database, dimension.Usual())
	first, err := d.views.First(t.Context())
	if err != nil || !first.Equal(d.truth.Config.Start) {
		t.Fatalf("since %v, %v", first, err)
	}
	known, err := d.views.Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	end := known[0].Add(-time.Minute).Truncate(alert.Step)
	want, err := backtest.Run(t.Context(), rules.OfThePast(), dimension.Usual(), nil, &watch.Ahead{Source: d.views}, explain, first.Add(alert.Step), end, nil)
	if err != nil || len(want) == 0 {
		t.Fatalf("%+v, %v", want, err)
	}
	heard := &ear{}
	r := &watch.Runner{Rules: rules.OfThePast(), Views: d.views, Log: d.log, Explain: explain, Logger: slog.New(slog.DiscardHandler), CatchUp: 28 * 24 * time.Hour, Channels: []alert.Channel{heard}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.Told = func(_ []alert.Alert, until time.Time, err error) {
		if err != nil {
			t.Error(err)
		}
		if until.Equal(end) {
			cancel()
		}
	}
	r.Run(ctx)
	c, err := d.log.Evaluated(t.Context())
	if err != nil || !c.From.Equal(first) || !c.Until.Equal(end) {
		t.Errorf("looked for alerts in %v, want %s to %s (%v)", c, first, end, err)
	}
	firing, resolved, err := d.log.Read(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, append(firing, resolved...), stood); diff != "" {
		t.Errorf("backtest (-), table (+):\n%s", diff)
	}
	for _, a := range resolved {
		if a.Untold != alert.NothingTold {
			t.Errorf("%s is over, and said to be told", a.Summary())
		}
	}
	if len(heard.heard) != len(firing) {
		t.Errorf("told %q, %d fire", heard.states(), len(firing))
	}
}
