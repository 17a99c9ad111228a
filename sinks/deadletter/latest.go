package deadletter

import (
	"cmp"
	"context"
	"log/slog"
	"slices"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
)

// Latest returns the newest letters of a dead-letter topic, at most most, the newest first. It reads only the ends of
// the partitions, so the letters lack their messages, and it is unknown which were retried.
func Latest(ctx context.Context, c *kafka.Connection, topic string, most int, log *slog.Logger) (list []Letter, err error) {
	n, err := c.PartitionsOf(ctx, topic)
	if err != nil {
		return nil, err
	}
	ends, err := c.Bounds(ctx, topic, n)
	if err != nil {
		return nil, err
	}
	for p, b := range ends {
		err := c.Scan(ctx, topic, p, max(b.First, b.End-int64(most)), b.End, log, func(batch *pipeline.Batch) error {
			for i := range batch.Records {
				if l, ok := letterIn(&batch.Records[i], p); ok {
					l.Key, l.Value, l.Headers = nil, nil, nil
					list = append(list, l)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Letter) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Offset, a.Offset)) })
	return list[:min(len(list), most)], nil
}
