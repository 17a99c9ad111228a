// Package deadletter sends messages that cannot be applied to the dead-letter topic: key, value and headers unchanged,
// with further headers for the reason and the origin. If the message is too large for the topic, the letter has only
// these further headers.
package deadletter

import (
	"csatflow/schemas/reasons"

	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/kafka/recordbatch"
)

// Headers that a dead letter has beyond those of its message.
const (
	HeaderReason    = "x-csatflow-reason"
	HeaderField     = "x-csatflow-field"
	HeaderTopic     = "x-csatflow-source-topic"
	HeaderPartition = "x-csatflow-source-partition"
	HeaderOffset    = "x-csatflow-source-offset"
)

const (
	// MaxBytes is the least max.message.bytes of the dead-letter topic: as much as csatflow reads from an input topic.
	MaxBytes = recordbatch.MaxBytes
	// Letters up to this size go in batches that a topic with Kafka's defaults takes. Larger letters go alone: a topic
	// may refuse a batch of several and take each.
	togetherBytes = 900_000
	// aloneTimeout is how long the brokers may take for a letter that goes alone.
	aloneTimeout = time.Minute
)

// Topic is the dead-letter topic as the pipeline sees it. Many goroutines may use it.
type Topic struct {
	name            string
	together, alone *kafkago.Writer
	names           kafka.TopicNames
}

// Open prepares sending; names are the input topics' names.
func Open(c *kafka.Connection, topic string, names kafka.TopicNames) *Topic {
	writer := func() *kafkago.Writer {
		return &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: topic, Transport: c.Transport, Balancer: &kafkago.Murmur2Balancer{},
			RequiredAcks: kafkago.RequireAll, BatchTimeout: 5 * time.Millisecond, MaxAttempts: 3, Compression: kafkago.Lz4}
	}
	t := &Topic{name: topic, names: names, together: writer(), alone: writer()}
	t.together.BatchSize, t.together.BatchBytes = 1000, togetherBytes
	t.alone.BatchSize, t.alone.BatchBytes, t.alone.WriteTimeout = 1, MaxBytes, aloneTimeout
	return t
}

// Send sends the letters in order, and waits until every in-sync replica has them. It makes messages of large
// letters one at a time, so that it needs little more memory than theirs.
func (t *Topic) Send(ctx context.Context, letters []pipeline.DeadLetter) error {
	var small []kafkago.Message // the ones just before letter i
	flush := func(i int) error {
		if len(small) == 0 {
			return nil
		}
		some := letters[i-len(small) : i]
		err := plain(t.together.WriteMessages(ctx, small...))
		small = nil // the writer may still hold it
		if !errors.Is(err, kafkago.MessageSizeTooLarge) {
			return t.failed(err, some)
		}
		for j := range some { // the topic takes less than usual: try each alone
			if err := t.sendAlone(ctx, some[j:j+1]); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range letters {
		m := t.message(&letters[i])
		if size(&m) <= togetherBytes {
			small = append(small, m)
			continue
		}
		if err := flush(i); err != nil {
			return err
		}
		if err := t.sendAlone(ctx, letters[i:i+1]); err != nil {
			return err
		}
	}
	return flush(len(letters))
}

// sendAlone sends one letter; if it is too large for the topic, only its reason and origin.
func (t *Topic) sendAlone(ctx context.Context, one []pipeline.DeadLetter) error {
	err := plain(t.alone.WriteMessages(ctx, t.message(&one[0])))
	if errors.Is(err, kafkago.MessageSizeTooLarge) {
		err = plain(t.alone.WriteMessages(ctx, t.originOnly(&one[0])))
	}
	return t.failed(err, one)
}

// originOnly makes a letter of reason and origin only.
func (t *Topic) originOnly(l *pipeline.DeadLetter) kafkago.Message {
	whole := t.message(l)
	short := *l
	short.Record = pipeline.Record{Topic: l.Topic, Offset: l.Offset}
	short.Reason = reasons.NotHere.Text(l.Reason, reasons.Number(size(&whole)), t.name, reasons.Number(MaxBytes), t.names[l.Topic], reasons.Number(l.Partition), strconv.FormatInt(l.Offset, 10))
	return t.message(&short)
}

func (t *Topic) message(l *pipeline.DeadLetter) kafkago.Message {
	m := kafkago.Message{Key: l.Key, Value: l.Value}
	for _, h := range l.Headers {
		m.Headers = append(m.Headers, kafkago.Header(h))
	}
	add := func(key, value string) {
		m.Headers = append(m.Headers, kafkago.Header{Key: key, Value: []byte(value)})
	}
	add(HeaderReason, l.Reason)
	add(HeaderField, l.Field)
	add(HeaderTopic, t.names[l.Topic])
	add(HeaderPartition, strconv.Itoa(l.Partition))
	add(HeaderOffset, strconv.FormatInt(l.Offset, 10))
	return m
}

// size is an upper bound for the bytes of a message in a batch of its own.
func size(m *kafkago.Message) int {
	const batch, record, header = 61, 40, 10 // without key, value and headers; lengths are varints of up to 5 bytes
	n := batch + record + len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += header + len(h.Key) + len(h.Value)
	}
	return n
}

// failed adds to an error which letters could not be sent, and, if trying again is in vain, what to do.
func (t *Topic) failed(err error, letters []pipeline.DeadLetter) error {
	if err == nil {
		return nil
	}
	l := &letters[0]
	err = fmt.Errorf("sending %d dead letters to %s, the first of %s, partition %d, offset %d: %w", len(letters), t.name, t.names[l.Topic], l.Partition, l.Offset, err)
	switch {
	case errors.Is(err, kafkago.MessageSizeTooLarge):
		return &pipeline.FinalError{Err: fmt.Errorf("%w. Not even reason and origin fit. Let the topic take more: kafka-configs --alter --entity-type topics --entity-name %s --add-config max.message.bytes=%d", err, t.name, MaxBytes)}
	case errors.Is(err, kafkago.UnknownTopicOrPartition):
		return &pipeline.FinalError{Err: fmt.Errorf("%w: create the topic (csatflow migrate --topics does)", err)}
	}
	return err
}

// Close closes the topic.
func (t *Topic) Close() error { return errors.Join(t.together.Close(), t.alone.Close()) }
