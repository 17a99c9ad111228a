// Package topicin takes messages of topics of others into the input topics: it maps each by the feed of its topic, has the events
// produced, and keeps what does not map as a dead letter. Start at [Intake.Take]. It knows no Kafka client: what reads the topics calls
// Take, and commits when that has returned nil.
package topicin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/wire"
)

// mostTogether bounds the events that are produced together; a message may make up to [intake.MostEvents].
const mostTogether = 5000

// Source is a topic that is read.
type Source struct {
	Topic   string
	Feed    *intake.Feed
	Decoder wire.Decoder
}

// Options are what an [Intake] needs.
type Options struct {
	Sources  []Source
	Producer intake.Producer
	Clock    *intake.Clock // nil takes events of any time
	Timeout  time.Duration // for Kafka to acknowledge a portion
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// Intake takes messages. Many goroutines use it, each for a partition of its own.
type Intake struct {
	Options
	sources map[string]*Source
	metrics *metrics
	mu      sync.Mutex
	stuck   map[string]string // why, by topic and partition
}

// New returns an intake.
func New(o Options) *Intake {
	in := &Intake{Options: o, sources: map[string]*Source{}, metrics: newMetrics(o.Registry), stuck: map[string]string{}}
	for i := range o.Sources {
		in.sources[o.Sources[i].Topic] = &o.Sources[i]
	}
	return in
}

// Portion is what was read of a partition at once; its bytes may change when Take has returned.
type Portion struct {
	Topic     string
	Partition int
	Records   []pipeline.Record
	Next, End int64 // the offset behind it, and behind the last message of the partition
}

// mostOfKey bounds the events of one customer or terminal that are taken, and so may be repeated after a crash, together: the
// processor knows a repetition among the last 64 of a customer ([customer.SeenIDs]).
const mostOfKey = customer.SeenIDs / 2

// Take takes messages from the beginning of a portion, and returns how many when all that they make is in Kafka: events and dead
// letters. After an error they are to be taken again; events that Kafka has already are repetitions then, which count once.
func (in *Intake) Take(ctx context.Context, p Portion) (taken int, err error) {
	src := in.sources[p.Topic]
	if src == nil {
		return 0, fmt.Errorf("topic %s is not one of intake.kafka", p.Topic)
	}
	t := &taking{in: in, src: src, partition: p.Partition, records: p.Records, keys: map[string]int{}}
	for taken < len(p.Records) && !t.full {
		if err := t.record(ctx, taken); err != nil {
			return 0, fmt.Errorf("offset %d: %w", p.Records[taken].Offset, err)
		}
		taken++
	}
	next := p.Next
	if taken < len(p.Records) {
		next = p.Records[taken].Offset
	}
	ctx, cancel := context.WithTimeout(ctx, in.Timeout)
	defer cancel()
	if err := t.produce(ctx); err != nil {
		return 0, err
	}
	if len(t.dead) > 0 {
		if err := in.Producer.Bury(ctx, t.dead); err != nil {
			return 0, fmt.Errorf("keeping messages that cannot be mapped as dead letters: %w", err)
		}
	}
	in.metrics.portion(p.Topic, taken, len(t.out)-t.large, t.passed, len(t.dead))
	in.metrics.lag.WithLabelValues(p.Topic, strconv.Itoa(p.Partition)).Set(float64(max(0, p.End-next)))
	return taken, nil
}

// taking is a portion on its way.
type taking struct {
	in        *Intake
	src       *Source
	partition int
	records   []pipeline.Record
	out       []intake.Message
	dead      []intake.Unmapped
	passed    int
	large     int // events that no topic takes
	keys      map[string]int
	full      bool // of one key, or altogether
}

// record maps a message. An error says that it is to be tried again; what is wrong with the message itself makes a dead letter.
func (t *taking) record(ctx context.Context, i int) error {
	rec := &t.records[i]
	if rec.Value == nil && rec.Unreadable == nil { // a tombstone says that something is gone, and is no event
		t.passed++
		return nil
	}
	events, err := t.events(ctx, rec)
	var away *wire.RegistryError
	if errors.As(err, &away) {
		t.in.metrics.registry.Inc()
		return err
	}
	for j := range events {
		if err == nil {
			err = intake.Takes(t.in.Producer, t.in.Clock, &events[j])
		}
	}
	switch {
	case err != nil:
		t.bury(rec, err)
	case len(events) == 0:
		t.passed++
	}
	if err == nil {
		for _, e := range events {
			t.out = append(t.out, intake.Message{Event: e, Feed: t.src.Feed.Name, Mapping: t.src.Feed.Version, Item: i})
			key := e.Topic + "\x00" + string(e.Key)
			t.keys[key]++
			t.full = t.full || t.keys[key] >= mostOfKey || len(t.out) >= mostTogether
		}
	}
	return nil
}

func (t *taking) events(ctx context.Context, rec *pipeline.Record) (events []intake.Event, err error) {
	defer func() {
		if v := recover(); v != nil { // one message must not stop the topic
			t.in.Log.Error("a message made the mapping panic", "topic", t.src.Topic, "partition", t.partition, "offset", rec.Offset, "panic", v)
			events, err = nil, fmt.Errorf("mapping it panicked: %v", v)
		}
	}()
	if rec.Unreadable != nil {
		return nil, rec.Unreadable
	}
	msg, err := t.src.Decoder.Decode(ctx, rec.Value)
	if err != nil {
		return nil, err
	}
	return t.src.Feed.Map(&intake.Payload{Message: msg, Headers: headers(rec), Place: t.place(rec)})
}

func (t *taking) place(rec *pipeline.Record) intake.Place {
	return intake.Place{Topic: t.src.Topic, Partition: t.partition, Offset: rec.Offset}
}

// headers are the headers of a message, with names in small letters; of several with one name the last.
func headers(rec *pipeline.Record) map[string]string {
	m := make(map[string]string, len(rec.Headers))
	for _, h := range rec.Headers {
		m[strings.ToLower(h.Key)] = string(h.Value)
	}
	return m
}

func (t *taking) bury(rec *pipeline.Record, err error) {
	r := *intake.Blame(err)
	r.Feed = t.src.Feed.Name
	u := intake.Unmapped{Refusal: &r, Mapping: t.src.Feed.Version, Payload: bytes.Clone(rec.Value), Kind: t.src.Decoder.Kind(), Place: t.place(rec)}
	if t.src.Feed.UsesHeaders() {
		b, err := json.Marshal(headers(rec))
		if err != nil {
			panic(err) // texts can always be encoded
		}
		u.Request = string(b)
	}
	t.dead = append(t.dead, u)
}

// produce has the events produced. One that is larger than its topic takes makes its message a dead letter.
func (t *taking) produce(ctx context.Context) error {
	if len(t.out) == 0 {
		return nil
	}
	begun := time.Now()
	errs := t.in.Producer.Produce(ctx, t.out, func() {})
	var first error
	buried := map[int]bool{}
	for i, err := range errs {
		var large *intake.TooLarge
		switch {
		case err == nil:
		case errors.As(err, &large):
			t.large++
			if item := t.out[i].Item; !buried[item] {
				buried[item] = true
				t.bury(&t.records[item], &intake.Refusal{Reason: large.Reason})
			}
		case first == nil:
			first = err
		}
	}
	if first != nil {
		return fmt.Errorf("events are not in Kafka for sure: %w", first)
	}
	t.in.metrics.produce.Observe(time.Since(begun).Seconds())
	return nil
}

// Told notes why a partition does not go on; "" that it does.
func (in *Intake) Told(topic string, partition int, why string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	key := fmt.Sprintf("%s/%d", topic, partition)
	if why == "" {
		delete(in.stuck, key)
		return
	}
	in.metrics.retries.WithLabelValues(topic).Inc()
	in.stuck[key] = why
}

// Left forgets a partition that another process reads now.
func (in *Intake) Left(topic string, partition int) {
	in.Told(topic, partition, "")
	in.metrics.lag.DeleteLabelValues(topic, strconv.Itoa(partition))
}

// Lost counts messages that were removed before they were read.
func (in *Intake) Lost(topic string, _ int, n int64) {
	in.metrics.lost.WithLabelValues(topic).Add(float64(n))
}

// Unready says why partitions do not go on; "" if all do.
func (in *Intake) Unready() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.stuck) == 0 {
		return ""
	}
	first := slices.Min(slices.Collect(maps.Keys(in.stuck)))
	if n := len(in.stuck) - 1; n > 0 {
		return fmt.Sprintf("%s (and %d partitions more)", in.stuck[first], n)
	}
	return in.stuck[first]
}
