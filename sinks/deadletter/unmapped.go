package deadletter

import (
	"context"
	"errors"
	"fmt"
	"strings"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/pipeline"
)

// Headers of a dead letter of the intake: a payload that its feed does not map. HeaderReason and HeaderField it has too.
const (
	HeaderFeed       = "x-csatflow-feed"
	HeaderExpression = "x-csatflow-expression"
	HeaderMapping    = pipeline.HeaderMapping // the version of the mapping; events that were mapped have it too
	HeaderKind       = "x-csatflow-content-type"
	HeaderRequest    = "x-csatflow-request" // headers of the request, as JSON, where expressions of the feed look at them
	HeaderPlace      = "x-csatflow-place"   // topic/partition/offset of a payload that came from a topic of others
)

// FeedPrefix begins the topic in the [ID] of a dead letter of the intake; the feed's name follows. Partition and offset are its own.
const FeedPrefix = "feed:"

// Unmapped is what a dead letter of the intake has beside its payload.
type Unmapped struct {
	Feed       string
	Field      string // of the event; "" for the whole payload
	Expression string // that gave or should have given the field
	Reason     string
	Mapping    string // version
	Kind       string // media type of the payload
	Request    string // headers of the request, as JSON; "" for none
	Place      string // topic/partition/offset of a message of others; "" for what came over HTTP
	Payload    []byte
}

// Bury sends payloads that feeds do not map, and waits until every in-sync replica has them.
func (t *Topic) Bury(ctx context.Context, list []Unmapped) error {
	var small []kafkago.Message
	for i := range list {
		m := list[i].message()
		if size(&m) <= togetherBytes {
			small = append(small, m)
			continue
		}
		if err := t.buryAlone(ctx, m); err != nil {
			return err
		}
	}
	if len(small) == 0 {
		return nil
	}
	err := plain(t.together.WriteMessages(ctx, small...))
	if errors.Is(err, kafkago.MessageSizeTooLarge) { // the topic takes less than usual
		for i := range small {
			if err := t.buryAlone(ctx, small[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return t.unburied(err)
}

func (t *Topic) buryAlone(ctx context.Context, m kafkago.Message) error {
	return t.unburied(plain(t.alone.WriteMessages(ctx, m)))
}

func (t *Topic) unburied(err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("sending a payload that is not mapped to %s: %w", t.name, err)
	if errors.Is(err, kafkago.UnknownTopicOrPartition) || errors.Is(err, kafkago.MessageSizeTooLarge) {
		return &pipeline.FinalError{Err: fmt.Errorf("%w: create the topic with max.message.bytes=%d (csatflow migrate --topics does)", err, MaxBytes)}
	}
	return err
}

func (u *Unmapped) message() kafkago.Message {
	m := kafkago.Message{Value: u.Payload}
	for _, h := range [][2]string{{HeaderReason, u.Reason}, {HeaderField, u.Field}, {HeaderFeed, u.Feed}, {HeaderExpression, u.Expression}, {HeaderMapping, u.Mapping}, {HeaderKind, u.Kind}, {HeaderRequest, u.Request}, {HeaderPlace, u.Place}} {
		if h[1] != "" || h[0] == HeaderReason || h[0] == HeaderField {
			m.Headers = append(m.Headers, kafkago.Header{Key: h[0], Value: []byte(h[1])})
		}
	}
	return m
}

// unmappedIn reads a dead letter of the intake at its place in the dead-letter topic; ok is false for anything else.
func unmappedIn(rec *pipeline.Record, partition int) (l Letter, ok bool) {
	feed, ok := headerOf(rec.Headers, HeaderFeed)
	if _, other := headerOf(rec.Headers, HeaderTopic); !ok || other || feed == "" {
		return l, false
	}
	l = Letter{ID: ID{FeedPrefix + feed, partition, rec.Offset}, At: rec.Time, Key: rec.Key, Value: rec.Value, State: Waiting}
	l.Reason, _ = headerOf(rec.Headers, HeaderReason)
	l.Field, _ = headerOf(rec.Headers, HeaderField)
	l.Expression, _ = headerOf(rec.Headers, HeaderExpression)
	l.Mapping, _ = headerOf(rec.Headers, HeaderMapping)
	l.Kind, _ = headerOf(rec.Headers, HeaderKind)
	l.Request, _ = headerOf(rec.Headers, HeaderRequest)
	l.Place, _ = headerOf(rec.Headers, HeaderPlace)
	return l, true
}

// Feed returns the feed of a dead letter of the intake; ok is false for others.
func (l *Letter) Feed() (name string, ok bool) { return strings.CutPrefix(l.Topic, FeedPrefix) }

// isUnmapped reports whether a message is a dead letter of the intake.
func isUnmapped(rec *pipeline.Record) bool {
	_, ok := unmappedIn(rec, 0)
	return ok
}
