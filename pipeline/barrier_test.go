package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
)

// defect is an observer that panics at some responses, by event id, after all else is done.
type defect struct {
	pipelinetest.NoObserver
	over []string
	then func()
}

func (d *defect) Response(r *event.Response) {
	if slices.Contains(d.over, string(r.EventID)) {
		d.then()
	}
}

func TestARecordThatMakesCsatflowPanicBecomesADeadLetterAndTheOthersCount(t *testing.T) {
	list := answers(60)
	for _, over := range [][]string{{"e0"}, {"e31"}, {"e59"}, {"e7", "e8", "e40"}} {
		var good []message
		for i, m := range list {
			if !slices.Contains(over, fmt.Sprint("e", i)) {
				good = append(good, m)
			}
		}
		for name, spoil := range map[string]func(r *harness) func(){
			"applied": func(*harness) func() { return func() { panic("a defect") } },
			"flushed": func(r *harness) func() { return func() { r.worker.Task().Spoil() } },
		} {
			for _, size := range []int{1, 7, 60} {
				t.Run(fmt.Sprintf("%s when %s, in batches of %d", over, name, size), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						r := newHarness(batchesOf(logs(list), size), true)
						var said bytes.Buffer
						r.worker.Log = slog.New(slog.NewTextHandler(&said, nil))
						r.worker.FlushRows = 20
						r.worker.Observer = &defect{over: over, then: spoil(r)}
						if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
							t.Fatal(err)
						}
						compare(t, inOrder(t, good), r.store.Store)
						letters := map[string]bool{}
						for _, d := range r.dead.sent {
							letters[string(d.Value)] = true
							if !strings.Contains(d.Reason, "panicked") || !strings.Contains(d.Reason, "report it") {
								t.Errorf("reason %q", d.Reason)
							}
						}
						if len(letters) != len(over) {
							t.Errorf("%d dead letters for %q", len(letters), over)
						}
						if n := strings.Count(said.String(), "stack="); n != len(over) || int(r.meter.panicked.Load()) != len(over) {
							t.Errorf("%d stack traces, %d counted", n, r.meter.panicked.Load())
						}
					})
				})
			}
		}
	}
}

// TestAPanicThatNoRecordExplainsEndsTheWorker: with endless tries it would restore forever.
func TestAPanicThatNoRecordExplainsEndsTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(answers(20)), 5), true)
		r.worker.Observer = &always{r}
		err := <-r.start(t.Context())
		var final *pipeline.FinalError
		if !errors.As(err, &final) || !strings.Contains(err.Error(), "panic") {
			t.Errorf("got %v", err)
		}
	})
}

// always breaks the task whatever is applied, even a dead letter.
type always struct{ *harness }

func (a *always) Record(pipeline.Topic, pipeline.Result, int) { a.worker.Task().Spoil() }
func (a *always) Response(*event.Response)                    {}
func (a *always) Complaint(*event.Complaint, *customer.Summary, *customer.Summary) {
}
func (a *always) Breached(*customer.Summary) {}

func TestTheRestOfABatchIsLeftWhenTheContextEnds(t *testing.T) {
	const n = 20_000
	list := answers(n)
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(list), n), false)
		ctx, cancel := context.WithCancel(t.Context())
		r.worker.Observer = &defect{over: []string{"e100"}, then: cancel}
		if err := <-r.start(ctx); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		commits := r.of("commit")
		if len(commits) != 1 || !strings.HasPrefix(commits[0], "commit [1") || len(commits[0]) != len("commit [128 0 0 0 0 0]") {
			t.Errorf("commits %q", commits)
		}
		again := newHarness(batchesOf(logs(list), n), true)
		again.store.Store, again.worker.Store = r.store.Store, again.store
		if err := <-again.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		compare(t, inOrder(t, list), again.store.Store)
	})
}
