package kafka

import (
	"context"
	"fmt"
	"log/slog"

	"csatflow/pipeline"
)

// Scan reads a partition of any topic in [from, to) and passes each batch to each; the records' Topic is not set. It
// reconnects when a connection breaks, and logs that. Offsets that the log has lost are an error.
func (c *Connection) Scan(ctx context.Context, topic string, partition int, from, to int64, log *slog.Logger, each func(*pipeline.Batch) error) error {
	if from >= to {
		return nil
	}
	f := startFeed(ctx, func(hand func(pipeline.Batch) error) []*fetcher {
		return []*fetcher{newFetcher(c, topic, 0, partition, from, log, hand)}
	})
	defer f.Close()
	for b := range f.Batches() {
		for len(b.Records) > 0 && b.Records[len(b.Records)-1].Offset >= to {
			b.Records = b.Records[:len(b.Records)-1]
		}
		b.Next = min(b.Next, to)
		if err := each(&b); err != nil {
			return err
		}
		if b.Next >= to {
			return nil
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return fmt.Errorf("scanning %s, partition %d, ended without a reason", topic, partition)
}
