package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/worker"
	"csatflow/sinks/metrics"
)

// dryRun computes everything from the start of the logs and writes nothing.
func (s *service) dryRun(ctx context.Context, out io.Writer) error {
	to, err := connect(s.config)
	if err != nil {
		return err
	}
	defer func() { _ = to.store.Close() }()
	partitions, err := to.kafka.CheckTopics(ctx, to.topics)
	if err != nil {
		return topicsError(err)
	}
	set, err := s.config.Settings(partitions)
	if err != nil {
		return usage(err)
	}
	if set.Placement, err = newSettlement(s.config, nil, set).Placement(ctx, to.producers(partitions, s.log)); err != nil {
		return settledError(err)
	}
	set.NameLimit = math.MaxInt // to let names go a task is restored, and here there is nothing to restore it from
	m := metrics.New(prometheus.NewRegistry(), version, seriesOf(&s.config.Metrics))
	counted := &countingMeter{Meter: m, rows: map[string]int{}}
	var meter worker.Meter = counted
	if s.progress != nil {
		meter = s.progress(meter)
	}
	var letters letterCount
	group := s.group(to, partitions, func() *worker.Worker {
		w := s.worker(set, partitions, meter)
		w.Store, w.Dead, w.Observer = noStore{}, &letters, m
		return w
	})
	if err := group.Alone(ctx); err != nil {
		return topicsError(err)
	}
	for _, table := range slices.Sorted(maps.Keys(counted.rows)) {
		fmt.Fprintf(out, "%s: %d rows\n", table, counted.rows[table])
	}
	_, err = fmt.Fprintf(out, "dead letters: %d\nnothing was written\n", letters.n.Load())
	return err
}

func (s *service) group(to *servers, partitions int, worker func() *worker.Worker) *kafka.Group {
	c := s.config
	return &kafka.Group{Connection: to.kafka, ID: c.Kafka.Group, Topics: to.topics, Partitions: partitions, UntilEnd: s.untilEnd, Log: s.log,
		Timing: kafka.Timing{Heartbeat: c.Kafka.HeartbeatInterval, Session: c.Kafka.SessionTimeout, Rebalance: c.Kafka.RebalanceTimeout}, Worker: worker}
}

// worker makes one without what it writes to.
func (s *service) worker(set *pipeline.Settings, partitions int, meter worker.Meter) *worker.Worker {
	f := s.config.Flush
	return &worker.Worker{Settings: set, Options: worker.Options{FlushInterval: f.Interval, FlushTogether: true, FlushRows: max(f.Rows/partitions, 1000),
		FlushBytes: max(flushBytes/partitions, 1<<20), StopTimeout: 8 * time.Second, AcceptLost: s.acceptLost, Log: s.log, Meter: meter}}
}

// countingMeter counts the rows of flushes.
type countingMeter struct {
	worker.Meter
	mu   sync.Mutex
	rows map[string]int
}

func (c *countingMeter) Flushed(partition int, took time.Duration, rows map[string]int, err error) {
	c.mu.Lock()
	for table, n := range rows {
		c.rows[table] += n
	}
	c.mu.Unlock()
	c.Meter.Flushed(partition, took, rows, err)
}

// letterCount counts dead letters.
type letterCount struct{ n atomic.Int64 }

func (c *letterCount) Send(_ context.Context, letters []pipeline.DeadLetter) error {
	c.n.Add(int64(len(letters)))
	return nil
}

// noStore is empty tables that stay so.
type noStore struct{}

func (noStore) Write(context.Context, []pipeline.Rows) error                      { return nil }
func (noStore) Positions(context.Context, func(pipeline.PositionRow) error) error { return nil }
func (noStore) Scores(context.Context, int, func(pipeline.ScoreRow) error) error  { return nil }
func (noStore) OlderLogic(context.Context, int) (bool, error)                     { return false, nil }
func (noStore) Histories(context.Context, int, pipeline.Topic, func(pipeline.HistoryRow) error) error {
	return nil
}

func (noStore) Panes(context.Context, int, pipeline.Topic, int, func(pipeline.PaneRow) error) (int64, error) {
	return 0, nil
}

func (noStore) PanesAt(context.Context, int, pipeline.Topic, []pipeline.PaneID, func(pipeline.PaneRow) error) error {
	return nil
}
