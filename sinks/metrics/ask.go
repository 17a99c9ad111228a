package metrics

import (
	"context"
	"log/slog"
	"time"
)

const (
	// endsEvery is how often Kafka is asked where the logs end, also for partitions that are not fetched because their
	// rows cannot be written.
	endsEvery = 3 * time.Second
	// endsTime is how long Kafka may take to answer.
	endsTime = 10 * time.Second
	// storeEvery is how often ClickHouse is pinged, since there may be nothing to write for hours.
	storeEvery = 10 * time.Second
)

// WatchEnds lets ask report, by [Metrics.Ends], where the logs end, again and again until the context ends.
func (m *Metrics) WatchEnds(ctx context.Context, log *slog.Logger, ask func(context.Context) error) {
	keepAsking(ctx, log, endsEvery, endsTime, "where the logs end", ask, m.Answered)
}

// WatchStore notes that ClickHouse answers, until the context ends.
func (m *Metrics) WatchStore(ctx context.Context, log *slog.Logger, ping func(context.Context) error) {
	keepAsking(ctx, log, storeEvery, storeEvery, "ClickHouse whether it answers", ping, m.Reached)
}

// keepAsking asks again and again, and logs the first of several failures.
func keepAsking(ctx context.Context, log *slog.Logger, every, most time.Duration, what string, ask func(context.Context) error, answered func()) {
	once := func() error {
		ctx, cancel := context.WithTimeout(ctx, most)
		defer cancel()
		return ask(ctx)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	told := false
	for {
		if err := once(); err == nil {
			answered()
			told = false
		} else if ctx.Err() == nil && !told {
			log.Warn("asking "+what+" went wrong and is tried again", "every", every, "err", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
