package translate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"csatflow/deploy/trial/logtest"
	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/intake/wire"
	"csatflow/schemas/feeds"
)

// setting is a registry that may be away, and what translates by it.
type setting struct {
	registry   *srfake.Registry
	away       atomic.Bool
	mu         sync.Mutex
	waits      map[int]int // tries that failed, by partition; removed when it waits no longer
	translator *Translator
}

func newSetting(t *testing.T, log *slog.Logger, refused map[Place]string) *setting {
	t.Helper()
	s := &setting{registry: srfake.New(), waits: map[int]int{}}
	t.Cleanup(s.registry.Close)
	s.registry.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		if s.away.Load() {
			http.Error(w, "away", http.StatusBadGateway)
		}
		return s.away.Load()
	})
	s.registry.SeedSchema("purchases", 1, 7, sr.Schema{Schema: `{"type":"record","name":"E","fields":[{"name":"event_id","type":"string"}]}`, Type: sr.TypeAvro})
	r, err := wire.OpenRegistry(wire.RegistryConfig{URL: s.registry.URL()})
	if err != nil {
		t.Fatal(err)
	}
	s.translator = New(&Options{Readers: [pipeline.Topics]Reader{pipeline.Purchases: wire.NewEvents(wire.Avro, "kafka.format", r, &feeds.All[pipeline.Purchases])}, Log: log, Refused: refused, Told: func(partition int, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			delete(s.waits, partition)
			return
		}
		s.waits[partition]++
	}})
	return s
}

func (s *setting) waiting(partition int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waits[partition]
}

// memory is a log and its feed.
type memory struct {
	pipeline.Log
	batches chan pipeline.Batch
	err     error
	closed  bool
}

func (m *memory) Open(context.Context, [pipeline.Topics]int64) (pipeline.Feed, error) { return m, nil }
func (m *memory) Batches() <-chan pipeline.Batch                                      { return m.batches }
func (m *memory) Err() error                                                          { return m.err }
func (m *memory) Close()                                                              { m.closed = true }

func value(id byte, text string) []byte {
	return append([]byte{0, 0, 0, 0, id, byte(2 * len(text))}, text...)
}

func batch(topic pipeline.Topic, first int64, values ...[]byte) pipeline.Batch {
	b := pipeline.Batch{Topic: topic, Next: first + int64(len(values)) + 1, High: 1000}
	for i, v := range values {
		b.Records = append(b.Records, pipeline.Record{Topic: topic, Offset: first + int64(i), Value: v})
	}
	return b
}

func open(t *testing.T, s *setting, m *memory) pipeline.Feed {
	t.Helper()
	f, err := s.translator.Log(3, m).Open(t.Context(), [pipeline.Topics]int64{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRecordsKeepTheirBytesAndGetTheirEventsAsJSONBeside(t *testing.T) {
	s := newSetting(t, slog.New(slog.DiscardHandler), map[Place]string{{pipeline.Purchases, 3, 14}: "as before"})
	m := &memory{batches: make(chan pipeline.Batch, 3), err: errors.New("the end")}
	unreadable := errors.New("no batch")
	sent := batch(pipeline.Purchases, 10, value(7, "p-1"), value(8, "p-2"), []byte(`{"event_id":"p-3"}`), nil, value(7, "p-4"), value(7, "p-5"))
	sent.Records[5].Unreadable = unreadable
	plain := batch(pipeline.Responses, 0, []byte("no JSON"))
	m.batches <- sent
	m.batches <- plain
	close(m.batches)
	f := open(t, s, m)
	got := <-f.Batches()
	if got.Next != 17 || got.High != 1000 || len(got.Records) != 6 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{`{"event_id":"p-1"}`, "the registry has no schema 8", `{"event_id":"p-3"}`, "", "as before", "no batch"} {
		r := got.Records[i]
		say := string(r.JSON)
		if r.Unreadable != nil {
			say += r.Unreadable.Error()
		}
		if !strings.HasPrefix(say, want) || want == "" && say != "" {
			t.Errorf("%d: %q, want %q", i, say, want)
		}
	}
	if string(got.Records[0].Value) != string(value(7, "p-1")) {
		t.Errorf("%q", got.Records[0].Value)
	}
	if b := <-f.Batches(); &b.Records[0] != &plain.Records[0] || b.Records[0].JSON != nil {
		t.Errorf("%+v", b)
	}
	if _, more := <-f.Batches(); more || f.Err() == nil {
		t.Errorf("it goes on: %v", f.Err())
	}
	f.Close()
	f.Close()
	if !m.closed {
		t.Error("what fetches is not closed")
	}
}

// TestWhileTheRegistryIsAwayReadingWaitsAndIsToldOnce, and goes on with the same record when it is back.
func TestWhileTheRegistryIsAwayReadingWaitsAndIsToldOnce(t *testing.T) {
	heard := &logtest.Buffer{}
	s := newSetting(t, slog.New(slog.NewTextHandler(heard, nil)), nil)
	s.away.Store(true)
	m := &memory{batches: make(chan pipeline.Batch, 1)}
	m.batches <- batch(pipeline.Purchases, 10, value(7, "p-1"), value(7, "p-2"))
	f := open(t, s, m)
	defer f.Close()
	for s.waiting(3) < 3 {
		time.Sleep(10 * time.Millisecond)
	}
	select {
	case b := <-f.Batches():
		t.Fatalf("%+v", b)
	default:
	}
	s.away.Store(false)
	got := <-f.Batches()
	if len(got.Records) != 2 || string(got.Records[0].JSON) != `{"event_id":"p-1"}` || string(got.Records[1].JSON) != `{"event_id":"p-2"}` {
		t.Errorf("%+v", got)
	}
	if n := s.waiting(3); n != 0 {
		t.Errorf("it still waits: %d", n)
	}
	if heard.Count("reading waits, and is tried again") != 1 || heard.Count("answers again") != 1 || heard.Count("status 502") != 1 {
		t.Error(heard.String())
	}
}

func TestItEndsAtOnceWhileItWaits(t *testing.T) {
	s := newSetting(t, slog.New(slog.DiscardHandler), nil)
	s.away.Store(true)
	m := &memory{batches: make(chan pipeline.Batch, 1)}
	m.batches <- batch(pipeline.Purchases, 10, value(7, "p-1"))
	f := open(t, s, m)
	for s.waiting(3) < 2 {
		time.Sleep(10 * time.Millisecond)
	}
	begun := time.Now()
	f.Close()
	if took := time.Since(begun); took > time.Second || s.waiting(3) != 0 {
		t.Errorf("it took %v", took)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, errors.New("patience"))
	defer cancel()
	rec := pipeline.Record{Value: value(7, "p-1")}
	if err := s.translator.Record(ctx, pipeline.Purchases, 0, &rec); err == nil || err.Error() != "patience" || rec.Unreadable != nil || rec.JSON != nil {
		t.Errorf("%v, %+v", err, rec)
	}
}

// TestALargeBatchIsHandedOnInParts: offsets and records are whole, whatever the parts.
func TestALargeBatchIsHandedOnInParts(t *testing.T) {
	s := newSetting(t, slog.New(slog.DiscardHandler), nil)
	s.registry.SeedSchema("more", 1, 9, sr.Schema{Schema: `{"type":"record","name":"E","fields":[{"name":"more","type":{"type":"array","items":"int"}}]}`, Type: sr.TypeAvro})
	zeros := append([]byte{0, 0, 0, 0, 9, 0x80, 0xb5, 0x18}, make([]byte, 200_001)...) // 200,000 zeros
	var values [][]byte
	for range 25 {
		values = append(values, zeros)
	}
	m := &memory{batches: make(chan pipeline.Batch, 1)}
	m.batches <- batch(pipeline.Purchases, 10, values...)
	close(m.batches)
	var next []int64
	records := int64(0)
	for b := range open(t, s, m).Batches() {
		size := 0
		for _, r := range b.Records {
			if r.Offset != 10+records {
				t.Errorf("record %d has the offset %d", records, r.Offset)
			}
			records++
			size += len(r.JSON)
		}
		if size > handBytes+len(b.Records[0].JSON) || size == 0 {
			t.Errorf("a part of %d bytes: %v", size, b.Records[0].Unreadable)
		}
		if next = append(next, b.Next); b.Next != 10+records && b.Next != 36 {
			t.Errorf("after %d records the next offset is %d", records, b.Next)
		}
	}
	if len(next) < 2 || next[len(next)-1] != 36 || records != 25 {
		t.Errorf("parts end at %v, after %d records", next, records)
	}
}

func TestWhatMakesReadingPanicIsADeadLetter(t *testing.T) {
	s := newSetting(t, slog.New(slog.DiscardHandler), nil)
	s.translator.events[pipeline.Purchases] = &wire.Events{} // without a registry
	rec := pipeline.Record{Value: value(7, "p-1")}
	err := s.translator.Record(t.Context(), pipeline.Purchases, 0, &rec)
	var e *event.Error
	if err != nil || !errors.As(rec.Unreadable, &e) || !strings.Contains(e.Reason, "a defect of csatflow") {
		t.Errorf("%v, %v", err, rec.Unreadable)
	}
}

func TestTopicsOfJSONAreNotTranslated(t *testing.T) {
	s := newSetting(t, slog.New(slog.DiscardHandler), nil)
	text := []byte("any")
	if got, err := s.translator.Event(t.Context(), pipeline.Responses, text); err != nil || fmt.Sprintf("%p", got) != fmt.Sprintf("%p", text) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestItEndsAtOnceWhileTheRegistryHangs, with two partitions that ask for the same schema.
func TestItEndsAtOnceWhileTheRegistryHangs(t *testing.T) {
	s := newSetting(t, slog.New(slog.DiscardHandler), nil)
	asked, answer := make(chan struct{}, 10), make(chan struct{})
	defer close(answer)
	s.registry.Intercept(func(http.ResponseWriter, *http.Request) bool {
		asked <- struct{}{}
		<-answer
		return true
	})
	var feeds []pipeline.Feed
	for range 2 {
		m := &memory{batches: make(chan pipeline.Batch, 1)}
		m.batches <- batch(pipeline.Purchases, 10, value(7, "p-1"))
		feeds = append(feeds, open(t, s, m))
	}
	<-asked
	begun := time.Now()
	var ended sync.WaitGroup
	for _, f := range feeds {
		ended.Go(f.Close)
	}
	ended.Wait()
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}
