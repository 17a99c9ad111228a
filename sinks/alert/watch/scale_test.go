package watch_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/detect"
)

// recommended fills a scope with answers of promoters, passives and detractors, by their shares.
func (w *knowledge) recommended(rnd *rand.Rand, s watch.Scope, perHour float64, from, to time.Time, promoters, detractors float64) {
	for at := from; at.Before(to); at = at.Add(time.Duration(rnd.ExpFloat64() / perHour * float64(time.Hour))) {
		if h := at.Hour(); h < 8 || h >= 20 {
			continue
		}
		grade := 4
		switch u := rnd.Float64(); {
		case u < promoters:
			grade = 7
		case u < promoters+detractors:
			grade = 1
		}
		w.responses[s] = append(w.responses[s], response{at: at, grade: grade, who: fmt.Sprint(rnd.IntN(1e6))})
	}
}

// recommending is a chain whose store b is recommended much less from ten to four o'clock on Monday.
func recommending(seed uint64) *knowledge {
	rnd := rand.New(rand.NewPCG(seed, 2))
	nps, end := newKnowledge(), monday.AddDate(0, 0, 2)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		nps.recommended(rnd, store(id), 12, monday.AddDate(0, 0, -28), end, .5, .2)
	}
	from, to := monday.Add(10*time.Hour), monday.Add(16*time.Hour)
	nps.without(store("b"), from, to)
	nps.recommended(rnd, store("b"), 12, from, to, .1, .7)
	return &knowledge{responses: map[watch.Scope][]response{}, scaled: map[string]*knowledge{"nps": nps}}
}

func TestADropOfTheNPSIsRaisedInItsOwnScaleAndEnds(t *testing.T) {
	source := recommending(1)
	changed := watched(t, watch.NewWatch(only(ruleset.ScaleDrop), source, nil), monday.Add(8*time.Hour), monday.Add(44*time.Hour))
	a := one(t, changed, ruleset.ScaleDrop, store("b"))
	if a.Part != "nps" || a.Measure != "nps" || a.Severity != "warning" {
		t.Errorf("%+v", a)
	}
	if d := a.Fired.Sub(monday.Add(10 * time.Hour)); d > 4*time.Hour || a.Fired.Minute() != 0 {
		t.Errorf("found after %s", d)
	}
	over := ended(changed)
	if len(over) != 1 || over[0].Key() != a.Key() || over[0].Resolved.Before(monday.Add(16*time.Hour)) {
		t.Fatalf("ended %+v", over)
	}
	// The truth: 30 is usual, and it was -60.
	if e := over[0]; math.Abs(e.Expected-30) > 15 || math.Abs(e.Value+60) > 25 || e.Low > 90 || e.High < 90 {
		t.Errorf("%.0f where %.0f is usual, by %.0f to %.0f", e.Value, e.Expected, e.Low, e.High)
	}
	// Whoever takes over says the same.
	handed := watch.NewWatch(only(ruleset.ScaleDrop), source, raised(changed))
	again := watched(t, handed, a.Fired.Add(alert.Step), monday.Add(44*time.Hour))
	if none(t, again); len(ended(again)) != 1 || !ended(again)[0].Resolved.Equal(over[0].Resolved) {
		t.Errorf("taken over, it ended %+v", ended(again))
	}
}

func TestADropOfOneStoreIsNotToldOfItsRegionToo(t *testing.T) {
	source := recommending(2)
	nps, region := source.scaled["nps"], watch.Scope{Kind: "region", ID: "north"}
	for _, id := range []string{"b", "c"} {
		nps.responses[region] = append(nps.responses[region], nps.responses[store(id)]...)
	}
	rules := only(ruleset.ScaleDrop)
	rules.Scopes = []string{"store", "region"}
	one(t, watched(t, watch.NewWatch(rules, source, nil), monday.Add(8*time.Hour), monday.Add(16*time.Hour)), ruleset.ScaleDrop, store("b"))
}

func TestOneTerminalIsNoDropOfAScale(t *testing.T) {
	source := recommending(3)
	nps := source.scaled["nps"]
	rnd := rand.New(rand.NewPCG(9, 9))
	from, to := monday.Add(10*time.Hour), monday.Add(16*time.Hour)
	nps.without(store("b"), from, to)
	nps.recommended(rnd, store("b"), 12, from, to, .5, .2)
	for i := range 90 { // a child
		nps.responses[store("b")] = append(nps.responses[store("b")], response{at: from.Add(time.Duration(i) * time.Second), grade: 1, who: "till-1"})
	}
	none(t, watched(t, watch.NewWatch(only(ruleset.ScaleDrop), source, nil), monday.Add(8*time.Hour), monday.Add(30*time.Hour)))
}

// TestQuietScalesRaiseNothing: a false alert a week and 100 scopes is allowed for all rules together, and a twentieth of that is this rule's.
func TestQuietScalesRaiseNothing(t *testing.T) {
	inFull(t)
	rnd := rand.New(rand.NewPCG(6, 5))
	source := &knowledge{responses: map[watch.Scope][]response{}, scaled: map[string]*knowledge{"nps": newKnowledge(), "ces": newKnowledge(), "stars": newKnowledge()}}
	for i := range 10 {
		s, from, to := store(fmt.Sprintf("s%02d", i)), monday.AddDate(0, 0, -28), monday.AddDate(0, 0, 10)
		source.scaled["nps"].recommended(rnd, s, 4, from, to, .45, .2)
		source.scaled["stars"].recommended(rnd, s, 4, from, to, .85, .15) // 4 or 5 stars, or fewer
		source.scaled["ces"].fill(rnd, s, 4, from, to, 5.3)
	}
	none(t, watched(t, watch.NewWatch(only(ruleset.ScaleDrop), source, nil), monday, monday.AddDate(0, 0, 10)))
}

func TestScalesOfTheViewsAreTheAnswersByHour(t *testing.T) {
	set := pipeline.DefaultSettings()
	s, _, database := storetest.New(t, set)
	conn := &asked{Conn: s.Conn()}
	views := &watch.Views{Conn: conn, Database: database, Satisfaction: storetest.Model(database, set).Satisfaction, Scopes: storetest.Model(database, set).Scopes}
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	rnd := rand.New(rand.NewPCG(8, 8))
	from := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2)
	want := map[string]map[string]detect.Grades{"nps": {}, "ces": {}, "stars": {}}
	type sum struct{ n, sum int }
	who := map[string]map[string]sum{"nps": {}, "ces": {}, "stars": {}}
	for i := range 400 {
		at, id := from.Add(time.Duration(rnd.IntN(4*3600))*time.Second), fmt.Sprintf("c%d", rnd.IntN(20))
		nps, ces, stars := rnd.IntN(11), 1+rnd.IntN(7), 1+rnd.IntN(5)
		survey := "instant"
		if i%7 == 0 {
			survey = "comprehensive"
		}
		value := fmt.Sprintf(`{"event_id":"%d","occurred_at":%q,"customer_id":%q,"store_id":"s1","survey":%q,"nps":%d,"ces":%d,"stars":%d}`, i, at.Format(time.RFC3339), id, survey, nps, ces, stars)
		task.Apply(&pipeline.Record{Topic: pipeline.Responses, Offset: int64(i), Time: time.Now(), Key: []byte(id), Value: []byte(value)})
		if survey != "instant" {
			continue
		}
		grades := map[string]int{"nps": 1, "ces": ces, "stars": 1}
		if nps >= 7 {
			grades["nps"] = 4
		}
		if nps >= 9 {
			grades["nps"] = 7
		}
		if stars >= 4 {
			grades["stars"] = 7
		}
		for scale, grade := range grades {
			hour := at.Truncate(time.Hour).Format(time.RFC3339)
			g := want[scale][hour]
			g[grade-1]++
			want[scale][hour] = g
			o := who[scale][id]
			who[scale][id] = sum{o.n + 1, o.sum + grade}
		}
	}
	storetest.Write(t, s, task)
	for scale, by := range want {
		if _, err := views.Scale(scale).Grades(t.Context(), detect.Coarse, from.AddDate(0, 0, -7), from.Add(4*time.Hour), []string{"store", "region"}); err != nil {
			t.Fatal(err)
		}
		cells, err := views.Scale(scale).Grades(t.Context(), detect.Fine, from, from.Add(4*time.Hour), []string{"store"})
		if err != nil {
			t.Fatal(err)
		}
		if len(cells) != len(by) {
			t.Errorf("%s: %d hours, want %d", scale, len(cells), len(by))
		}
		for _, c := range cells {
			if c.Scope != store("s1") || c.Grades != by[c.Start.Format(time.RFC3339)] {
				t.Errorf("%s, %v at %s: %v, want %v", scale, c.Scope, c.Start, c.Grades, by[c.Start.Format(time.RFC3339)])
			}
		}
		list, err := views.Scale(scale).Respondents(t.Context(), store("s1"), from, from.Add(4*time.Hour), 100)
		if err != nil || len(list) != len(who[scale]) {
			t.Fatalf("%s: %d respondents, want %d; %v", scale, len(list), len(who[scale]), err)
		}
		for _, r := range list {
			if w := who[scale][r.ID]; r.N != w.n || r.Sum != w.sum || r.Terminal {
				t.Errorf("%s: %+v, want %+v", scale, r, w)
			}
		}
	}
	if conn.panes != 2 {
		t.Errorf("%d questions for the panes of three scales, want one for each of two times", conn.panes)
	}
	if views.Scale("smileys") != nil {
		t.Error("there is a scale of smileys")
	}
}

// asked counts the questions for panes.
type asked struct {
	clickhouse.Conn
	panes int
}

func (a *asked) Select(ctx context.Context, into any, query string, args ...any) error {
	if strings.Contains(query, "satisfaction_panes") {
		a.panes++
	}
	return a.Conn.Select(ctx, into, query, args...)
}
