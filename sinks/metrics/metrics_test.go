package metrics

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// someOfEach makes a value of every metric.
func someOfEach(m *Metrics) {
	m.Record(pipeline.Responses, pipeline.Diverted, 2)
	for _, grade := range []uint8{7, 2, 4} {
		m.Response(&event.Response{StoreID: []byte("s1"), Region: []byte("north"), Source: 1, Survey: event.SurveyInstant, Grade: grade})
	}
	before := customer.Summarise(&customer.Complaint{}, func(uint8, string) int64 { return 3600 })
	after := before
	after.Store, after.OpenedAt, after.ResolvedAt, after.RecoverySeconds = "s1", 0, 5_400_000, 5400
	m.Complaint(nil, &before, &after)
	m.Complaint(nil, &after, &after) // a step that changes none of it
	m.Breached(&after)
	m.Joined(1, []int{3})
	m.Restored(3, time.Second, 5, 7)
	m.Bands(3, [3]int{2, 1, 2})
	m.Written(3, [pipeline.Topics]int64{pipeline.Responses: 10})
	m.Position(3, pipeline.Responses, 12, 15, 1_772_323_200_000)
	m.Flushed(3, time.Second, map[string]int{"responses": 4}, nil)
	m.Tried(3, errors.New("away"))
	m.Tick()
}

func TestNamesFollowThePrometheusGuide(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	someOfEach(New(reg, "test", Series{Most: 10}))
	problems, err := promlint.New(strings.NewReader(scrape(t, reg))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "csatflow_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func TestAnswersInOtherScalesAreCountedThereAlone(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", Series{Most: 10})
	for v := range int8(11) {
		m.Response(&event.Response{Survey: event.SurveyInstant, StoreID: []byte("s1"), NPS: v, HasNPS: true})
	}
	for v := range uint8(7) {
		m.Response(&event.Response{Survey: event.SurveyInstant, StoreID: []byte("s1"), CES: 1 + v})
	}
	for v := range int8(5) {
		m.Response(&event.Response{Survey: event.SurveyInstant, StoreID: []byte("s1"), Grade: 7, Stars: 1 + v, HasStars: true})
	}
	m.Response(&event.Response{Survey: event.SurveyInstant, StoreID: []byte("s1"), Stars: 5, HasStars: true, Brand: []byte("rival")})
	got := scrape(t, reg)
	for part, want := range map[string]int{`part="detractor",region="",scale="nps"`: 7, `part="passive",region="",scale="nps"`: 2, `part="promoter",region="",scale="nps"`: 2, `part="hard",region="",scale="ces"`: 3, `part="neutral",region="",scale="ces"`: 1,
		`part="easy",region="",scale="ces"`: 3, `part="other",region="",scale="stars"`: 3, `part="top",region="",scale="stars"`: 2} {
		if line := fmt.Sprintf(`csatflow_scale_answers_total{%s,source="",store="s1"} %d`, part, want); !strings.Contains(got, line+"\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
	if want := `csatflow_responses_total{region="",source="",store="s1"} 5` + "\n"; !strings.Contains(got, want) { // those with a grade
		t.Errorf("no line %s", want)
	}
}

func TestCountersAddUp(t *testing.T) {
	reg := prometheus.NewRegistry()
	someOfEach(New(reg, "test", Series{Most: 10}))
	place := `{region="north",source="pos",store="s1"}`
	complaint := `{category="",region="",source="",store="s1"}`
	for name, want := range map[string]map[string]float64{
		"csatflow_responses_total":              {place: 3},
		"csatflow_grade_sum_total":              {place: 7 + 2 + 4},
		"csatflow_satisfied_responses_total":    {place: 1},
		"csatflow_dissatisfied_responses_total": {place: 1},
		"csatflow_complaints_opened_total":      {complaint: 1},
		"csatflow_complaints_resolved_total":    {complaint: 1},
		"csatflow_complaints_breached_total":    {complaint: 1},
		"csatflow_recovery_seconds_sum":         {`{region="",source="",store="s1"}`: 5400},
		"csatflow_recovery_seconds_count":       {`{region="",source="",store="s1"}`: 1},
		"csatflow_dead_letters_total":           {`{topic="responses"}`: 1, `{topic="complaints"}`: 0, `{topic="purchases"}`: 0, `{topic="observations"}`: 0, `{topic="departures"}`: 0, `{topic="asked"}`: 0},
		"csatflow_unknown_fields_total":         {`{topic="responses"}`: 2},
		"csatflow_flushes_total":                {`{result="ok"}`: 1, `{result="error"}`: 1},
		"csatflow_rows_written_total":           {`{table="responses"}`: 4},
		"csatflow_generations_total":            {"": 1},
		"csatflow_partitions_owned":             {"": 1},
		"csatflow_restores_total":               {"": 1},
		"csatflow_lag_records":                  {`{partition="3",topic="responses"}`: 5},
		"csatflow_watermark_timestamp_seconds":  {`{partition="3"}`: 1_772_323_200},
		"csatflow_customers":                    {`{band="low"}`: 2, `{band="medium"}`: 1, `{band="high"}`: 2},
		"csatflow_state_entries":                {`{kind="customers"}`: 5, `{kind="panes"}`: 7},
	} {
		if d := cmp.Diff(want, series(t, reg, name)); d != "" {
			t.Errorf("%s (-want, +got):\n%s", name, d)
		}
	}
}

func TestOtherSurveysAndBrandsAreNotCounted(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", Series{Most: 10})
	m.Response(&event.Response{Survey: event.SurveyComprehensive, Grade: 7})
	m.Response(&event.Response{Survey: event.SurveyInstant, Brand: []byte("rival"), Grade: 7})
	if got := series(t, reg, "csatflow_responses_total"); len(got) != 0 {
		t.Errorf("counted %v", got)
	}
}

func TestBeyondTheLimitOfLabelSetsTheRestIsCountedUnderOther(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", Series{Most: 3})
	for range 2 {
		for i := range 10 {
			m.Response(&event.Response{StoreID: fmt.Appendf(nil, "s%d", i), Survey: event.SurveyInstant, Grade: 5})
		}
	}
	want := map[string]float64{`{region="other",source="other",store="other"}`: 14}
	for i := range 3 {
		want[fmt.Sprintf(`{region="",source="",store="s%d"}`, i)] = 2
	}
	if d := cmp.Diff(want, series(t, reg, "csatflow_responses_total")); d != "" {
		t.Errorf("(-want, +got):\n%s", d)
	}
}

func TestNamesThatNobodyUsesLeaveRoomForRealOnes(t *testing.T) {
	reg := prometheus.NewRegistry()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	m := New(reg, "test", Series{Most: 20, Stores: []string{"flagship"}, Now: func() time.Time { return now }})
	respond := func(stores ...string) {
		for _, s := range stores {
			m.Response(&event.Response{StoreID: []byte(s), Survey: event.SurveyInstant, Grade: 5})
		}
	}
	opened := customer.Summary{Store: "junk-1", OpenedAt: 1, ResolvedAt: customer.Never, RecoverySeconds: 60}
	m.Complaint(nil, &customer.Summary{OpenedAt: customer.Never, ResolvedAt: customer.Never, RecoverySeconds: -1}, &opened)
	respond("store-1")
	for i := range 300_000 {
		respond(fmt.Sprintf("junk-%d", i))
	}
	stores := func(name string) map[string]float64 {
		found := map[string]float64{}
		for labels, v := range series(t, reg, name) {
			_, store, _ := strings.Cut(labels, `store="`)
			store, _, _ = strings.Cut(store, `"`)
			found[store] += v
		}
		return found
	}
	respond("late-1", "flagship")
	if got := stores("csatflow_responses_total"); len(got) != 22 || got["flagship"] != 1 || got["late-1"] != 0 || got[Other] != 300_001-19+1-1 {
		t.Errorf("after the junk: %v", got)
	}
	now = now.Add(40 * time.Minute)
	respond("store-1", "late-1")
	now = now.Add(40 * time.Minute) // the junk is idle by now, store-1 is not
	respond("late-1", "late-2", "store-1")
	got := stores("csatflow_responses_total")
	if want := map[string]float64{"store-1": 3, "late-1": 1, "late-2": 1, "flagship": 1, Other: got[Other]}; !maps.Equal(got, want) {
		t.Errorf("after they were idle: %v", got)
	}
	for _, name := range []string{"csatflow_grade_sum_total", "csatflow_satisfied_responses_total", "csatflow_complaints_opened_total", "csatflow_complaints_breached_total", "csatflow_recovery_seconds_count"} {
		for store := range stores(name) {
			if strings.HasPrefix(store, "junk") {
				t.Errorf("%s still has %s", name, store)
			}
		}
	}
}

func TestANamedStoreTakesNoMoreThanItsShare(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", Series{Most: 5, Stores: []string{"flagship"}})
	for i := range 1000 {
		m.Response(&event.Response{StoreID: []byte("flagship"), Region: fmt.Appendf(nil, "r%d", i), Survey: event.SurveyInstant, Grade: 5})
		m.Response(&event.Response{StoreID: fmt.Appendf(nil, "s%d", i), Survey: event.SurveyInstant, Grade: 5})
	}
	if got := series(t, reg, "csatflow_responses_total"); len(got) != 5+5+1 {
		t.Errorf("%d series", len(got))
	}
}

func TestAReleasedPartitionIsForgotten(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", Series{Most: 10})
	for p, at := range map[int]int64{3: 5, 4: 2} {
		m.Restored(p, time.Second, 10*p, 100*p)
		m.Bands(p, [3]int{p, 0, 1})
		m.Written(p, [pipeline.Topics]int64{pipeline.Responses: 10})
		m.Position(p, pipeline.Responses, 10, 10+at, 1000)
	}
	m.Tick()
	m.Released(3)
	m.Tick()
	for name, want := range map[string]map[string]float64{
		"csatflow_customers":                   {`{band="low"}`: 4, `{band="medium"}`: 0, `{band="high"}`: 1},
		"csatflow_lag_records":                 {`{partition="4",topic="responses"}`: 2},
		"csatflow_watermark_timestamp_seconds": {`{partition="4"}`: 1},
		"csatflow_state_entries":               {`{kind="customers"}`: 40, `{kind="panes"}`: 400},
	} {
		if d := cmp.Diff(want, series(t, reg, name)); d != "" {
			t.Errorf("%s (-want, +got):\n%s", name, d)
		}
	}
	for labels := range series(t, reg, "csatflow_lag_seconds") {
		if !strings.Contains(labels, `partition="4"`) {
			t.Errorf("csatflow_lag_seconds still has %s", labels)
		}
	}
}

func TestLagIsAgainstWhatIsWrittenAndGrowsWhileNothingIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		m := New(reg, "test", Series{Most: 10})
		wait := func(records, seconds float64) {
			t.Helper()
			m.Tick()
			const labels = `{partition="0",topic="responses"}`
			if r, s := series(t, reg, "csatflow_lag_records")[labels], series(t, reg, "csatflow_lag_seconds")[labels]; r != records || s != seconds {
				t.Errorf("%v records for %v s, want %v for %v s", r, s, records, seconds)
			}
		}
		written := func(next int64) { m.Written(0, [pipeline.Topics]int64{pipeline.Responses: next}) }
		ends := func(end int64) { m.Ends(pipeline.Responses, []pipeline.Bounds{{End: end}}) }
		written(10)
		m.Position(0, pipeline.Responses, 10, 10, customer.Never)
		time.Sleep(time.Hour)
		wait(0, 0)
		m.Position(0, pipeline.Responses, 12, 12, customer.Never) // applied, and not written
		time.Sleep(30 * time.Second)
		wait(2, 30)
		ends(500) // nothing is fetched any more, and the log goes on
		time.Sleep(30 * time.Second)
		wait(490, 60)
		written(11)
		wait(489, 0)
		time.Sleep(time.Second)
		wait(489, 1)
		written(500)
		time.Sleep(time.Second)
		wait(0, 0)
	})
}

func TestAProcessIsNotReadyWhileWhatIsDueIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		m := New(reg, "test", Series{Most: 10})
		want := func(words string) {
			t.Helper()
			if why := m.Unready(); words == "" && why != "" || !strings.Contains(why, words) {
				t.Errorf("%q, want %q", why, words)
			}
		}
		pass := func(d time.Duration, kafka bool) {
			for range d / time.Second {
				time.Sleep(time.Second)
				m.Reached()
				if kafka {
					m.Answered()
				}
			}
		}
		want("")
		m.Restoring(3)
		pass(19*time.Second, true)
		want("")
		pass(5*time.Second, true)
		want("partition 3: it has been restoring for 24s")
		m.Restored(3, time.Second, 0, 0)
		pass(time.Hour, true) // no flush is due
		want("")
		m.Flushing(3)
		m.Tried(3, errors.New("secret host away"))
		pass(25*time.Second, true)
		want("partition 3: no rows have been written for 25s")
		if strings.Contains(m.Unready(), "secret") {
			t.Errorf("everybody hears %q", m.Unready())
		}
		m.Flushed(3, time.Second, nil, nil)
		want("")
		pass(25*time.Second, false)
		want("Kafka has not said for 25s")
		m.Answered()
		want("")
		m.Left()
		pass(19*time.Second, true)
		want("")
		m.Left() // a generation that could not begin
		pass(6*time.Second, true)
		want("the consumer group has assigned nothing for 25s")
		m.Joined(2, []int{3})
		want("")
		m.Flushing(3)
		pass(25*time.Second, true)
		m.Released(3) // it is another's now
		want("")
		m.Waits(3, errors.New("secret host away"))
		pass(19*time.Second, true)
		want("")
		m.Waits(3, errors.New("secret host away"))
		pass(6*time.Second, true)
		want("partition 3: the schema registry has not answered for 25s")
		if tries := series(t, reg, "csatflow_registry_errors_total")[""]; strings.Contains(m.Unready(), "secret") || tries != 2 {
			t.Errorf("everybody hears %q; %v tries", m.Unready(), tries)
		}
		m.Waits(3, nil)
		want("")
	})
}

func TestAProcessIsNotReadyWhenClickHouseHasNotAnsweredThoughNothingIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(prometheus.NewRegistry(), "test", Series{Most: 10})
		pass := func(d time.Duration) {
			time.Sleep(d)
			m.Answered()
		}
		pass(30 * time.Second)
		if why := m.Unready(); why != "" {
			t.Errorf("after 30 s: %q", why)
		}
		pass(time.Second)
		if why := m.Unready(); !strings.Contains(why, "ClickHouse has not answered for 31s") {
			t.Errorf("after 31 s: %q", why)
		}
		m.Flushed(0, time.Second, nil, errors.New("away"))
		if m.Unready() == "" {
			t.Error("a flush that failed is an answer")
		}
		m.Flushed(0, time.Second, nil, nil)
		if why := m.Unready(); why != "" {
			t.Errorf("after a flush: %q", why)
		}
		pass(31 * time.Second)
		m.Reached()
		if why := m.Unready(); why != "" {
			t.Errorf("after an answer: %q", why)
		}
	})
}
