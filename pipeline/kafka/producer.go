package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
)

// Message is an event on its way to an input topic.
type Message struct {
	Feed    string // the String of a [pipeline.Topic]
	Key     []byte
	Value   []byte
	Headers []pipeline.Header
}

// MostMessageBytes is the largest key and value of a message that a producer sends: a topic with Kafka's defaults takes it.
const MostMessageBytes = 900_000

// Producer sends events of many goroutines at a time to the input topics. What goroutines send at the same time goes in one
// batch; each waits until all in-sync replicas have its own. A [Sender] keeps one order instead.
type Producer struct {
	topics          map[string]string // by feed
	by              partitioner.Partitioner
	together, alone *kafka.Writer
}

// NewProducer returns a producer that places keys by a partitioner; for [partitioner.Any], by murmur2.
func NewProducer(c *Connection, topics TopicNames, by partitioner.Partitioner) *Producer {
	if by == partitioner.Any {
		by = partitioner.Murmur2
	}
	p := &Producer{topics: topics.ByFeed(), by: by}
	writer := func() *kafka.Writer {
		return &kafka.Writer{Addr: kafka.TCP(c.Brokers...), Transport: c.Transport, Balancer: kafka.BalancerFunc(p.partition), RequiredAcks: kafka.RequireAll,
			BatchBytes: MostMessageBytes + 1000, Compression: kafka.Lz4, MaxAttempts: 3, WriteTimeout: requestTimeout, ReadTimeout: requestTimeout}
	}
	p.together, p.alone = writer(), writer()
	p.together.BatchSize, p.together.BatchTimeout = 10_000, 2*time.Millisecond
	p.alone.BatchSize = 1
	return p
}

// Has reports whether a feed has a topic.
func (p *Producer) Has(feed string) bool { return p.topics[feed] != "" }

func (p *Producer) partition(m kafka.Message, partitions ...int) int {
	if m.Key == nil {
		return partitions[rand.IntN(len(partitions))]
	}
	return partitions[p.by.PartitionOf(m.Key, len(partitions))]
}

// TooLargeError is the error of a message that its topic does not take.
type TooLargeError struct{ Topic string }

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("is larger than %s takes (max.message.bytes)", e.Topic)
}

// Produce returns when all in-sync replicas have the messages, or ctx ends: nil, or for each message its error or nil. Messages
// may arrive after an error too. released is called once the producer holds none of them any more, perhaps after Produce has returned.
func (p *Producer) Produce(ctx context.Context, messages []Message, released func()) []error {
	list := make([]kafka.Message, len(messages))
	for i := range messages {
		m := &messages[i]
		list[i] = kafka.Message{Topic: p.topics[m.Feed], Key: m.Key, Value: m.Value}
		for _, h := range m.Headers {
			list[i].Headers = append(list[i].Headers, kafka.Header(h))
		}
	}
	done := make(chan []error, 1)
	go func() {
		defer released()
		done <- p.write(context.WithoutCancel(ctx), list)
	}()
	select {
	case errs := <-done:
		return errs
	case <-ctx.Done():
		return all(len(messages), fmt.Errorf("not acknowledged by Kafka yet: %w", context.Cause(ctx)))
	}
}

// write sends messages. The ones that are too large together are sent alone.
func (p *Producer) write(ctx context.Context, list []kafka.Message) []error {
	errs := each(p.together.WriteMessages(ctx, list...), len(list))
	failed := false
	for i, err := range errs {
		if tooLarge(err) {
			err = p.alone.WriteMessages(ctx, list[i])
			if err = each(err, 1)[0]; tooLarge(err) {
				err = &TooLargeError{list[i].Topic}
			}
		}
		if errors.Is(err, kafka.UnknownTopicOrPartition) {
			err = &TopicError{Absent: true, Reason: fmt.Sprintf("%s: %v: create the topic (csatflow migrate --topics does)", list[i].Topic, err)}
		}
		errs[i] = err
		failed = failed || err != nil
	}
	if !failed {
		return nil
	}
	return errs
}

func tooLarge(err error) bool {
	var local kafka.MessageTooLargeError
	return errors.Is(err, kafka.MessageSizeTooLarge) || errors.As(err, &local)
}

// each returns the error of each of n messages.
func each(err error, n int) []error {
	var list kafka.WriteErrors
	if errors.As(err, &list) && len(list) == n {
		return list
	}
	return all(n, err)
}

func all(n int, err error) []error {
	list := make([]error, n)
	for i := range list {
		list[i] = err
	}
	return list
}

// Close waits until what was handed over is sent, and closes the connections.
func (p *Producer) Close() error { return errors.Join(p.together.Close(), p.alone.Close()) }
