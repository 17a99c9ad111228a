package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/pipeline"
	"csatflow/pipeline/dryrun"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/worker"
	"csatflow/sinks/metrics"
)

// dryRun computes everything from the start of the logs and writes nothing.
func (s *service) dryRun(ctx context.Context, out io.Writer) error {
	k, err := connectKafka(&s.config.Kafka)
	if err != nil {
		return err
	}
	to := &servers{kafka: k, topics: topicNames(&s.config.Kafka)}
	partitions, err := to.kafka.CheckTopics(ctx, to.topics)
	if err != nil {
		return topicsError(err)
	}
	set, err := s.config.Settings(partitions)
	if err != nil {
		return usage(err)
	}
	if set.Placement, err = newSettlement(s.config, nil, set, nil).Placement(ctx, to.producers(partitions, s.log)); err != nil {
		return settledError(err)
	}
	set.NameLimit = math.MaxInt // names are freed by a restore, and here there is nothing to restore from
	m := metrics.New(prometheus.NewRegistry(), version, seriesOf(&s.config.Metrics))
	counted := dryrun.Count(m)
	var meter worker.Meter = counted
	if s.progress != nil {
		meter = s.progress(meter)
	}
	var letters dryrun.Letters
	group := s.group(to, partitions, func() *worker.Worker {
		w := s.worker(set, partitions, meter)
		w.Store, w.Dead, w.Observer = dryrun.Store{}, &letters, m
		return w
	})
	if group.Reading, err = s.reading(m.Waits); err != nil {
		return err
	}
	if err := group.Alone(ctx); err != nil {
		return topicsError(err)
	}
	for table, rows := range counted.Rows() {
		fmt.Fprintf(out, "%s: %d rows\n", table, rows)
	}
	_, err = fmt.Fprintf(out, "dead letters: %d\nnothing was written\n", letters.Count())
	return err
}

func (s *service) group(to *servers, partitions int, worker func() *worker.Worker) *kafka.Group {
	c := s.config
	return &kafka.Group{Connection: to.kafka, ID: c.Kafka.Group, Topics: to.topics, Partitions: partitions, UntilEnd: s.untilEnd, Log: s.log,
		Timing: kafka.Timing{Heartbeat: c.Kafka.HeartbeatInterval, Session: c.Kafka.SessionTimeout, Rebalance: c.Kafka.RebalanceTimeout}, Worker: worker}
}

// worker makes a worker without its sinks.
func (s *service) worker(set *pipeline.Settings, partitions int, meter worker.Meter) *worker.Worker {
	f := s.config.Flush
	return &worker.Worker{Settings: set, Options: worker.Options{FlushInterval: f.Interval, StateInterval: f.StateInterval, FlushTogether: true, FlushRows: max(f.Rows/partitions, 1000),
		FlushBytes: max(flushBytes/partitions, 1<<20), StopTimeout: 8 * time.Second, AcceptLost: s.acceptLost, Log: s.log, Meter: meter}}
}
