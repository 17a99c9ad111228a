package metrics

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
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
	before := customer.Summarise(&customer.Complaint{}, func(uint8) int64 { return 3600 })
	after := before
	after.Store, after.OpenedAt, after.ResolvedAt, after.RecoverySeconds = "s1", 0, 5_400_000, 5400
	m.Complaint(nil, &before, &after)
	m.Complaint(nil, &after, &after) // a step that changes none of it
	m.Breached(&after)
	m.Joined(1, []int{3})
	m.Restored(3, time.Second, 5, 7)
	m.Bands(3, [3]int{2, 1, 2})
	m.Position(3, pipeline.Responses, 10, 15, 1_772_323_200_000)
	m.Flushed(3, time.Second, map[string]int{"responses": 4}, nil)
	m.Flushed(3, time.Second, nil, errors.New("away"))
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
		"csatflow_dead_letters_total":           {`{topic="responses"}`: 1, `{topic="complaints"}`: 0, `{topic="purchases"}`: 0, `{topic="observations"}`: 0, `{topic="departures"}`: 0},
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

func TestLagInSecondsGrowsOnlyWhileNothingIsApplied(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", Series{Most: 10})
	lag := func() float64 {
		m.Tick()
		return series(t, reg, "csatflow_lag_seconds")[`{partition="0",topic="responses"}`]
	}
	m.Position(0, pipeline.Responses, 10, 10, customer.Never)
	if got := lag(); got != 0 {
		t.Errorf("nothing waits, and the lag is %v s", got)
	}
	m.Position(0, pipeline.Responses, 10, 12, customer.Never)
	time.Sleep(20 * time.Millisecond)
	if got := lag(); got < 0.02 || got > 10 {
		t.Errorf("records have waited for 20 ms, and the lag is %v s", got)
	}
	m.Position(0, pipeline.Responses, 12, 12, customer.Never)
	if got := lag(); got != 0 {
		t.Errorf("all is applied, and the lag is %v s", got)
	}
}
