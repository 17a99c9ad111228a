package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
)

// began returns a harness whose tables have ten answers, offsets 0 to 9, and whose log has twenty; change may alter it.
func began(t *testing.T, change func(*harness)) (*harness, error) {
	t.Helper()
	list := answers(20)
	one := newHarness(batchesOf(logs(list[:10]), 1), true)
	if err := <-one.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
		t.Fatal(err)
	}
	two := newHarness(batchesOf(logs(list), 1), true)
	two.store.Store = one.store.Store
	change(two)
	return two, <-two.start(t.Context())
}

func TestReadingBeginsWhereTheRowsAreWhateverTheGroupHasCommitted(t *testing.T) {
	for what, committed := range map[string]int64{"nothing": -1, "the start": 0, "what the rows have": 10, "more than the rows have": 15, "the end": 20, "beyond the end": 99} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := began(t, func(r *harness) { r.a.Committed[pipeline.Responses] = committed })
				if got := r.of("open"); !errors.Is(err, worker.ErrEnds) || !slices.Equal(got, []string{"open [10 0 0 0 0 0]"}) {
					t.Errorf("%q, %v", got, err)
				}
				compare(t, inOrder(t, answers(20)), r.store.Store)
			})
		})
	}
}

// forget removes the positions from a store, as if an older release without them had written it.
func forget(s *pipelinetest.Store) { s.Truncate(pipeline.TablePositions) }

func TestALogThatCannotBeGoneOnWithIsRefusedWithAWayOn(t *testing.T) {
	first := func(n int64) func(*harness) { return func(r *harness) { r.log.bounds[pipeline.Responses].First = n } }
	both := func(list ...func(*harness)) func(*harness) {
		return func(r *harness) {
			for _, f := range list {
				f(r)
			}
		}
	}
	accept := func(r *harness) { r.worker.AcceptLost = true }
	older := func(r *harness) { forget(r.store.Store); r.store.older = true }
	fresh := func(r *harness) { r.store.Store = pipelinetest.NewStore() }
	for _, c := range []struct {
		what   string
		change func(*harness)
		open   string   // when it goes on
		lost   int64    // when it goes on
		words  []string // when it is refused
	}{
		{"read events removed", first(7), "open [10 0 0 0 0 0]", 0, nil},
		{"all read events removed", first(10), "open [10 0 0 0 0 0]", 0, nil},
		{"an unread event removed", first(11), "", 0, []string{"csat.responses, partition 0", "1 events were removed", "up to offset 10", "begins at 11", "--accept-lost"}},
		{"unread events removed", first(14), "", 0, []string{"4 events were removed"}},
		{"unread events removed and accepted", both(first(14), accept), "open [14 0 0 0 0 0]", 4, nil},
		{"a shorter log", func(r *harness) { r.log.bounds[pipeline.Responses].End = 9 }, "", 0, []string{"csat.responses, partition 0", "up to offset 9", "ends at 9", "made anew, or cut", "clickhouse.database"}},
		{"a log as long as the old one with other records", func(r *harness) { r.log.list[9].Records[0].Value = []byte("{}") }, "", 0, []string{"offset 9 is not the one", "made anew", "clickhouse.database"}},
		{"an accepted loss does not accept another log", both(accept, func(r *harness) { r.log.list[9].Records[0].Value = []byte("{}") }), "", 0, []string{"made anew"}},
		{"more partitions", func(r *harness) { r.worker.Settings.Partitions = 3 }, "", 0, []string{"with 2 partitions", "there are 3", "new topics", "clickhouse.database"}},
		{"a new database on a log that begins late", both(fresh, first(14)), "open [14 0 0 0 0 0]", 0, nil},
		{"a new database with a group that has committed", both(fresh, func(r *harness) { r.a.Committed[pipeline.Responses] = 12 }), "open [0 0 0 0 0 0]", 0, nil},
		{"rows of an older logic", older, "open [0 0 0 0 0 0]", 0, nil},
		{"rows of an older logic, and the log begins late", both(older, first(7)), "", 0, []string{"7 events were removed", "up to offset 0"}},
		{"no positions, as before they were kept", func(r *harness) { forget(r.store.Store) }, "open [0 0 0 0 0 0]", 0, nil},
		{"no positions, and read events removed", both(func(r *harness) { forget(r.store.Store) }, first(10)), "open [10 0 0 0 0 0]", 0, nil},
		{"no positions, and unread events removed", both(func(r *harness) { forget(r.store.Store) }, first(12)), "", 0, []string{"2 events were removed"}},
		{"no positions, and events removed that were committed", both(func(r *harness) { forget(r.store.Store); r.a.Committed[pipeline.Responses] = 12 }, first(12)), "open [12 0 0 0 0 0]", 0, nil},
		{"no positions, and a shorter log", both(func(r *harness) { forget(r.store.Store) }, func(r *harness) { r.log.bounds[pipeline.Responses].End = 5 }), "", 0, []string{"ends at 5"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := began(t, c.change)
				if len(c.words) == 0 {
					if got := r.of("open"); !errors.Is(err, worker.ErrEnds) || !slices.Equal(got, []string{c.open}) || r.meter.lost.Load() != c.lost {
						t.Errorf("%q, %v, %d events lost; want %q, %d lost", got, err, r.meter.lost.Load(), c.open, c.lost)
					}
					return
				}
				var final *pipeline.FinalError
				if !errors.As(err, &final) {
					t.Fatalf("%v is not final", err)
				}
				for _, w := range c.words {
					if !strings.Contains(err.Error(), w) {
						t.Errorf("%q does not say %q", err, w)
					}
				}
				wantNone(t, "opened", r.of("open"))
				wantNone(t, "written", r.of("write"))
			})
		})
	}
}

func TestACrashInTheFirstFlushLeavesRowsWhoseLogIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newHarness(batchesOf(logs(answers(5)), 1), true)
		r.store.before = failOn("satisfaction_panes")
		if err := <-r.start(t.Context()); err == nil {
			t.Fatal("no error")
		}
		other := newHarness(batchesOf(logs(answers(9)[2:]), 1), true)
		other.store.Store = r.store.Store
		if err := <-other.start(t.Context()); err == nil || !strings.Contains(err.Error(), "made anew") {
			t.Errorf("another log was taken for the one of the rows: %v", err)
		}
	})
}
