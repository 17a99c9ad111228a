package main

import (
	"context"
	"time"

	"csatflow/sinks/metrics"
)

const (
	// endsEvery is how often Kafka is asked where the logs end: also of a partition that is not being fetched, since its
	// rows cannot be written.
	endsEvery = 3 * time.Second
	// endsTime is how long it may take.
	endsTime = 10 * time.Second
)

// watchEnds tells the metrics where the logs end, until the context does.
func (s *service) watchEnds(ctx context.Context, to *servers, m *metrics.Metrics, partitions int) {
	tick := time.NewTicker(endsEvery)
	defer tick.Stop()
	told := false // of a Kafka that does not answer
	for {
		if err := s.askEnds(ctx, to, m, partitions); err == nil {
			m.Answered()
			told = false
		} else if ctx.Err() == nil && !told {
			s.log.Warn("asking where the logs end went wrong and is tried again", "every", endsEvery, "err", err)
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
