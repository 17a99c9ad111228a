// Package translate makes JSON of the events that producers write into the input topics in another form (kafka.format). It stands
// between the log and the task, which knows JSON alone and does no I/O: a record keeps its value, and gets the event beside it. What
// cannot be read becomes a dead letter with its bytes as they were sent. While the schema registry is away reading waits, and nothing
// is passed over.
//
// Start at [New] and [Translator.Log]; it knows no Kafka client.
package translate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/schemas/reasons"
)

const (
	shortestPause = 200 * time.Millisecond
	longestPause  = 10 * time.Second
)

// Reader makes JSON of the events of a topic in another form. Many goroutines use it.
type Reader interface {
	// JSON returns the event of a value as JSON. A [pipeline.Away] error says that the schema registry did not answer; any other is of
	// the value.
	JSON(ctx context.Context, value []byte) ([]byte, error)
}

// Translator makes JSON of records. Many goroutines use it.
type Translator struct {
	events  [pipeline.Topics]Reader // nil for JSON
	told    func(partition int, err error)
	log     *slog.Logger
	refused map[Place]string
	mu      sync.Mutex
	waiting map[int]bool // partitions that wait for the registry
}

// Place is where a record is in the log.
type Place struct {
	Topic     pipeline.Topic
	Partition int
	Offset    int64
}

// Options are what a [Translator] needs.
type Options struct {
	Readers [pipeline.Topics]Reader // of topics with another form than JSON
	// Told hears of each time that the registry does not answer while a partition waits for it, and nil when it waits no longer; may be nil.
	Told func(partition int, err error)
	Log  *slog.Logger
	// Refused are records that stay dead letters, with the reasons: the rows were made when the registry did not know their schemas.
	Refused map[Place]string
}

// New returns a translator.
func New(o *Options) *Translator {
	return &Translator{events: o.Readers, told: o.Told, log: o.Log, refused: o.Refused, waiting: map[int]bool{}}
}

// Reads reports whether a topic has another format than JSON.
func (t *Translator) Reads(topic pipeline.Topic) bool { return t.events[topic] != nil }

// Event returns the event in a value as JSON, and tries once; see [Reader].
func (t *Translator) Event(ctx context.Context, topic pipeline.Topic, value []byte) (json []byte, err error) {
	if !t.Reads(topic) {
		return value, nil
	}
	defer func() {
		if v := recover(); v != nil { // one message must not stop the topic
			t.log.Error("an event made reading it by its schema panic: it becomes a dead letter", "topic", topic, "panic", v, "stack", string(debug.Stack()))
			json, err = nil, &event.Error{Reason: reasons.Panic.Text(fmt.Sprint(v))}
		}
	}()
	return t.events[topic].JSON(ctx, value)
}

// Record makes JSON of a record of a partition, and waits for the registry until ctx ends, whose cause it returns then.
func (t *Translator) Record(ctx context.Context, topic pipeline.Topic, partition int, rec *pipeline.Record) error {
	if rec.Unreadable != nil || !t.Reads(topic) {
		return nil
	}
	if why, found := t.refused[Place{topic, partition, rec.Offset}]; found {
		rec.Unreadable = errors.New(why)
		return nil
	}
	waited := false
	defer func() {
		if waited {
			t.waits(partition, nil, ctx.Err() != nil)
		}
	}()
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		json, err := t.Event(ctx, topic, rec.Value)
		switch {
		case err == nil:
			rec.JSON = json
			return nil
		case !pipeline.IsAway(err):
			rec.Unreadable = err
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		waited = true
		t.waits(partition, err, false)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// waits notes that a partition waits for the registry, or waits no longer; ended: because reading ends. The first that waits and the last
// are logged.
func (t *Translator) waits(partition int, err error, ended bool) {
	t.mu.Lock()
	before := len(t.waiting)
	if err != nil {
		t.waiting[partition] = true
	} else {
		delete(t.waiting, partition)
	}
	now := len(t.waiting)
	t.mu.Unlock()
	switch {
	case before == 0 && now > 0:
		t.log.Warn("reading waits, and is tried again: no event is passed over", "partition", partition, "err", err)
	case before > 0 && now == 0 && !ended:
		t.log.Info("the schema registry answers again")
	}
	if t.told != nil {
		t.told(partition, err)
	}
}
