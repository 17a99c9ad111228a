package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

// lateEvents returns events for far more panes than the least limit of memory; a third are out of order.
func lateEvents(r *rand.Rand, n int) []message {
	list := someEvents(r, n)
	for range n / 3 {
		from, to := r.IntN(n), r.IntN(n)
		m := list[from]
		list = append(list[:from], list[from+1:]...)
		list = append(list[:to], append([]message{m}, list[to:]...)...)
	}
	return list
}

// tables applies the events with a limit of panes, and a flush or restart now and then.
func tables(t *testing.T, r *rand.Rand, list []message, limit int, restarts bool) (store *pipelinetest.Store, readBack int) {
	t.Helper()
	set := settings()
	set.PaneLimit = limit
	store = pipelinetest.NewStore()
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	flush := func() {
		if task.Absent() {
			readBack++
			if err := task.FetchAbsent(context.Background(), store); err != nil {
				t.Fatal(err)
			}
		}
		write(t, store, task.Flush())
	}
	var next [pipeline.Topics]int64
	for _, m := range list {
		rec := pipeline.Record{Topic: m.topic, Offset: next[m.topic], Time: m.at, Key: []byte(m.key), Value: []byte(m.value)}
		next[m.topic]++
		task.Apply(&rec)
		switch r.IntN(50) {
		case 0, 1, 2:
			flush()
		case 3:
			if !restarts {
				continue
			}
			flush()
			task = pipeline.NewTask(0, set, pipelinetest.NoObserver{})
			if err := task.Restore(context.Background(), store); err != nil {
				t.Fatal(err)
			}
			for topic, at := range next {
				task.Seek(pipeline.Topic(topic), at)
			}
		}
	}
	flush()
	if task.Panes() > 2*max(limit, 1000) {
		t.Errorf("%d panes stay in memory after a flush, the limit is %d", task.Panes(), limit)
	}
	return store, readBack
}

func TestOldPanesAreReadBackForLateEvents(t *testing.T) {
	for seed, restarts := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarts %v", restarts), func(t *testing.T) {
			list := lateEvents(rand.New(rand.NewPCG(uint64(seed), 7)), 700)
			few, readBack := tables(t, rand.New(rand.NewPCG(uint64(seed), 8)), list, 1000, restarts)
			all, none := tables(t, rand.New(rand.NewPCG(uint64(seed), 8)), list, 1<<20, restarts)
			if readBack == 0 || none != 0 {
				t.Fatalf("%d times read back with few panes, %d with all: the test shows nothing", readBack, none)
			}
			for _, table := range stateTables {
				if d := cmp.Diff(all.Content(table), few.Content(table)); d != "" {
					t.Fatalf("%s (-all in memory, +few):\n%.2000s", table, d)
				}
			}
		})
	}
}

func TestAnEventForAPaneThatWasNeverStoredMakesItAfterAll(t *testing.T) {
	list := append(someEvents(rand.New(rand.NewPCG(9, 9)), 500), answers(1)...)
	long := noon.Add(-100 * 24 * time.Hour)
	list[500].key, list[500].at = "c1", long
	list[500].value = answer("late", long, 4, "")
	few, readBack := tables(t, rand.New(rand.NewPCG(9, 8)), list, 1000, false)
	if readBack == 0 {
		t.Fatal("nothing was read back")
	}
	compare(t, inOrder(t, list), few)
}
