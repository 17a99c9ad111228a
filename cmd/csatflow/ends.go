package main

import (
	"context"
	"time"

	"csatflow/sinks/metrics"
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

// watchEnds reports to the metrics where the logs end, until the context ends.
func (s *service) watchEnds(ctx context.Context, to *servers, m *metrics.Metrics, partitions int) {
	s.keepAsking(ctx, endsEvery, "where the logs end", func(ctx context.Context) error {
		return s.askEnds(ctx, to, m, partitions)
	}, m.Answered)
}

// watchStore reports to the metrics that ClickHouse answers, until the context ends.
func (s *service) watchStore(ctx context.Context, ping func(context.Context) error, m *metrics.Metrics) {
	s.keepAsking(ctx, storeEvery, "ClickHouse whether it answers", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, storeEvery)
		defer cancel()
		return ping(ctx)
	}, m.Reached)
}

// keepAsking asks again and again, and logs the first of several failures.
func (s *service) keepAsking(ctx context.Context, every time.Duration, what string, ask func(context.Context) error, answered func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	told := false
	for {
		if err := ask(ctx); err == nil {
			answered()
			told = false
		} else if ctx.Err() == nil && !told {
			s.log.Warn("asking "+what+" went wrong and is tried again", "every", every, "err", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *service) askEnds(ctx context.Context, to *servers, m *metrics.Metrics, partitions int) error {
	ctx, cancel := context.WithTimeout(ctx, endsTime)
	defer cancel()
	for topic, name := range to.topics.Read() {
		bounds, err := to.kafka.Bounds(ctx, name, partitions)
		if err != nil {
			return err
		}
		m.Ends(topic, bounds)
	}
	return nil
}
