package clickhouse_test

import (
	"testing"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

// TestHowFarTheRowsAreIsToldAlsoOfRowsAheadOfThePosition: after a crash, panes and complaints may have absorbed what the position has not passed.
func TestHowFarTheRowsAreIsToldAlsoOfRowsAheadOfThePosition(t *testing.T) {
	s := opened(t)
	reached := func(topic pipeline.Topic) map[int]int64 {
		next := map[int]int64{}
		if err := s.Reached(t.Context(), topic, func(partition int, after int64) { next[partition] = max(next[partition], after) }); err != nil {
			t.Fatal(err)
		}
		return next
	}
	if next := reached(pipeline.Responses); len(next) != 0 {
		t.Errorf("empty tables have reached %v", next)
	}
	task := pipeline.NewTask(3, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	for _, r := range []pipeline.Record{
		{Topic: pipeline.Responses, Offset: 41, Key: []byte("c"), Value: []byte(`{"event_id":"r","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","grade":4}`)},
		{Topic: pipeline.Complaints, Offset: 6, Key: []byte("c"), Value: []byte(`{"event_id":"k","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","complaint_id":"p","step":"opened"}`)},
	} {
		if result := task.Apply(&r); result != pipeline.Applied {
			t.Fatal(result)
		}
	}
	f := task.Flush()
	stages := f.Stages()
	for i, stage := range stages {
		if err := s.Write(t.Context(), stage); err != nil {
			t.Fatal(err)
		}
		if i > 0 { // the first only says which log it is
			if r, c := reached(pipeline.Responses), reached(pipeline.Complaints); len(r) != 1 || r[3] != 42 || len(c) != 1 || c[3] != 7 {
				t.Errorf("after stage %d of a flush rows have reached %v and %v", i, r, c)
			}
		}
	}
}
