package pipeline_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/pipelinetest"
	declared "csatflow/schemas/tables"
)

// feeder applies messages to a task, at consecutive offsets.
type feeder struct {
	*pipeline.Task
	next [pipeline.Topics]int64
}

func newFeeder() *feeder {
	return &feeder{Task: pipeline.NewTask(0, settings(), pipelinetest.NoObserver{})}
}

func (f *feeder) give(topic pipeline.Topic, key, value string) pipeline.Result {
	rec := pipeline.Record{Topic: topic, Offset: f.next[topic], Time: noon, Key: []byte(key), Value: []byte(value)}
	f.next[topic]++
	return f.Apply(&rec)
}

// answer returns a response of customer c1; more is further fields, each with a comma before it.
func answer(id string, at time.Time, grade int, more string) string {
	return fmt.Sprintf(`{"event_id":%q,"occurred_at":%q,"customer_id":"c1","grade":%d%s}`, id, at.Format(time.RFC3339), grade, more)
}

func step(id string, at time.Time, step string) string {
	return fmt.Sprintf(`{"event_id":%q,"occurred_at":%q,"customer_id":"c1","complaint_id":"p1","step":%q}`, id, at.Format(time.RFC3339), step)
}

func TestAMessageUnderAnotherKeyIsDivertedWithItsFieldAndReason(t *testing.T) {
	terminal := `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","terminal_id":"t1","grade":3}`
	for _, c := range []struct {
		topic             pipeline.Topic
		key, value, field string
	}{
		{pipeline.Responses, "c2", answer("e", noon, 3, ""), "customer_id"},
		{pipeline.Responses, "", answer("e", noon, 3, ""), "customer_id"},
		{pipeline.Responses, "c1", terminal, "terminal_id"},
		{pipeline.Complaints, "C1", step("e", noon, "opened"), "customer_id"},
	} {
		f := newFeeder()
		if got := f.give(c.topic, c.key, c.value); got != pipeline.Diverted {
			t.Errorf("key %q of %s: %s", c.key, c.value, got)
		}
		flush := f.Flush()
		if len(flush.Dead) != 1 {
			t.Fatalf("%d dead letters", len(flush.Dead))
		}
		d := flush.Dead[0]
		if d.Field != c.field || !strings.Contains(d.Reason, fmt.Sprintf("%q", c.key)) || string(d.Value) != c.value || d.Partition != 0 {
			t.Errorf("key %q: field %q, reason %q", c.key, d.Field, d.Reason)
		}
		if len(flush.Of(declared.FactsStage))+len(flush.Of(declared.CustomersStage))+len(flush.Of(declared.HistoriesStage)) != 0 || flush.Next[c.topic] != 1 || flush.Empty() {
			t.Errorf("key %q: the flush has rows or is not committed: %+v", c.key, flush)
		}
	}
}

func TestStepsBeyondTheMostThatAreKeptAreDivertedAndRepetitionsAreNot(t *testing.T) {
	f := newFeeder()
	for i := range customer.MaxSteps {
		if got := f.give(pipeline.Complaints, "c1", step(fmt.Sprint("e", i), noon.Add(time.Duration(i)*time.Second), "contacted")); got != pipeline.Applied {
			t.Fatalf("step %d: %s", i, got)
		}
	}
	if got := f.give(pipeline.Complaints, "c1", step(fmt.Sprint("e", customer.MaxSteps-1), noon, "contacted")); got != pipeline.Duplicate {
		t.Errorf("a repetition: %s", got)
	}
	if got := f.give(pipeline.Complaints, "c1", step("beyond", noon, "contacted")); got != pipeline.Diverted {
		t.Errorf("beyond: %s", got)
	}
	if d := f.Flush().Dead; len(d) != 1 || d[0].Field != "complaint_id" || !strings.Contains(d[0].Reason, "4096") {
		t.Errorf("dead letters: %+v", d)
	}
}

func TestAnEventIDIsAppliedOnceAmongTheLast64(t *testing.T) {
	f := newFeeder()
	give := func(i int) pipeline.Result {
		return f.give(pipeline.Responses, "c1", answer(fmt.Sprint("e", i), noon.Add(time.Duration(i)*time.Second), 5, ""))
	}
	for i := range 64 {
		give(i)
	}
	for _, i := range []int{0, 63, 31} {
		if got := give(i); got != pipeline.Duplicate {
			t.Errorf("event %d again: %s", i, got)
		}
	}
	give(64)
	if got := give(1); got != pipeline.Duplicate {
		t.Errorf("event 1 is the oldest of 64: %s", got)
	}
	if got := give(0); got != pipeline.Applied {
		t.Errorf("event 0 is older than 64: %s", got)
	}
}

func sumOf(store *pipelinetest.Store, survey, brand string) (responses int64) {
	for _, r := range store.Table(pipeline.TableSatisfactionPanes) {
		if r["resolution"] == uint32(86400) && r["scope_kind"] == "all" && r["survey"] == survey && r["brand"] == brand {
			for _, n := range r["counters"].([]int64)[:7] { // the group of grades
				responses += n
			}
		}
	}
	return responses
}

func TestARowAsReceivedSaysWhichMappingMadeItsEvent(t *testing.T) {
	f := newFeeder()
	for i, headers := range [][]pipeline.Header{nil, {{Key: "x-csatflow-feed", Value: []byte("kiosk")}, {Key: pipeline.HeaderMapping, Value: []byte("950c813593a8")}}, {{Key: pipeline.HeaderMapping, Value: bytes.Repeat([]byte("x"), 65)}}, {{Key: pipeline.HeaderMapping, Value: []byte{0xff}}}} {
		id := fmt.Sprintf("m%d", i)
		rec := pipeline.Record{Topic: pipeline.Responses, Offset: int64(i), Time: noon, Key: []byte("c1"), Value: []byte(answer(id, noon, 5, "")), Headers: headers}
		if got := f.Apply(&rec); got != pipeline.Applied {
			t.Fatal(got)
		}
	}
	store := pipelinetest.NewStore()
	write(t, store, f.Flush())
	got := map[string]string{}
	for _, r := range store.Table(pipeline.TableResponses) {
		got[r["event_id"].(string)] = r["mapping"].(string)
	}
	if want := map[string]string{"m0": "", "m1": "950c813593a8", "m2": "", "m3": ""}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestAResponseInOtherScalesCountsInThemAlone: no grade, no moment, no part of the risk; once, whatever is repeated, and after a restart too.
func TestAResponseInOtherScalesCountsInThemAlone(t *testing.T) {
	f := newFeeder()
	stars := `{"event_id":"s1","occurred_at":"2026-03-01T12:00:00Z","customer_id":"c1","stars":1,"nps":0,"repurchase":"unlikely","expectation":6,"rater":{"reliability":2}}`
	f.give(pipeline.Responses, "c1", answer("e1", noon, 7, ""))
	for _, want := range []pipeline.Result{pipeline.Applied, pipeline.Duplicate} {
		if got := f.give(pipeline.Responses, "c1", stars); got != want {
			t.Errorf("it is %v, want %v", got, want)
		}
	}
	f.give(pipeline.Responses, "c1", answer("e2", noon, 7, `,"nps":10`))
	store := pipelinetest.NewStore()
	write(t, store, f.Flush())
	sums := map[string][]int64{}
	for _, r := range store.Table(pipeline.TableSatisfactionPanes) {
		if r["resolution"] != uint32(60) || r["scope_kind"] != "all" {
			continue
		}
		groups, err := pane.Satisfaction.Split(r["groups"].(uint32), r["counters"].([]int64))
		if err != nil {
			t.Fatal(err)
		}
		for g, name := range pane.Satisfaction.Names {
			if groups[g] != nil {
				sums[name] = groups[g]
			}
		}
	}
	for name, want := range map[string][]int64{"grades": {0, 0, 0, 0, 0, 0, 2}, "nps": {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "stars": {1, 0, 0, 0, 0}, "expectation": nil, "rater": {1, 2, 0, 0, 0, 0, 0, 0, 0, 0}, "repurchase": nil, "ces": nil} {
		if !slices.Equal(sums[name], want) {
			t.Errorf("%s: %v, want %v", name, sums[name], want)
		}
	}
	for _, r := range store.Table(pipeline.TableChurn) {
		if r["responses"] != uint64(2) || r["grade_sum"] != uint64(14) || r["latest_grade"] != uint8(7) {
			t.Errorf("the churn row has %v responses, grades %v, the latest %v", r["responses"], r["grade_sum"], r["latest_grade"])
		}
	}
	if n := len(store.Table(pipeline.TableMoments)); n != 0 {
		t.Errorf("%d moments: a star of 1 is no bad grade", n)
	}
}

func TestRivalsAndComprehensiveSurveysAreApart(t *testing.T) {
	f := newFeeder()
	f.give(pipeline.Responses, "c1", answer("e1", noon, 7, ""))
	f.give(pipeline.Responses, "c1", answer("e2", noon, 7, `,"brand":"own"`))
	f.give(pipeline.Responses, "c1", answer("e3", noon, 1, `,"brand":"rival"`))
	f.give(pipeline.Responses, "c1", answer("e4", noon, 2, `,"survey":"comprehensive"`))
	f.give(pipeline.Responses, "c1", answer("e5", noon, 2, `,"survey":"comprehensive","brand":"rival"`))
	store := pipelinetest.NewStore()
	write(t, store, f.Flush())
	for _, c := range []struct {
		survey, brand string
		want          int64
	}{{"instant", "", 2}, {"instant", "rival", 1}, {"comprehensive", "", 1}, {"comprehensive", "rival", 1}, {"instant", "own", 0}} {
		if got := sumOf(store, c.survey, c.brand); got != c.want {
			t.Errorf("survey %q, brand %q: %d responses, want %d", c.survey, c.brand, got, c.want)
		}
	}
	for _, r := range store.Table(pipeline.TableChurn) {
		if r["responses"] != uint64(3) || r["grade_sum"] != uint64(16) {
			t.Errorf("the churn row counts %v responses, grades %v", r["responses"], r["grade_sum"])
		}
	}
}
