package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
)

// journal is what a worker did, in order.
type journal struct {
	mu   sync.Mutex
	list []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, fmt.Sprintf(format, args...))
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.list...)
}

// of returns the entries with this prefix.
func (j *journal) of(prefix string) (list []string) {
	for _, e := range j.all() {
		if strings.HasPrefix(e, prefix) {
			list = append(list, e)
		}
	}
	return list
}

// notedStore is a store in memory that notes its writes; a test may delay each or make it fail.
type notedStore struct {
	*pipelinetest.Store
	*journal
	before func(ctx context.Context, tables string) error
	older  bool
}

func (s *notedStore) Write(ctx context.Context, rows []pipeline.Rows) error {
	var names []string
	for _, r := range rows {
		names = append(names, r.Table)
	}
	tables := strings.Join(names, " ")
	if s.before != nil {
		if err := s.before(ctx, tables); err != nil {
			s.note("failed %s", tables)
			return err
		}
	}
	s.note("write %s", tables)
	return s.Store.Write(ctx, rows)
}

func (s *notedStore) OlderLogic(context.Context, int) (bool, error) { return s.older, nil }

// notedDead notes the dead letters.
type notedDead struct {
	*journal
	before func() error
	sent   []pipeline.DeadLetter
}

func (d *notedDead) Send(_ context.Context, letters []pipeline.DeadLetter) error {
	if d.before != nil {
		if err := d.before(); err != nil {
			d.note("failed dead")
			return err
		}
	}
	d.note("dead %d", len(letters))
	d.sent = append(d.sent, letters...)
	return nil
}

// channelFeed delivers batches one by one, and counts the records taken.
type channelFeed struct {
	batches chan pipeline.Batch
	closed  chan struct{}
	once    sync.Once
	pump    sync.WaitGroup
	taken   atomic.Int64
	pause   time.Duration // before each batch
	err     error
}

func (f *channelFeed) Batches() <-chan pipeline.Batch { return f.batches }
func (f *channelFeed) Err() error                     { return f.err }
func (f *channelFeed) Close() {
	f.once.Do(func() { close(f.closed) })
	f.pump.Wait()
}

// send delivers the batches that end after next.
func (f *channelFeed) send(list []pipeline.Batch, next [pipeline.Topics]int64, taken *atomic.Int64) {
	for _, b := range list {
		if b.Next <= next[b.Topic] {
			continue
		}
		time.Sleep(f.pause)
		select {
		case f.batches <- b:
			taken.Add(int64(len(b.Records)))
		case <-f.closed:
			return
		}
	}
	if f.err != nil {
		close(f.batches)
	}
}

// silence is a meter that counts a few things; several workers may share it.
type silence struct {
	released, lost, restored, panicked, tried atomic.Int64

	written atomic.Value // latest offsets
}

func (*silence) Restoring(int)                                     {}
func (*silence) Flushing(int)                                      {}
func (s *silence) Tried(int, error)                                { s.tried.Add(1) }
func (s *silence) Written(_ int, next [pipeline.Topics]int64)      { s.written.Store(next) }
func (*silence) Flushed(int, time.Duration, map[string]int, error) {}
func (*silence) Position(int, pipeline.Topic, int64, int64, int64) {}
func (*silence) Bands(int, [3]int)                                 {}
func (*silence) Sizes(int, int, int)                               {}
func (s *silence) Restored(int, time.Duration, int, int)           { s.restored.Add(1) }
func (s *silence) Lost(_ int, _ pipeline.Topic, n int64)           { s.lost.Add(n) }
func (s *silence) Panicked(int, pipeline.Topic)                    { s.panicked.Add(1) }
func (s *silence) Released(int)                                    { s.released.Add(1) }

func batchesOf(topics [pipeline.Topics][]pipeline.Record, size int) (list []pipeline.Batch) {
	for at := 0; ; at += size {
		more := false
		for topic, log := range topics {
			if at < len(log) {
				part := log[at:min(at+size, len(log))]
				list = append(list, pipeline.Batch{Topic: pipeline.Topic(topic), Records: part, Next: part[len(part)-1].Offset + 1, High: int64(len(log))})
				more = true
			}
		}
		if !more {
			return list
		}
	}
}

// harness is a worker with all its surroundings.
type harness struct {
	*journal
	store  *notedStore
	dead   *notedDead
	feed   *channelFeed
	meter  *silence
	worker *worker.Worker
	a      *worker.Assignment
	log    *harnessLog
}

// newHarness returns a worker of partition 0 that is fed the batches, and stops at their ends if it should.
func newHarness(list []pipeline.Batch, stop bool) *harness {
	j := &journal{}
	r := &harness{journal: j, store: &notedStore{Store: pipelinetest.NewStore(), journal: j}, dead: &notedDead{journal: j}, meter: &silence{},
		feed: &channelFeed{batches: make(chan pipeline.Batch), closed: make(chan struct{})}}
	r.log = &harnessLog{harness: r, list: list}
	r.a = &worker.Assignment{Committed: pipeline.NoOffsets(), Ends: pipeline.NoOffsets(), Log: r.log}
	for _, b := range list {
		r.log.bounds[b.Topic].End = max(r.log.bounds[b.Topic].End, b.Next)
	}
	if stop {
		for topic, b := range r.log.bounds {
			r.a.Ends[topic] = b.End
		}
	}
	r.a.Commit = func(_ context.Context, next [pipeline.Topics]int64) error {
		j.note("commit %v", next)
		return nil
	}
	r.worker = &worker.Worker{Settings: settings(), Store: r.store, Dead: r.dead, Observer: pipelinetest.NoObserver{},
		Options: worker.Options{FlushInterval: time.Hour, FlushRows: 1 << 30, FlushBytes: 1 << 30, StopTimeout: 10 * time.Second,
			Log: slog.New(slog.DiscardHandler), Meter: r.meter}}
	return r
}

// harnessLog is the log of a harness's batches.
type harnessLog struct {
	*harness
	list   []pipeline.Batch
	bounds [pipeline.Topics]pipeline.Bounds
}

func (l *harnessLog) Name(topic pipeline.Topic) string { return "csat." + topic.String() }

func (l *harnessLog) Bounds(context.Context) ([pipeline.Topics]pipeline.Bounds, error) {
	return l.bounds, nil
}

func (l *harnessLog) RecordAt(_ context.Context, topic pipeline.Topic, offset int64) (*pipeline.Record, error) {
	for _, b := range l.list {
		for i := range b.Records {
			if b.Topic == topic && b.Records[i].Offset == offset {
				return &b.Records[i], nil
			}
		}
	}
	return nil, nil
}

func (l *harnessLog) Open(_ context.Context, next [pipeline.Topics]int64) (pipeline.Feed, error) {
	l.note("open %v", next)
	feed := &channelFeed{batches: make(chan pipeline.Batch), closed: make(chan struct{}), err: l.feed.err, pause: l.feed.pause}
	feed.pump.Go(func() { feed.send(l.list, next, &l.feed.taken) })
	return feed, nil
}

// start runs the worker; the channel delivers what Run returns.
func (r *harness) start(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- r.worker.Run(ctx, r.a) }()
	return done
}

// answers returns n responses of one customer, a minute apart.
func answers(n int) []message {
	var list []message
	for i := range n {
		at := noon.Add(time.Duration(i) * time.Minute)
		list = append(list, message{pipeline.Responses, "c1",
			fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c1","grade":%d}`, i, at.Format(time.RFC3339), 1+i%7), at})
	}
	return list
}

func wantNone(t *testing.T, what string, list []string) {
	t.Helper()
	if len(list) > 0 {
		t.Errorf("%s: %q", what, list)
	}
}

// failOn makes all writes of a table fail.
func failOn(table string) func(context.Context, string) error {
	return func(_ context.Context, tables string) error {
		if strings.Contains(tables, table) {
			return &pipeline.FinalError{Err: errors.New("no such column")}
		}
		return nil
	}
}
