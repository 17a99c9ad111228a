package kafka

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/segmentio/kafka-go"
)

func TestAMemberGetsTheSamePartitionNumbersOfEveryTopicHoweverBrokersListThem(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	topics := []string{"a", "b", "c"}
	for round := range 200 {
		var members []kafka.GroupMember
		for i := range 1 + r.IntN(4) {
			members = append(members, kafka.GroupMember{ID: fmt.Sprint("member-", i), Topics: topics})
		}
		var partitions []kafka.Partition
		for _, topic := range topics {
			for p := range 8 {
				partitions = append(partitions, kafka.Partition{Topic: topic, ID: p})
			}
		}
		r.Shuffle(len(partitions), func(i, j int) { partitions[i], partitions[j] = partitions[j], partitions[i] })
		all := 0
		for id, byTopic := range (&sameNumbers{}).AssignGroups(members, partitions) {
			first := slices.Sorted(slices.Values(byTopic["a"]))
			all += len(first)
			for _, topic := range topics {
				if got := slices.Sorted(slices.Values(byTopic[topic])); !slices.Equal(got, first) {
					t.Fatalf("round %d: %s has %v of %s and %v of a", round, id, got, topic, first)
				}
			}
		}
		if all != 8 {
			t.Fatalf("round %d: %d partitions of 8 are assigned", round, all)
		}
	}
}
