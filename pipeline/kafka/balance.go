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
	// found is how many partitions this member last assigned as the leader of the group; nil if it never was the leader.
	found atomic.Pointer[int]
}

// AssignGroups implements [kafka.GroupBalancer].
func (b *sameNumbers) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	inOrder := slices.SortedFunc(slices.Values(partitions), func(a, b kafka.Partition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	n := 0
	for _, p := range partitions {
		if slices.Contains(b.topics, p.Topic) {
			n++
		}
	}
	b.found.Store(&n)
	return b.RangeGroupBalancer.AssignGroups(members, inOrder)
}

// sharedOut returns an error if this member, as the leader of the group, did not assign all partitions there should be.
// kafka-go takes an absent topic for one without partitions, and misses one that appears between the assignment and its
// first check of the topics: all members would then wait forever.
func (b *sameNumbers) sharedOut(partitions int) error {
	if n := b.found.Load(); n != nil && *n != partitions*len(b.topics) {
		return fmt.Errorf("%w: %d of %d partitions of the input topics were there when they were shared out", errShared, *n, partitions*len(b.topics))
	}
	return nil
}

var errShared = errors.New("the consumer group has to share its partitions anew")
