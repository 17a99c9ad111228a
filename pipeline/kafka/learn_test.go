package kafka

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"csatflow/pipeline/partitioner"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

// keyed fills topics with keys of these producers, and returns what is learnt from them.
func learnt(t *testing.T, partitions int, producers map[string][]kafkago.Balancer, keys int) *Uses {
	t.Helper()
	_, c := faked(t, kfake.NumBrokers(1), kfake.SeedTopics(int32(partitions), "a", "b"))
	for topic, list := range producers {
		for i, balancer := range list {
			w := &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: topic, Transport: c.Transport, Balancer: balancer, BatchTimeout: 1, RequiredAcks: kafkago.RequireAll}
			var messages []kafkago.Message
			for k := range keys {
				key := fmt.Appendf(nil, "customer-%d", k*len(list)+i)
				messages = append(messages, kafkago.Message{Key: key, Value: []byte("{}")}, kafkago.Message{Key: key, Value: []byte("again")}, kafkago.Message{Value: []byte("no key")})
			}
			if err := w.WriteMessages(t.Context(), messages...); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	uses, err := c.LearnPartitioner(t.Context(), TopicNames{"a", "b"}, partitions, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return uses
}

func TestThePartitionerIsLearntFromTheKeysOfTheTopics(t *testing.T) {
	murmur2, crc32, fnv1a := kafkago.Murmur2Balancer{}, kafkago.CRC32Balancer{}, &kafkago.Hash{}
	for _, c := range []struct {
		name       string
		partitions int
		producers  map[string][]kafkago.Balancer
		keys       int
		want       partitioner.Partitioner
		refused    string
	}{
		{"Java's", 8, map[string][]kafkago.Balancer{"a": {murmur2}, "b": {murmur2}}, 100, partitioner.Murmur2, ""},
		{"librdkafka's", 8, map[string][]kafkago.Balancer{"a": {crc32}, "b": {crc32}}, 100, partitioner.CRC32, ""},
		{"Sarama's", 3, map[string][]kafkago.Balancer{"a": {fnv1a}, "b": {fnv1a}}, 100, partitioner.FNV1a, ""},
		{"one topic, the other empty", 8, map[string][]kafkago.Balancer{"a": {crc32}}, 100, partitioner.CRC32, ""},
		{"nothing yet", 8, nil, 0, partitioner.Any, ""},
		{"a few keys", 8, map[string][]kafkago.Balancer{"a": {crc32}}, 3, partitioner.Any, ""},
		{"one partition", 1, map[string][]kafkago.Balancer{"a": {crc32}}, 3, partitioner.Murmur2, ""},
		{"many partitions", 100, map[string][]kafkago.Balancer{"a": {crc32}}, 200, partitioner.CRC32, ""},
		{"two topics that differ", 8, map[string][]kafkago.Balancer{"a": {murmur2}, "b": {crc32}}, 100, partitioner.Any, "it is crc32"},
		{"two producers of a topic", 8, map[string][]kafkago.Balancer{"a": {murmur2, crc32}, "b": {murmur2}}, 100, partitioner.Any, "several producers"},
		{"keys anywhere", 8, map[string][]kafkago.Balancer{"a": {&kafkago.RoundRobin{}}}, 100, partitioner.Any, "none of them"},
	} {
		t.Run(c.name, func(t *testing.T) {
			uses := learnt(t, c.partitions, c.producers, c.keys)
			got, err := uses.Decide()
			var told *TopicError
			switch {
			case c.refused == "" && (err != nil || got != c.want):
				t.Errorf("%s, %v\n%s", got, err, uses.Table())
			case c.refused != "" && (!errors.As(err, &told) || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), "kafka.partitioner")):
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}
