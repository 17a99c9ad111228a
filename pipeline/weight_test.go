package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
)

const mebibyte = 1 << 20

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestLettersThatWaitHoldNoMoreThanTheyWeigh: bad messages share large fetch buffers with good ones.
func TestLettersThatWaitHoldNoMoreThanTheyWeigh(t *testing.T) {
	f := newFeeder()
	before := heap()
	for i := range int64(64) {
		buffer := bytes.Repeat([]byte("x"), 4*mebibyte)
		part := buffer[mebibyte : mebibyte+1000]
		rec := pipeline.Record{Offset: i, Key: part[:10], Value: part, Headers: []pipeline.Header{{Key: "till", Value: part[:5]}}}
		if got := f.Apply(&rec); got != pipeline.Diverted {
			t.Fatal(got)
		}
		clear(buffer) // as if the buffer were reused
	}
	if held := heap() - before; held > 8*mebibyte { // the decoder holds the last message
		t.Errorf("64 letters of 1000 bytes hold %d", held)
	}
	if got := f.PendingBytes(); got < 64*1000 || got > 64*1500 {
		t.Errorf("%d bytes are said to wait", got)
	}
	for _, d := range f.Flush().Dead {
		if want := strings.Repeat("x", 1000); string(d.Value) != want || string(d.Key) != want[:10] || string(d.Headers[0].Value) != want[:5] {
			t.Fatal("a letter has changed")
		}
	}
	if got := f.PendingBytes(); got != 0 {
		t.Errorf("%d bytes are said to wait after the flush", got)
	}
}

func TestNilAndEmptyStayApartInALetter(t *testing.T) {
	f := newFeeder()
	f.Apply(&pipeline.Record{Key: nil, Value: []byte{}, Headers: []pipeline.Header{{Key: "a"}, {Key: "b", Value: []byte{}}}})
	f.Apply(&pipeline.Record{Offset: 1, Key: []byte{}})
	dead := f.Flush().Dead
	a, b := dead[0], dead[1]
	if a.Key != nil || a.Value == nil || a.Headers[0].Value != nil || a.Headers[1].Value == nil || b.Key == nil || b.Value != nil || b.Headers != nil {
		t.Errorf("%#v", dead)
	}
}

func TestWhatALetterSaysOfItsFieldAndReasonIsBounded(t *testing.T) {
	long := strings.Repeat("ä", mebibyte)
	f := newFeeder()
	f.give(pipeline.Responses, long, answer("e", noon, 3, ""))
	f.give(pipeline.Responses, "c1", fmt.Sprintf(`{%q:%s}`, long, strings.Repeat("[", 20_000)))
	for _, d := range f.Flush().Dead {
		if len(d.Field) > 1010 || len(d.Reason) > 1500 || d.Reason == "" {
			t.Errorf("field of %d bytes, reason of %d", len(d.Field), len(d.Reason))
		}
	}
}

// heavy returns n batches of one message each, of this many bytes, made when they are taken.
type heavy struct {
	*harness
	n, size int
	value   func(i int) string
}

func (h *heavy) Open(_ context.Context, next [pipeline.Topics]int64) (pipeline.Feed, error) {
	feed := &channelFeed{batches: make(chan pipeline.Batch), closed: make(chan struct{})}
	feed.pump.Go(func() {
		for i := next[pipeline.Responses]; i < int64(h.n); i++ {
			value := append(make([]byte, 0, h.size), h.value(int(i))...)
			value = append(value, bytes.Repeat([]byte("x"), h.size-len(value))...)
			feed.send([]pipeline.Batch{{Records: []pipeline.Record{{Offset: i, Time: noon, Key: []byte("c1"), Value: value}}, Next: i + 1, High: int64(h.n)}}, [pipeline.Topics]int64{}, &h.feed.taken)
		}
	})
	return feed, nil
}

func (h *heavy) Name(topic pipeline.Topic) string { return h.log.Name(topic) }
func (h *heavy) Bounds(context.Context) (b [pipeline.Topics]pipeline.Bounds, err error) {
	b[pipeline.Responses].End = int64(h.n)
	return b, nil
}
func (h *heavy) RecordAt(context.Context, pipeline.Topic, int64) (*pipeline.Record, error) {
	return nil, nil
}

// TestLettersOfManyBytesAreFlushedEarlyAndWhileTheStoreBlocksNoMoreAreTaken sends 400 MiB of garbage to a hanging
// dead-letter topic.
func TestLettersOfManyBytesAreFlushedEarlyAndWhileTheStoreBlocksNoMoreAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size, bound, n = mebibyte, 8 * mebibyte, 400
		r := newHarness(nil, false)
		r.a.Ends = [pipeline.Topics]int64{n, 0}
		r.a.Log = &heavy{harness: r, n: n, size: size, value: func(int) string { return "garbage" }}
		r.worker.Settings.Ceiling = pipeline.Ceiling{}
		r.worker.FlushBytes, r.worker.FlushInterval = bound, time.Hour
		release := make(chan struct{})
		letters := 0
		r.worker.Dead = deadFunc(func(list []pipeline.DeadLetter) error {
			<-release
			letters += len(list)
			return nil
		})
		before := heap()
		done := r.start(t.Context())
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		// One flush in progress and one that waits for it, each of the limit, and a batch that the feed holds.
		held, taken := heap()-before, r.feed.taken.Load()
		t.Logf("%d letters taken, %d MiB held", taken, held/mebibyte)
		if taken < 9 || taken > 2*(bound/size)+1 || held > 2*bound+4*size {
			t.Errorf("%d letters taken and %d MiB held, while %d MiB may wait", taken, held/mebibyte, bound/mebibyte)
		}
		close(release)
		if err := <-done; !errors.Is(err, worker.ErrEnds) {
			t.Error(err)
		}
		if letters != n || r.feed.taken.Load() != n {
			t.Errorf("%d letters sent, %d taken", letters, r.feed.taken.Load())
		}
	})
}

// deadFunc is a dead-letter topic that keeps nothing.
type deadFunc func([]pipeline.DeadLetter) error

func (f deadFunc) Send(_ context.Context, letters []pipeline.DeadLetter) error { return f(letters) }

// TestEventsAsReceivedCountTowardsAnEarlyFlush: long comments wait for the raw table.
func TestEventsAsReceivedCountTowardsAnEarlyFlush(t *testing.T) {
	f := newFeeder()
	comment := fmt.Sprintf(`,"comment":%q`, strings.Repeat("c", 10_000))
	for i := range 50 {
		f.give(pipeline.Responses, "c1", answer(fmt.Sprint("e", i), noon.Add(time.Duration(i)*time.Second), 3, comment))
	}
	if got := f.PendingBytes(); got < 50*10_000 || got > 50*11_000 {
		t.Errorf("%d bytes are said to wait", got)
	}
	f.give(pipeline.Responses, "c1", answer("large", noon, 3, fmt.Sprintf(`,"unknown":%q`, strings.Repeat("u", 10*mebibyte))))
	if got := f.PendingBytes(); got > mebibyte {
		t.Errorf("%d bytes are said to wait, though no row has the unknown field", got)
	}
	without := settings()
	without.RawTables = false
	g := &feeder{Task: pipeline.NewTask(0, without, pipelinetest.NoObserver{})}
	g.give(pipeline.Responses, "c1", answer("e", noon, 3, comment))
	if got := g.PendingBytes(); got > 1000 {
		t.Errorf("%d bytes are said to wait without raw tables", got)
	}
}

// TestHistoriesCountTowardsAnEarlyFlush: each flush writes the whole history of a customer.
func TestHistoriesCountTowardsAnEarlyFlush(t *testing.T) {
	without := settings()
	without.RawTables = false
	f := &feeder{Task: pipeline.NewTask(0, without, pipelinetest.NoObserver{})}
	at := noon
	give := func() int {
		at = at.Add(time.Second)
		f.give(pipeline.Responses, "c1", answer(fmt.Sprint("e", at.Unix()), at, 3, ""))
		return f.PendingBytes()
	}
	for range 99 {
		give()
	}
	f.Flush()
	first, second := give(), give()
	if first < 100*20 || first > 100*40 || second != first {
		t.Errorf("%d bytes are said to wait for a history of 100 responses, and %d for one of 101", first, second)
	}
}
