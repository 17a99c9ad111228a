package clickhouse_test

import (
	"fmt"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

// TestAnEventFromTheFutureDoesNotMoveThePresent: the clock of a till is wrong. The next real event moves it again.
func TestAnEventFromTheFutureDoesNotMoveThePresent(t *testing.T) {
	set := pipeline.DefaultSettings()
	s, _, _ := storetest.New(t, set)
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	offset := int64(0)
	latest := func(at time.Time) (minute *time.Time) {
		t.Helper()
		value := fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c","grade":5}`, offset, at.Format(time.RFC3339))
		r := pipeline.Record{Topic: pipeline.Responses, Offset: offset, Time: time.Now(), Key: []byte("c"), Value: []byte(value)}
		if got := task.Apply(&r); got != pipeline.Applied {
			t.Fatalf("%s is %s", value, got)
		}
		offset++
		storetest.Write(t, s, task)
		if err := s.Conn().QueryRow(t.Context(), "SELECT latest_minute FROM "+s.Table("freshness")).Scan(&minute); err != nil {
			t.Fatal(err)
		}
		return minute
	}
	now := time.Now().UTC().Truncate(time.Minute)
	if got := latest(now.AddDate(1, 0, 0)); got != nil {
		t.Errorf("the only event is of next year, and the latest minute is %v", got)
	}
	for _, at := range []time.Time{now.Add(-3 * time.Hour), now.Add(-2 * time.Hour)} {
		if got := latest(at); got == nil || !got.Equal(at) {
			t.Errorf("after an event of %v the latest minute is %v", at, got)
		}
		if got := latest(now.AddDate(50, 0, 0)); got == nil || !got.Equal(at) {
			t.Errorf("after one of 50 years on it is %v, want %v", got, at)
		}
	}
}
