package pipeline_test

import (
	"strings"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
)

func TestAnInvitationWithAnOwnersWordCountsFromTheOffsetThatTheWordHas(t *testing.T) {
	set := settings()
	set.Admitted = pipeline.Admitted{{Key: event.SourceWords, Name: "whatsapp"}: {From: map[pipeline.Topic][]int64{pipeline.Asked: {1, 1}}}}
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	for offset, want := range []pipeline.Result{pipeline.Diverted, pipeline.Applied} {
		rec := pipeline.Record{Topic: pipeline.Asked, Offset: int64(offset), Time: time.Now(), Key: []byte("c1"),
			Value: []byte(`{"event_id":"i1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","occasion":"purchase","channel":"email","source":"whatsapp"}`)}
		if got := task.Apply(&rec); got != want {
			t.Errorf("at offset %d: %v, want %v", offset, got, want)
		}
	}
	f := task.Flush()
	if len(f.Dead) != 1 || !strings.Contains(f.Dead[0].Reason, "whatsapp") {
		t.Errorf("dead letters %+v", f.Dead)
	}
}
