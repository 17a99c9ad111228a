package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// stopping runs a worker over answers. Its first write hangs, in the way that hang says; later writes succeed at once. It
// ends the context while the first write hangs.
func stopping(t *testing.T, records int, hang func(ctx context.Context) error) (*harness, error) {
	t.Helper()
	r := newHarness(batchesOf(logs(answers(records)), 1), false)
	r.worker.FlushRows = 1
	first := true
	r.store.before = func(ctx context.Context, _ string) error {
		if !first {
			return nil
		}
		first = false
		return hang(ctx)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := r.start(ctx)
	synctest.Wait()
	cancel()
	return r, <-done
}

func TestAFlushBrokenOffLetsNoneFollowIt(t *testing.T) {
	hangs := map[string]func(ctx context.Context) error{
		"a write that ends with its context": func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		},
		"a write that fails for good once the context has ended": func(context.Context) error {
			time.Sleep(time.Second)
			return &pipeline.FinalError{Err: errors.New("no such column")}
		},
	}
	for name, hang := range hangs {
		for _, records := range []int{1, 2, 5} { // with one the loop waits for events, with more for the flush
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					r, err := stopping(t, records, hang)
					if err == nil || errors.Is(err, worker.ErrEnds) {
						t.Errorf("got %v", err)
					}
					if took := time.Since(began); took > r.worker.StopTimeout {
						t.Errorf("stopping took %v", took)
					}
					wantNone(t, "commits", r.of("commit"))
					wantNone(t, "writes", r.of("write"))
				})
			})
		}
	}
}

func TestAFailureThatArrivesTogetherWithTheEndOfTheContextLetsNoFlushFollow(t *testing.T) {
	for range 50 { // the select of the loop picks either
		synctest.Test(t, func(t *testing.T) {
			r := newHarness(batchesOf(logs(answers(1)), 1), false)
			r.worker.FlushRows = 1
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r.store.before = func(context.Context, string) error {
				cancel()
				r.store.before = nil
				return &pipeline.FinalError{Err: errors.New("no such column")}
			}
			if err := <-r.start(ctx); err == nil {
				t.Error("no error")
			}
			wantNone(t, "commits", r.of("commit"))
		})
	}
}

func TestAFlushOnItsWayGetsItsTimeAfterTheContextHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := stopping(t, 5, func(ctx context.Context) error {
			select {
			case <-time.After(9 * time.Second):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		// The second record was taken during the first write; more may arrive before the feed is closed.
		if got := r.of("commit"); len(got) < 2 || got[0] != "commit [1 0 0 0 0 0]" || got[1] != "commit [2 0 0 0 0 0]" {
			t.Errorf("commits %q", got)
		}
	})
}

func TestAStoreThatBlocksStopsTheFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const records, rows = 2000, 50
		r := newHarness(batchesOf(logs(answers(records)), 5), true)
		r.worker.FlushRows, r.worker.FlushInterval = rows, time.Second
		release := make(chan struct{})
		r.store.before = func(context.Context, string) error {
			<-release
			return nil
		}
		done := r.start(t.Context())
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		// One flush in progress and one that waits for it, each of less than the rows and a batch.
		if taken := r.feed.taken.Load(); taken == 0 || taken > 2*(rows+5) {
			t.Errorf("%d records taken", taken)
		}
		close(release)
		if err := <-done; !errors.Is(err, worker.ErrEnds) {
			t.Error(err)
		}
		if taken := r.feed.taken.Load(); taken != records {
			t.Errorf("%d records taken in the end", taken)
		}
	})
}
