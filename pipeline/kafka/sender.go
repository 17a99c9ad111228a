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

// Sender sends events to the input topics, keyed, in the order given within each partition. Topics are named by their feed,
// [pipeline.Topic]'s String.
type Sender struct {
	Connection *Connection
	Topics     map[string]string // by feed; a feed that is not there has no topic
	Sent       int               // events that the brokers have

	producers func(context.Context) (partitioner.Partitioner, error)
	by        partitioner.Partitioner // AnyPartition until it is needed
	writers   map[string]*kafka.Writer
	waiting   map[string][]kafka.Message
	buffer    []byte
}

// sendAtOnce is how many events wait for one call of the writer: many, since each call waits for the brokers.
const sendAtOnce = 10_000

// NewSender makes a sender. producers tells the partitioner that the producers of the topics use, before the first event is sent;
// when it gives [partitioner.Any], murmur2 is taken.
func NewSender(c *Connection, topics TopicNames, producers func(context.Context) (partitioner.Partitioner, error)) *Sender {
	return &Sender{Connection: c, Topics: topics.ByFeed(), producers: producers, writers: map[string]*kafka.Writer{}, waiting: map[string][]kafka.Message{}}
}

// Producers gives the partitioner that the topics tell of; told is false while they have too few keys. A [TopicError] says that
// topics are absent, or that their producers use different ones.
func (c *Connection) Producers(ctx context.Context, topics TopicNames, partitions int, log *slog.Logger) (by partitioner.Partitioner, told bool, err error) {
	uses, err := c.LearnPartitioner(ctx, topics, partitions, log)
	if err != nil {
		return by, false, err
	}
	by, err = uses.Decide()
	return by, err == nil && by != partitioner.Any, err
}

// Add sends an event soon; key and value are copied.
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

// Flush sends all that waits and returns when the brokers have it. A [TopicError] says that a topic is absent, a
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

// distinct tells each error once: the writer tells that of a batch for each of its messages.
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

// Partitioner says where keys are put: as producers do, and by murmur2 while nothing tells another.
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

// partition gives a message's partition. One without a key, which nobody can apply, goes anywhere.
func (s *Sender) partition(m kafka.Message, partitions ...int) int {
	if m.Key == nil {
		return partitions[rand.IntN(len(partitions))]
	}
	return partitions[s.by.PartitionOf(m.Key, len(partitions))]
}

// Close ends the connections; what waits is not sent.
func (s *Sender) Close() error {
	var errs []error
	for _, w := range s.writers {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
