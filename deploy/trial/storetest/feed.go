package storetest

import (
	"slices"
	"testing"
	"time"

	"csatflow/deploy/simulate"
	"csatflow/pipeline"
)

// Feed applies a simulated feed to a task, as one partition of each topic. each, which may be nil, sees every event, and may keep its bytes.
func Feed(t testing.TB, task *pipeline.Task, c simulate.Config, each func(*simulate.Event)) *simulate.Truth {
	t.Helper()
	feed, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var next [pipeline.Topics]int64
	var last [pipeline.Topics]pipeline.Record
	var e simulate.Event
	for feed.Next(&e) {
		e.Key, e.Value = slices.Clone(e.Key), slices.Clone(e.Value)
		topic, known := pipeline.TopicOf(e.Topic)
		if !known {
			t.Fatalf("the simulator's topic %q is not one of the pipeline's", e.Topic)
		}
		// Retention of events as received starts now.
		last[topic] = pipeline.Record{Topic: topic, Offset: next[topic], Time: time.Now(), Key: e.Key, Value: e.Value}
		task.Apply(&last[topic])
		next[topic]++
		if each != nil {
			each(&e)
		}
	}
	for topic, n := range next {
		if n > 0 {
			task.EndBatch(&pipeline.Batch{Topic: pipeline.Topic(topic), Records: last[topic : topic+1], Next: n, High: n})
		}
	}
	return feed.Truth()
}
