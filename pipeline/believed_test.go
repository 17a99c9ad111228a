package pipeline_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
)

// breaches counts the promises reported as broken.
type breaches struct {
	pipelinetest.NoObserver
	n int
}

func (b *breaches) Breached(*customer.Summary) { b.n++ }

func TestAnEventFromTheFutureMovesNoCounterOfOthersAndTheRowsAreTheSame(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	opened := now.Add(-2 * time.Hour)
	run := func(believe bool, future time.Time) (told int, watermark time.Time, rows []pipeline.Rows) {
		b := &breaches{}
		task := pipeline.NewTask(0, settings(), b)
		if believe {
			task.Believe(now)
		}
		next := [pipeline.Topics]int64{}
		send := func(topic pipeline.Topic, key, value string) {
			t.Helper()
			r := pipeline.Record{Topic: topic, Offset: next[topic], Time: now, Key: []byte(key), Value: []byte(value)}
			next[topic]++
			if got := task.Apply(&r); got != pipeline.Applied {
				t.Fatalf("%s is %s", value, got)
			}
		}
		for i := range 20 {
			send(pipeline.Complaints, fmt.Sprintf("c-%d", i), fmt.Sprintf(`{"event_id":"o%d","complaint_id":"k%d","customer_id":"c-%d","step":"opened","occurred_at":%q,"category":"delivery"}`, i, i, i, opened.Format(time.RFC3339)))
		}
		send(pipeline.Responses, "c-99", fmt.Sprintf(`{"event_id":"f","occurred_at":%q,"customer_id":"c-99","grade":3}`, future.Format(time.RFC3339)))
		return b.n, time.UnixMilli(task.Watermark()).UTC(), slices.Concat(task.Flush().Stages()...)
	}
	far := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	told, watermark, rows := run(true, far)
	if told != 0 || !watermark.Equal(opened) {
		t.Errorf("by an event of %s %d promises of others are told to be broken, and the watermark is %s", far, told, watermark)
	}
	without, _, same := run(false, far)
	if without != 20 {
		t.Fatalf("without a clock %d promises are told to be broken", without)
	}
	if d := cmp.Diff(same, rows); d != "" {
		t.Errorf("the clock has changed the rows:\n%s", d)
	}
	if _, watermark, _ := run(true, now.Add(59*time.Minute)); !watermark.Equal(now.Add(59 * time.Minute)) {
		t.Errorf("a sender whose clock is a little fast moves the watermark to %s", watermark)
	}
}

func TestAWorkerBelievesItsClockAlsoAfterARestart(t *testing.T) {
	list := answers(3)
	latest := list[2].at
	far := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	list = append(list, message{pipeline.Responses, "c2", strings.ReplaceAll(answer("far", far, 3, ""), `"c1"`, `"c2"`), far})
	first := newHarness(batchesOf(logs(list), 2), true)
	again := newHarness(batchesOf(logs(list), 2), true)
	again.store.Store = first.store.Store
	for _, r := range []*harness{first, again} { // one after the other
		if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
	}
	if n := again.meter.restored.Load(); n != 1 {
		t.Fatalf("restored %d times", n)
	}
	for name, r := range map[string]*harness{"at first": first, "after a restart": again} {
		if got := time.UnixMilli(r.worker.Task().Watermark()).UTC(); !got.Equal(latest) {
			t.Errorf("%s the watermark is %s, want %s", name, got, latest)
		}
	}
}
