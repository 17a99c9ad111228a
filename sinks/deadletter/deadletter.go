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
)

// Headers that a dead letter has beyond its own.
const (
	HeaderReason    = "x-csatflow-reason"
	HeaderField     = "x-csatflow-field"
	HeaderTopic     = "x-csatflow-source-topic"
	HeaderPartition = "x-csatflow-source-partition"
	HeaderOffset    = "x-csatflow-source-offset"
)

// Topic is the dead-letter topic as the pipeline sees it. Many goroutines may use it.
type Topic struct {
	writer *kafkago.Writer
	names  kafka.TopicNames
}

// Open prepares sending; names are those of the input topics.
func Open(c *kafka.Connection, topic string, names kafka.TopicNames) *Topic {
	return &Topic{names: names, writer: &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: topic, Transport: c.Transport,
		Balancer: &kafkago.Murmur2Balancer{}, RequiredAcks: kafkago.RequireAll, BatchTimeout: 5 * time.Millisecond, BatchSize: 1000, BatchBytes: 64 << 20, MaxAttempts: 3}}
}

// Send sends the letters and waits until all brokers that must have them do.
func (t *Topic) Send(ctx context.Context, letters []pipeline.DeadLetter) error {
	messages := make([]kafkago.Message, len(letters))
	for i, l := range letters {
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
		messages[i] = m
	}
	err := t.writer.WriteMessages(ctx, messages...)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("sending %d dead letters to %s: %w", len(letters), t.writer.Topic, err)
	var each kafkago.WriteErrors
	if errors.As(err, &each) && each.Count() > 0 {
		err = errors.Join(err, firstOf(each))
	}
	if errors.Is(err, kafkago.UnknownTopicOrPartition) {
		return &pipeline.FinalError{Err: fmt.Errorf("%w: create the topic (csatflow migrate --topics does)", err)}
	}
	return err
}

func firstOf(each kafkago.WriteErrors) error {
	for _, e := range each {
		if e != nil {
			return e
		}
	}
	return nil
}

// Close sends nothing more.
func (t *Topic) Close() error { return t.writer.Close() }
