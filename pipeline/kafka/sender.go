package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
)

// Sender sends keyed events to the input topics, in the given order within each partition. Topics are named by feed, the
// String of a [pipeline.Topic].
type Sender struct {
	Connection *Connection
	Topics     map[string]string // by feed; without an entry the feed has no topic
	Sent       int               // events acknowledged by the brokers

	producers func(context.Context) (partitioner.Partitioner, error)
	by        partitioner.Partitioner // partitioner.Any until known
	writers   map[string]*kafka.Writer
	waiting   map[string][]kafka.Message
	buffer    []byte
}

// sendAtOnce is the number of events per call of the writer: many, since each call waits for the brokers.
const sendAtOnce = 10_000

// NewSender returns a sender. Before the first event it asks producers for the partitioner that the topics' producers use, and
// takes murmur2 if the answer is [partitioner.Any].
func NewSender(c *Connection, topics TopicNames, producers func(context.Context) (partitioner.Partitioner, error)) *Sender {
	return &Sender{Connection: c, Topics: topics.ByFeed(), producers: producers, writers: map[string]*kafka.Writer{}, waiting: map[string][]kafka.Message{}}
}

// Producers returns the partitioner that the topics' keys show; told is false if there are too few keys. It returns a
// [TopicError] if topics are absent or their producers use different ones.
func (c *Connection) Producers(ctx context.Context, topics TopicNames, partitions int, log *slog.Logger) (by partitioner.Partitioner, told bool, err error) {
	uses, err := c.LearnPartitioner(ctx, topics, partitions, log)
	if err != nil {
		return by, false, err
	}
	by, err = uses.Decide()
	return by, err == nil && by != partitioner.Any, err
}

// Add queues an event to be sent; it copies key and value.
func (s *Sender) Add(ctx context.Context, feed string, key, value []byte) error {
	s.buffer = append(append(s.buffer, key...), value...)
	at := len(s.buffer) - len(key) - len(value)
	m := kafka.Message{Value: s.buffer[at+len(key) : len(s.buffer) : len(s.buffer)]}
	if key != nil {
		m.Key = s.buffer[at : at+len(key) : at+len(key)]
	}
	s.waiting[feed] = append(s.waiting[feed], m)
	if len(s.waiting[feed]) >= sendAtOnce {
		return s.Flush(ctx)
	}
	return nil
}

// Flush sends all queued events, and returns when the brokers have them. A [TopicError] means that a topic is absent, a
// [pipeline.FinalError] that the brokers refuse for good; any other error that they cannot be reached.
func (s *Sender) Flush(ctx context.Context) error {
	if _, err := s.Partitioner(ctx); err != nil {
		return err
	}
	for feed, messages := range s.waiting {
		if len(messages) == 0 {
			continue
		}
		if err := s.writer(feed).WriteMessages(ctx, messages...); err != nil {
			err = fmt.Errorf("sending to %s at %v: %w", s.Topics[feed], s.Connection.Brokers, distinct(err))
			switch {
			case errors.Is(err, kafka.UnknownTopicOrPartition):
				return &TopicError{Absent: true, Reason: fmt.Sprintf("%v: create the topic (csatflow migrate --topics does)", err)}
			case errors.Is(err, kafka.PolicyViolation):
				return &pipeline.FinalError{Err: err}
			}
			return err
		}
		s.Sent += len(messages)
		s.waiting[feed] = messages[:0]
	}
	s.buffer = make([]byte, 0, cap(s.buffer)) // the writer may still hold the old one
	return nil
}

// distinct joins the errors without repetition: the writer repeats a batch's error for each of its messages.
func distinct(err error) error {
	var all kafka.WriteErrors
	if !errors.As(err, &all) {
		return err
	}
	var each []error
	told := map[string]bool{}
	for _, e := range all {
		if e != nil && !told[e.Error()] {
			told[e.Error()] = true
			each = append(each, e)
		}
	}
	return errors.Join(each...)
}

func (s *Sender) writer(feed string) *kafka.Writer {
	w := s.writers[feed]
	if w == nil {
		w = &kafka.Writer{Addr: kafka.TCP(s.Connection.Brokers...), Topic: s.Topics[feed], Transport: s.Connection.Transport,
			Balancer: kafka.BalancerFunc(s.partition), RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond, BatchSize: 10_000,
			BatchBytes: 900_000, Compression: kafka.Lz4, MaxAttempts: 5}
		s.writers[feed] = w
	}
	return w
}

// Partitioner returns how keys are placed: as the producers do, else by murmur2.
func (s *Sender) Partitioner(ctx context.Context) (partitioner.Partitioner, error) {
	if s.by != partitioner.Any {
		return s.by, nil
	}
	by, err := s.producers(ctx)
	if err != nil {
		return partitioner.Any, err
	}
	if by == partitioner.Any {
		by = partitioner.Murmur2
	}
	s.by = by
	return by, nil
}

// partition returns a message's partition. One without a key, which no task can apply, goes anywhere.
func (s *Sender) partition(m kafka.Message, partitions ...int) int {
	if m.Key == nil {
		return partitions[rand.IntN(len(partitions))]
	}
	return partitions[s.by.PartitionOf(m.Key, len(partitions))]
}

// Close closes the connections; queued events are not sent.
func (s *Sender) Close() error {
	var errs []error
	for _, w := range s.writers {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
