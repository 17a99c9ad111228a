package partitioner_test

import (
	"hash/fnv"
	"math/rand/v2"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/pipeline/partitioner"
)

func TestEachPartitionerPutsAKeyWhereOtherClientsPutIt(t *testing.T) {
	all := make([]int, 1000)
	for i := range all {
		all[i] = i
	}
	r := rand.New(rand.NewPCG(1, 2))
	franz := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	for i := range 20_000 {
		key := make([]byte, r.IntN(40))
		for j := range key {
			key[j] = byte(r.Uint32())
		}
		if len(key) == 0 { // clients put these anywhere
			continue
		}
		n := 1 + r.IntN(len(all))
		m := kafkago.Message{Key: key}
		h := fnv.New32a()
		_, _ = h.Write(key)
		sarama := int32(h.Sum32()) % int32(n) // as in sarama's hashPartitioner
		if sarama < 0 {
			sarama = -sarama
		}
		for _, c := range []struct {
			by   partitioner.Partitioner
			name string
			want int
		}{
			{partitioner.Murmur2, "kafka-go", kafkago.Murmur2Balancer{}.Balance(m, all[:n]...)},
			{partitioner.Murmur2, "franz-go", franz.Partition(&kgo.Record{Key: key}, n)},
			{partitioner.CRC32, "kafka-go", kafkago.CRC32Balancer{}.Balance(m, all[:n]...)},
			{partitioner.FNV1a, "kafka-go", (&kafkago.Hash{}).Balance(m, all[:n]...)},
			{partitioner.FNV1a, "sarama", int(sarama)},
		} {
			if got := c.by.PartitionOf(key, n); got != c.want {
				t.Fatalf("key %d, %x: %s among %d: %d, and %s says %d", i, key, c.by, n, got, c.name, c.want)
			}
		}
	}
}
