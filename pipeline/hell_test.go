package pipeline_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
	declared "csatflow/schemas/tables"
)

// dayOfAll sums the grades in the day panes of scope all, from the rows of flushes.
type dayOfAll map[string]int64

func (d dayOfAll) add(t *testing.T, f *pipeline.Flush) {
	t.Helper()
	store := pipelinetest.NewStore()
	if err := store.Write(t.Context(), f.Of(declared.FactsStage)); err != nil {
		t.Fatal(err)
	}
	for key, r := range store.Table(pipeline.TableSatisfactionPanes) {
		if r["scope_kind"] == "all" && r["resolution"] == uint32(86400) {
			groups, err := pane.Satisfaction.Split(r["groups"].(uint32), r["counters"].([]int64))
			if err != nil {
				t.Fatal(err)
			}
			d[key] = 0
			for _, n := range groups[pane.Grades] {
				d[key] += n
			}
		}
	}
}

func (d dayOfAll) sum() (n int64) {
	for _, v := range d {
		n += v
	}
	return n
}

// TestACustomerWithAMillionEvents: a till puts one customer_id on all its responses. They all count, and the customer
// takes no more memory than any other.
func TestACustomerWithAMillionEvents(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	set := settings()
	set.PaneLimit = 1 << 20
	f := &feeder{Task: pipeline.NewTask(0, set, pipelinetest.NoObserver{})}
	days := dayOfAll{}
	for i := range n {
		at := noon.Add(time.Duration(i) * time.Second)
		if i%7 == 0 {
			at = at.Add(-time.Duration(i%5000) * time.Minute) // up to 3.5 days late
		}
		if got := f.give(pipeline.Responses, "c1", answer(fmt.Sprint("e", i), at, 1+i%7, `,"store_id":"s1"`)); got != pipeline.Applied {
			t.Fatalf("response %d: %s", i, got)
		}
		if i%100_000 == 99_999 || i == n-1 {
			days.add(t, f.Flush())
		}
	}
	if got := days.sum(); got != int64(n) {
		t.Errorf("%d responses counted of %d", got, n)
	}
}

// TestNamesThatAreNotUsedAnyMoreLeaveMemory: nearly every event has another store.
func TestNamesThatAreNotUsedAnyMoreLeaveMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, limit = 4000, 2000
		list := answers(n)
		for i := range list {
			list[i].key = fmt.Sprint("t", i%3)
			list[i].value = strings.Replace(list[i].value, `"customer_id":"c1"`, fmt.Sprintf(`"terminal_id":"t%d","store_id":"s%d","brand":"b%d"`, i%3, i, i/2), 1)
		}
		r := newHarness(batchesOf(logs(list), 10), true)
		r.worker.Settings.NameLimit, r.worker.Settings.PaneLimit, r.worker.FlushRows = limit, 100, 500
		if err := <-r.start(t.Context()); !errors.Is(err, worker.ErrEnds) {
			t.Fatal(err)
		}
		if n := r.meter.restored.Load(); n < 3 {
			t.Errorf("restored %d times", n)
		}
		if got := r.worker.Task().Names(); got > 3*limit { // a restore may find twice as many, and a flush takes its time
			t.Errorf("%d names in memory, the limit is %d", got, limit)
		}
		compare(t, inOrder(t, list), r.store.Store)
	})
}

// TestAMillionStores measures the memory of a name, since this many may arrive before they are released.
func TestAMillionStores(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	set := settings()
	set.PaneLimit = 1000
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	stored := 0
	for i := range n {
		at := noon.Add(time.Duration(i) * time.Second)
		value := fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"terminal_id":"t1","grade":5,"store_id":"s%d"}`, i, at.Format(time.RFC3339), i)
		rec := pipeline.Record{Offset: int64(i), Key: []byte("t1"), Value: []byte(value)}
		if got := task.Apply(&rec); got != pipeline.Applied {
			t.Fatalf("response %d: %s", i, got)
		}
		if i%10_000 == 9_999 {
			for _, rows := range task.Flush().Of(declared.FactsStage) {
				stored += rows.Len()
			}
		}
	}
	bytes := float64(heap()-before) / float64(n)
	t.Logf("%d stores, %d names, %d rows of panes: %.0f B a store", n, task.Names(), stored, bytes)
	if bytes > 1500 {
		t.Errorf("a store takes %.0f B", bytes)
	}
	runtime.KeepAlive(task)
}

// TestClocksThatJump mixes times from 1970 to 2105 with the present.
func TestClocksThatJump(t *testing.T) {
	f := newFeeder()
	days := dayOfAll{}
	n := 0
	for i := range 300 {
		at := noon.Add(time.Duration(i) * time.Hour)
		switch i % 10 {
		case 3:
			at = time.Date(1970, 1, 1, 0, 0, i, 0, time.UTC)
		case 7:
			at = time.Date(2105, 12, 31, 23, 59, i%60, 0, time.UTC)
		}
		if got := f.give(pipeline.Responses, "c1", answer(fmt.Sprint("e", i), at, 4, "")); got != pipeline.Applied {
			t.Fatalf("response %d: %s", i, got)
		}
		n++
		if i%20 == 0 {
			days.add(t, f.Flush())
		}
	}
	days.add(t, f.Flush())
	if got := days.sum(); got != int64(n) || len(days) < 15 {
		t.Errorf("%d responses counted of %d, on %d days", got, n, len(days))
	}
	for i, year := range []string{"0001", "1969", "2106", "9999", "-001", "10000"} {
		got := f.give(pipeline.Responses, "c1", fmt.Sprintf(`{"event_id":"y%d","occurred_at":"%s-06-01T12:00:00Z","customer_id":"c1","grade":4}`, i, year))
		if got != pipeline.Diverted {
			t.Errorf("year %s: %s", year, got)
		}
	}
	for _, d := range f.Flush().Dead {
		if d.Field != "occurred_at" || !strings.Contains(d.Reason, "1970 to 2105") {
			t.Errorf("field %q, reason %q", d.Field, d.Reason)
		}
	}
}

func TestATombstoneIsADeadLetterWithItsKey(t *testing.T) {
	f := newFeeder()
	rec := pipeline.Record{Topic: pipeline.Complaints, Offset: 5, Key: []byte("c1")}
	if got := f.Apply(&rec); got != pipeline.Diverted {
		t.Fatal(got)
	}
	if d := f.Flush().Dead; len(d) != 1 || string(d[0].Key) != "c1" || d[0].Value != nil || d[0].Reason == "" {
		t.Errorf("%+v", d)
	}
}
