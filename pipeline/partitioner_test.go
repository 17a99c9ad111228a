package pipeline_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
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
		sarama := int32(h.Sum32()) % int32(n) // as sarama's hashPartitioner has it
		if sarama < 0 {
			sarama = -sarama
		}
		for _, c := range []struct {
			by   pipeline.Partitioner
			name string
			want int
		}{
			{pipeline.Murmur2, "kafka-go", kafkago.Murmur2Balancer{}.Balance(m, all[:n]...)},
			{pipeline.Murmur2, "franz-go", franz.Partition(&kgo.Record{Key: key}, n)},
			{pipeline.CRC32, "kafka-go", kafkago.CRC32Balancer{}.Balance(m, all[:n]...)},
			{pipeline.FNV1a, "kafka-go", (&kafkago.Hash{}).Balance(m, all[:n]...)},
			{pipeline.FNV1a, "sarama", int(sarama)},
		} {
			if got := c.by.PartitionOf(key, n); got != c.want {
				t.Fatalf("key %d, %x: %s among %d: %d, and %s says %d", i, key, c.by, n, got, c.name, c.want)
			}
		}
	}
}

// TestAMessageInAPartitionThatIsNotItsKeysIsDivertedAndNamesBoth: its customer's other events are elsewhere.
func TestAMessageInAPartitionThatIsNotItsKeysIsDivertedAndNamesBoth(t *testing.T) {
	const n = 5
	for _, by := range append([]pipeline.Partitioner{pipeline.AnyPartition}, pipeline.Hashes...) {
		for p := range n {
			set := settings()
			set.Partitions, set.Placement = n, &pipeline.Placement{}
			set.Placement.Set(by)
			f := &feeder{Task: pipeline.NewTask(p, set, pipelinetest.Deaf{})}
			for topic, value := range map[pipeline.Topic]string{
				pipeline.Responses:    answer("e", noon, 3, ""),
				pipeline.Complaints:   step("e", noon, "opened"),
				pipeline.Purchases:    `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","customer_id":"c1","amount":1}`,
				pipeline.Observations: `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","store_id":"c1","kind":"mystery_visit"}`,
				pipeline.Departures:   `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","customer_id":"c1"}`,
			} {
				want, home := pipeline.Applied, by.PartitionOf([]byte("c1"), n)
				if by != pipeline.AnyPartition && home != p {
					want = pipeline.Diverted
				}
				if got := f.give(topic, "c1", value); got != want {
					t.Errorf("%s, %s in partition %d: %s", by, topic, p, got)
				}
				if want != pipeline.Diverted {
					continue
				}
				dead := f.Flush().Dead
				for _, words := range []string{fmt.Sprintf("belongs in partition %d", home), fmt.Sprintf("stands in partition %d", p), by.String(), "kafka.partitioner"} {
					if len(dead) != 1 || !strings.Contains(dead[0].Reason, words) {
						t.Errorf("%s, %s in partition %d: %+v lack %q", by, topic, p, dead, words)
					}
				}
			}
		}
	}
}
