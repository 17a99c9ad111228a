package main

import (
	"context"
	"errors"
	"log/slog"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
)

// targetFlags choose the Kafka to send to.
type targetFlags struct {
	configFlag
	Brokers []string `placeholder:"HOST:PORT" help:"Kafka brokers, instead of the configured ones."`
}

// kafkaConfig returns the Kafka part of the configuration.
func (t *targetFlags) kafkaConfig(sys *system) (*config.Kafka, error) {
	c, err := t.load(sys)
	if err != nil {
		return nil, err
	}
	if len(t.Brokers) > 0 {
		c.Kafka.Brokers = t.Brokers
	}
	if len(c.Kafka.Brokers) == 0 {
		return nil, usage(errors.New("which Kafka? Pass --brokers HOST:PORT (127.0.0.1:9092 of csatflow local), or a configuration with kafka.brokers (--config FILE)"))
	}
	if err := c.CheckKafka(); err != nil {
		return nil, usage(err)
	}
	return &c.Kafka, nil
}

// newSender returns a sender to the configured topics.
func newSender(c *config.Kafka) (*kafka.Sender, error) {
	conn, err := connectKafka(c)
	if err != nil {
		return nil, err
	}
	return kafka.NewSender(conn, topicNames(c), func(ctx context.Context) (partitioner.Partitioner, error) {
		by, _, err := producersPartitioner(ctx, c, conn)
		return by, err
	}), nil
}

// producersPartitioner returns the configured partitioner, or the one learnt from the topics. told is false while they
// have too few keys.
func producersPartitioner(ctx context.Context, c *config.Kafka, conn *kafka.Connection) (by partitioner.Partitioner, told bool, err error) {
	if c.Partitioner != config.AutoPartitioner {
		by, err = partitioner.Of(c.Partitioner)
		return by, true, err
	}
	topics := topicNames(c)
	partitions, err := conn.CheckTopics(ctx, topics)
	if err != nil {
		return by, false, err
	}
	return conn.Producers(ctx, topics, partitions, slog.New(slog.DiscardHandler))
}
