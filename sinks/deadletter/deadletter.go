// Package deadletter sends what cannot be applied to the dead-letter topic: key, value and headers unchanged, and in
// further headers the reason and where the record came from.
package deadletter

import (
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

// Headers that a dead letter has beyond its own.
const (
	HeaderReason    = "x-csatflow-reason"
	HeaderField     = "x-csatflow-field"
	HeaderTopic     = "x-csatflow-source-topic"
	HeaderPartition = "x-csatflow-source-partition"
	HeaderOffset    = "x-csatflow-source-offset"
)

const (
	// MaxBytes is what the dead-letter topic must take (max.message.bytes): as much as is read of an input topic.
	MaxBytes = recordbatch.MaxBytes
	// Letters up to this size go together, in batches that a topic with Kafka's defaults takes. Larger ones go alone: a
	// batch of several would be refused where each is not.
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

// Open prepares sending; names are those of the input topics.
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

// Send sends the letters in their order and waits until all brokers that must have them do. Large ones are made into
// messages one at a time, so that it takes little memory beyond theirs.
func (t *Topic) Send(ctx context.Context, letters []pipeline.DeadLetter) error {
	var small []kafkago.Message // those just before letter i
	flush := func(i int) error {
		if len(small) == 0 {
			return nil
		}
		some := letters[i-len(small) : i]
		err := plain(t.together.WriteMessages(ctx, small...))
		if errors.Is(err, kafkago.MessageSizeTooLarge) { // the topic takes less than usual, perhaps each by itself
			for j := range some {
				if err = plain(t.alone.WriteMessages(ctx, small[j])); err != nil {
					some = some[j : j+1]
					break
				}
			}
		}
		small = nil // the writer may still hold it
		return t.failed(err, some)
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
		if err := t.failed(plain(t.alone.WriteMessages(ctx, m)), letters[i:i+1]); err != nil {
			return err
		}
	}
	return flush(len(letters))
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

// size is at least what a message takes in a batch of its own.
func size(m *kafkago.Message) int {
	const batch, record, header = 61, 40, 10 // without key, value and headers; lengths are varints of up to 5 bytes
	n := batch + record + len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += header + len(h.Key) + len(h.Value)
	}
	return n
}

// failed says which letters could not be sent, and what to do if trying again is in vain.
func (t *Topic) failed(err error, letters []pipeline.DeadLetter) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kafkago.MessageSizeTooLarge):
		return &pipeline.FinalError{Err: t.tooLarge(err, &letters[0])}
	}
	err = fmt.Errorf("sending %d dead letters to %s: %w", len(letters), t.name, err)
	if errors.Is(err, kafkago.UnknownTopicOrPartition) {
		return &pipeline.FinalError{Err: fmt.Errorf("%w: create the topic (csatflow migrate --topics does)", err)}
	}
	return err
}

func (t *Topic) tooLarge(err error, l *pipeline.DeadLetter) error {
	m := t.message(l)
	n := size(&m)
	remedy := fmt.Sprintf("Let the topic take it: kafka-configs --alter --entity-type topics --entity-name %s --add-config max.message.bytes=%d", t.name, MaxBytes)
	if n > MaxBytes {
		remedy = fmt.Sprintf("csatflow sends and reads no more than %d. To go on without this message, remove the log up to offset %d (kafka-delete-records) and start once with run --accept-lost", MaxBytes, l.Offset+1)
	}
	return fmt.Errorf("sending a dead letter to %s: the one of %s, partition %d, offset %d, has about %d bytes: %w. %s", t.name, t.names[l.Topic], l.Partition, l.Offset, n, err, remedy)
}

// Close sends nothing more.
func (t *Topic) Close() error { return errors.Join(t.together.Close(), t.alone.Close()) }
