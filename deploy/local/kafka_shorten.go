package local

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

// shorten drops the oldest records of topics beyond their own bound, from each partition in proportion, and logs how many. It
// reports whether it dropped any.
func (r *room) shorten(ctx context.Context, sizes map[topicPartition]int64) (bool, error) {
	held := map[string]int64{}
	for at, size := range sizes {
		held[at.topic] += size
	}
	dropped := false
	for _, topic := range slices.Sorted(maps.Keys(r.each)) {
		most := r.each[topic]
		if held[topic] <= most {
			continue
		}
		n, err := r.dropOldest(ctx, topic, 1-dropTo*float64(most)/float64(held[topic]))
		if err != nil {
			return dropped, fmt.Errorf("dropping the oldest records of %s: %w", topic, err)
		}
		if n > 0 {
			dropped = true
			r.log.Warn("the oldest records of a topic of the embedded Kafka were dropped: it held more than its share of --kafka-bytes", "topic", topic, "records", n, "held", held[topic], "share", most)
		}
	}
	return dropped, nil
}

// dropOldest drops a share of the records of a topic, and returns their number.
func (r *room) dropOldest(ctx context.Context, topic string, share float64) (records int64, err error) {
	starts, err := r.admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return 0, err
	}
	ends, err := r.admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return 0, err
	}
	offsets := kadm.Offsets{}
	starts.Each(func(o kadm.ListedOffset) {
		end, ok := ends.Lookup(topic, o.Partition)
		if !ok || end.Offset <= o.Offset {
			return
		}
		n := max(1, int64(share*float64(end.Offset-o.Offset)))
		offsets.AddOffset(topic, o.Partition, o.Offset+n, -1)
		records += n
	})
	if records == 0 {
		return 0, nil
	}
	answer, err := r.admin.DeleteRecords(ctx, offsets)
	if err == nil {
		err = answer.Error()
	}
	if err != nil {
		return 0, err
	}
	return records, nil
}
