package deadletter

import (
	"cmp"
	"context"
	"log/slog"
	"slices"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
)

// Latest gives the newest letters of a dead-letter topic, at most so many, the newest first, without what is in them and
// without a look at which were retried: it reads the ends of the partitions only.
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
				if l, ok := letterIn(&batch.Records[i]); ok {
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
