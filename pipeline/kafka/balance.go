package kafka

import (
	"cmp"
	"slices"

	"github.com/segmentio/kafka-go"
)

// sameNumbers gives a member the same partition numbers of every topic. kafka-go's range balancer does where brokers list
// partitions in order, which not all do.
type sameNumbers struct{ kafka.RangeGroupBalancer }

// AssignGroups implements [kafka.GroupBalancer].
func (b sameNumbers) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	inOrder := slices.SortedFunc(slices.Values(partitions), func(a, b kafka.Partition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	return b.RangeGroupBalancer.AssignGroups(members, inOrder)
}
