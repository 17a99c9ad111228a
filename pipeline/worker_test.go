package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

const (
	firstStage = "responses complaint_events purchases observations departures asked satisfaction_panes recovery_panes complaints moments"
	lastStage  = "customer_responses customer_complaints customer_purchases"
)

// mixed returns events of both topics, and one that cannot be read.
func mixed(seed uint64) []message {
	r := rand.New(rand.NewPCG(seed, 5))
	return append(someEvents(r, 60), message{pipeline.Responses, "c1", `{"event_id":`, noon})
}

func TestAFlushWritesDeadLettersThenTheLogThenWhatWasComputedThenChurnThenHistoriesThenThePositionThenCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topics := logs(mixed(4))
		r := newHarness(batchesOf(topics, 7), true)
		if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		var next [pipeline.Topics]int64
		for topic := range next {
			next[topic] = int64(len(topics[topic]))
		}
		want := &journal{}
		want.note("open %v", [pipeline.Topics]int64{})
		want.note("dead 1")
		want.note("write positions")
		want.note("write " + firstStage)
		want.note("write churn")
		want.note("write " + lastStage)
		want.note("write positions")
		want.note("commit %v", next)
		if d := cmp.Diff(want.all(), r.all()); d != "" {
			t.Errorf("(-want, +got):\n%s", d)
		}
		if n := r.meter.released.Load(); n != 1 {
			t.Errorf("released %d times", n)
		}
	})
}

func TestAWriteThatFailsIsTriedAgainAndNothingAfterItHappensBefore(t *testing.T) {
	for _, table := range []string{"dead", "satisfaction_panes", "churn", "customer_responses"} {
		t.Run(table, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newHarness(batchesOf(logs(mixed(2)), 7), true)
				failures := 3
				fail := func() error {
					if failures == 0 {
						return nil
					}
					failures--
					return errors.New("for now")
				}
				r.dead.before = func() error {
					if table == "dead" {
						return fail()
					}
					return nil
				}
				r.store.before = func(_ context.Context, tables string) error {
					if strings.Contains(tables, table) {
						return fail()
					}
					return nil
				}
				began := time.Now()
				if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
					t.Fatal(err)
				}
				if took := time.Since(began); took != 700*time.Millisecond {
					t.Errorf("three pauses took %v, not 100 + 200 + 400 ms", took)
				}
				var want []string
				for _, done := range []string{"dead 1", "write positions", "write " + firstStage, "write churn", "write " + lastStage, "write positions"} {
					if strings.Contains(done, table) {
						name := "failed " + strings.TrimPrefix(strings.TrimSuffix(done, " 1"), "write ")
						want = append(want, name, name, name)
					}
					want = append(want, done)
				}
				got := r.all()
				if d := cmp.Diff(want, got[1:len(got)-1]); d != "" || !strings.HasPrefix(got[len(got)-1], "commit") {
					t.Errorf("%q (-want, +got):\n%s", got, d)
				}
			})
		})
	}
}

func TestAFinalErrorEndsTheRunWithoutACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(mixed(3)), 7), true)
		wrong := errors.New("no such column")
		r.store.before = func(_ context.Context, tables string) error {
			if tables == "churn" {
				return &pipeline.FinalError{Err: wrong}
			}
			return nil
		}
		if err := <-r.start(t.Context()); !errors.Is(err, wrong) {
			t.Errorf("got %v", err)
		}
		wantNone(t, "histories after a failure", r.of("write customer"))
		wantNone(t, "commits", r.of("commit"))
	})
}

func TestACommitThatFailsEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(answers(5)), 1), true)
		r.worker.FlushRows = 1
		lost := errors.New("another generation has begun")
		r.a.Commit = func(context.Context, [pipeline.Topics]int64) error {
			r.note("commit")
			return lost
		}
		if err := <-r.start(t.Context()); !errors.Is(err, lost) {
			t.Errorf("got %v", err)
		}
		if n := len(r.of("commit")); n != 1 {
			t.Errorf("%d commits", n)
		}
	})
}

func TestAContextThatEndsFlushesAndCommitsWhatWasApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := mixed(4)
		r := newHarness(batchesOf(logs(list), 3), false)
		ctx, cancel := context.WithCancelCause(t.Context())
		done := r.start(ctx)
		synctest.Wait()
		wantNone(t, "commits before the end", r.of("commit"))
		asked := errors.New("asked to stop")
		cancel(asked)
		if err := <-done; !errors.Is(err, asked) {
			t.Errorf("got %v", err)
		}
		if got := r.of("commit"); len(got) != 1 {
			t.Errorf("commits: %q", got)
		}
		compare(t, inOrder(t, list), r.store.Store)
	})
}

func TestAWorkerGoesOnWhereAnotherStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := mixed(5)
		topics := logs(list)
		var half, rest [pipeline.Topics][]pipeline.Record
		for i, log := range topics {
			half[i], rest[i] = log[:len(log)/2], log[len(log)/2:]
		}
		one := newHarness(batchesOf(half, 4), true)
		one.worker.FlushRows = 20
		if err := <-one.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		two := newHarness(batchesOf(rest, 4), true)
		two.store.Store = one.store.Store
		if err := <-two.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		if got, want := two.of("open"), fmt.Sprintf("open %v", one.a.Ends); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
		compare(t, inOrder(t, list), two.store.Store)
	})
}

func TestAnErrorOfTheFeedEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(answers(5)), 1), false)
		r.feed.err = errors.New("the log was cut")
		if err := <-r.start(t.Context()); !errors.Is(err, r.feed.err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRowsAreWrittenAtTheFlushIntervalAndAnIdlePartitionWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(answers(5)), 1), false)
		r.worker.FlushInterval = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		done := r.start(ctx)
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		wantNone(t, "writes before the interval", r.of("write"))
		time.Sleep(time.Minute)
		synctest.Wait()
		cancel()
		<-done
		if got := r.of("commit"); !slices.Equal(got, []string{"commit [5 0 0 0 0 0]"}) {
			t.Errorf("commits: %q", got)
		}
	})
}

// TestFarBehindItFlushesAtEachTenthInterval: the log delivers a batch every half interval.
func TestFarBehindItFlushesAtEachTenthInterval(t *testing.T) {
	const batches, size = 120, 5 // two of them per interval
	synctest.Test(t, func(t *testing.T) {
		list := batchesOf(logs(answers(batches*size)), size)
		r := newHarness(list, true)
		r.worker.FlushInterval = time.Second
		r.feed.pause = 500 * time.Millisecond
		var at []time.Duration
		began := time.Now()
		commit := r.a.Commit
		r.a.Commit = func(ctx context.Context, next [pipeline.Topics]int64) error {
			at = append(at, time.Since(began).Round(time.Second))
			return commit(ctx, next)
		}
		if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		// With ten intervals' worth left it flushes at each interval again.
		want := []time.Duration{10, 20, 30, 40, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60}
		for i := range want {
			want[i] *= time.Second
		}
		if at = slices.Compact(at); !slices.Equal(at, want) { // the last tick and the end come at once
			t.Errorf("flushed at %v, want %v", at, want)
		}
	})
}

func TestACommitThatFailsWhenTheProcessStopsDoesNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := mixed(6)
		r := newHarness(batchesOf(logs(list), 3), false)
		r.worker.FlushRows = 50
		ctx, cancel := context.WithCancelCause(t.Context())
		asked := errors.New("asked to stop")
		r.a.Commit = func(context.Context, [pipeline.Topics]int64) error {
			if ctx.Err() != nil {
				return errors.New("another generation has begun")
			}
			return nil
		}
		done := r.start(ctx)
		synctest.Wait()
		cancel(asked)
		if err := <-done; !errors.Is(err, asked) {
			t.Errorf("got %v", err)
		}
		compare(t, inOrder(t, list), r.store.Store)
	})
}

// TestWorkersFlushAtFullIntervalsOfTheClock: two workers start at odd times.
func TestWorkersFlushAtFullIntervalsOfTheClock(t *testing.T) {
	for _, start := range []time.Duration{0, 300 * time.Millisecond, 999 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(start)
			r := newHarness(batchesOf(logs(answers(3)), 10), false)
			r.worker.FlushInterval, r.worker.FlushTogether = time.Second, true
			var at []time.Duration
			r.store.before = func(context.Context, string) error {
				at = append(at, time.Duration(time.Now().UnixNano())%time.Second)
				return nil
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := r.start(ctx)
			time.Sleep(2500 * time.Millisecond)
			synctest.Wait()
			wrote := slices.Clone(at)
			cancel()
			<-done
			if len(wrote) == 0 || slices.ContainsFunc(wrote, func(d time.Duration) bool { return d != 0 }) {
				t.Errorf("started at %v it wrote at %v of a second", start, wrote)
			}
		})
	}
}
