package kafka

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/segmentio/kafka-go"
)

// sameNumbers assigns a member the same partition numbers of every topic. kafka-go's range balancer does so only if brokers
// list partitions in order, which some do not.
type sameNumbers struct {
	kafka.RangeGroupBalancer
	topics []string
	// found is how many partitions of each topic this member last shared out as the leader of the group; nil if it never was the leader.
	found atomic.Pointer[[]int]
}

// AssignGroups implements [kafka.GroupBalancer].
func (b *sameNumbers) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	inOrder := slices.SortedFunc(slices.Values(partitions), func(a, b kafka.Partition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	found := make([]int, len(b.topics))
	for _, p := range partitions {
		if i := slices.Index(b.topics, p.Topic); i >= 0 {
			found[i]++
		}
	}
	b.found.Store(&found)
	return b.RangeGroupBalancer.AssignGroups(members, inOrder)
}

// sharedOut returns an error if this member, as the leader of the group, did not assign all partitions there should be.
// kafka-go takes an absent topic for one without partitions; if it appears right afterwards, all members would wait forever.
func (b *sameNumbers) sharedOut(partitions int) error {
	found := b.found.Load()
	if found == nil {
		return nil
	}
	for i, n := range *found {
		if n != partitions {
			return fmt.Errorf("%w: %d of %d partitions of %s were there when they were shared out", errShared, n, partitions, b.topics[i])
		}
	}
	return nil
}

var errShared = errors.New("the consumer group has to share its partitions anew")
