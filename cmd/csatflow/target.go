package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
)

// targetFlags say which Kafka events are sent to.
type targetFlags struct {
	configFlag
	Brokers []string `placeholder:"HOST:PORT" help:"Kafka brokers, instead of the configured ones (127.0.0.1:9092 when neither is given)."`
}

// kafkaConfig gives the Kafka part of the configuration.
func (t *targetFlags) kafkaConfig(sys *system) (*config.Kafka, error) {
	c, err := t.load(sys)
	if err != nil {
		return nil, err
	}
	switch {
	case len(t.Brokers) > 0:
		c.Kafka.Brokers = t.Brokers
	case len(c.Kafka.Brokers) == 0:
		c.Kafka.Brokers = []string{"127.0.0.1:9092"}
	}
	if err := c.CheckKafka(); err != nil {
		return nil, usage(err)
	}
	return &c.Kafka, nil
}

// sender sends events to the input topics, keyed, in the order given within each partition.
type sender struct {
	connection *kafka.Connection
	topics     map[string]string // by feed; "" for a topic that is not configured
	writers    map[string]*kafkago.Writer
	waiting    map[string][]kafkago.Message
	config     *config.Kafka
	by         pipeline.Partitioner // AnyPartition until it is needed
	buffer     []byte
	sent       int
}

// sendAtOnce is how many events wait for one call of the writer: many, since each call waits for the brokers.
const sendAtOnce = 10_000

func newSender(c *config.Kafka) (*sender, error) {
	conn, err := connectKafka(c)
	if err != nil {
		return nil, err
	}
	return &sender{connection: conn, config: c, writers: map[string]*kafkago.Writer{}, waiting: map[string][]kafkago.Message{},
		topics: topicsByFeed(c)}, nil
}

// producersPartitioner is the configured partitioner, or the one that the topics tell of. Told is false while they have
// too few keys.
func producersPartitioner(ctx context.Context, c *config.Kafka, conn *kafka.Connection) (by pipeline.Partitioner, told bool, err error) {
	if c.Partitioner != config.AutoPartitioner {
		by, err = pipeline.PartitionerOf(c.Partitioner)
		return by, true, err
	}
	topics := topicNames(c)
	partitions, err := conn.CheckTopics(ctx, topics)
	if err != nil {
		return by, false, topicsError(err)
	}
	by, told, err = learnPartitioner(ctx, conn, topics, partitions, slog.New(slog.DiscardHandler))
	return by, told, topicsError(err)
}

// Add sends an event soon; key and value are copied.
func (s *sender) add(ctx context.Context, feed string, key, value []byte) error {
	s.buffer = append(append(s.buffer, key...), value...)
	at := len(s.buffer) - len(key) - len(value)
	m := kafkago.Message{Value: s.buffer[at+len(key) : len(s.buffer) : len(s.buffer)]}
	if key != nil {
		m.Key = s.buffer[at : at+len(key) : at+len(key)]
	}
	s.waiting[feed] = append(s.waiting[feed], m)
	if len(s.waiting[feed]) >= sendAtOnce {
		return s.flush(ctx)
	}
	return nil
}

// flush sends all that waits and returns when the brokers have it.
func (s *sender) flush(ctx context.Context) error {
	if err := s.learn(ctx); err != nil {
		return err
	}
	for feed, messages := range s.waiting {
		if len(messages) == 0 {
			continue
		}
		if err := s.writer(feed).WriteMessages(ctx, messages...); err != nil {
			err = fmt.Errorf("sending to %s at %v: %w", s.topics[feed], s.connection.Brokers, distinct(err))
			if errors.Is(err, kafkago.UnknownTopicOrPartition) {
				return usage(fmt.Errorf("%w: create the topic (csatflow migrate --topics does)", err))
			}
			if errors.Is(err, kafkago.PolicyViolation) {
				return answerNo(err)
			}
			return unreachable(err)
		}
		s.sent += len(messages)
		s.waiting[feed] = messages[:0]
	}
	s.buffer = make([]byte, 0, cap(s.buffer)) // the writer may still hold the old one
	return nil
}

// distinct tells each error once: the writer tells that of a batch for each of its messages.
func distinct(err error) error {
	var all kafkago.WriteErrors
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

func (s *sender) writer(feed string) *kafkago.Writer {
	w := s.writers[feed]
	if w == nil {
		w = &kafkago.Writer{Addr: kafkago.TCP(s.connection.Brokers...), Topic: s.topics[feed], Transport: s.connection.Transport,
			Balancer: kafkago.BalancerFunc(s.partition), RequiredAcks: kafkago.RequireAll, BatchTimeout: time.Millisecond, BatchSize: 10_000,
			BatchBytes: 900_000, Compression: kafkago.Lz4, MaxAttempts: 5}
		s.writers[feed] = w
	}
	return w
}

// learn finds the partitioner, before the first message is sent: murmur2 while nothing tells another.
func (s *sender) learn(ctx context.Context) (err error) {
	if s.by != pipeline.AnyPartition {
		return nil
	}
	if s.by, _, err = producersPartitioner(ctx, s.config, s.connection); err == nil && s.by == pipeline.AnyPartition {
		s.by = pipeline.Murmur2
	}
	return err
}

// partition gives a message's partition. One without a key, which nobody can apply, goes anywhere.
func (s *sender) partition(m kafkago.Message, partitions ...int) int {
	if m.Key == nil {
		return partitions[rand.IntN(len(partitions))]
	}
	return partitions[s.by.PartitionOf(m.Key, len(partitions))]
}

func (s *sender) close() error {
	var errs []error
	for _, w := range s.writers {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
