package kafka

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/segmentio/kafka-go"
)

// sameNumbers gives a member the same partition numbers of every topic. kafka-go's range balancer does where brokers list
// partitions in order, which not all do.
type sameNumbers struct {
	kafka.RangeGroupBalancer
	topics []string
	// found is how many partitions of the topics there were when this member last shared them out, as the leader of the group;
	// nil if it never did.
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

// sharedOut says, with an error, that this member as the leader of the group did not share out all that there should be.
// kafka-go takes a topic that is absent for one without partitions, and hears nothing of one that appears in the moment
// between the sharing and its first look at the topics: all members would wait for good, with nothing to read.
func (b *sameNumbers) sharedOut(partitions int) error {
	if n := b.found.Load(); n != nil && *n != partitions*len(b.topics) {
		return fmt.Errorf("%w: %d of %d partitions of the input topics were there when they were shared out", errShared, *n, partitions*len(b.topics))
	}
	return nil
}

var errShared = errors.New("the consumer group has to share its partitions anew")
