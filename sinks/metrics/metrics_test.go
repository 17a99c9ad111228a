package metrics

import (
	"errors"
	"fmt"
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
	someOfEach(New(reg, "test", 10))
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
	someOfEach(New(reg, "test", 10))
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
	m := New(reg, "test", 10)
	m.Response(&event.Response{Survey: event.SurveyComprehensive, Grade: 7})
	m.Response(&event.Response{Survey: event.SurveyInstant, Brand: []byte("rival"), Grade: 7})
	if got := series(t, reg, "csatflow_responses_total"); len(got) != 0 {
		t.Errorf("counted %v", got)
	}
}

func TestBeyondTheLimitOfLabelSetsTheRestIsCountedUnderOther(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", 3)
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

func TestAReleasedPartitionIsForgotten(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg, "test", 10)
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
	m := New(reg, "test", 10)
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
