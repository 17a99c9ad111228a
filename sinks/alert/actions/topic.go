package actions

import (
	"context"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/pipeline/kafka"
)

// KafkaTopic is a Kafka topic. Messages of one customer or employee go to one partition, in order.
type KafkaTopic struct{ writer *kafkago.Writer }

// OpenTopic prepares a producer; it does not connect yet.
func OpenTopic(c *kafka.Connection, name string) *KafkaTopic {
	return &KafkaTopic{&kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: name, Transport: c.Transport, Balancer: &kafkago.Murmur2Balancer{},
		RequiredAcks: kafkago.RequireAll, BatchTimeout: 5 * time.Millisecond, BatchSize: batch, MaxAttempts: 3, Compression: kafkago.Lz4}}
}

// Send implements [Topic].
func (t *KafkaTopic) Send(ctx context.Context, keys, values [][]byte) error {
	messages := make([]kafkago.Message, len(keys))
	for i := range keys {
		messages[i] = kafkago.Message{Key: keys[i], Value: values[i]}
	}
	return t.writer.WriteMessages(ctx, messages...)
}

// Close closes the producer.
func (t *KafkaTopic) Close() error { return t.writer.Close() }
