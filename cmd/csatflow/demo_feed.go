package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/simulate"
	"csatflow/pipeline/kafka"
)

// demo is a demo while it runs.
type demo struct {
	*demoState
	plan   *simulate.Demo
	data   string
	config *config.Config
	sys    *system
	log    *slog.Logger
	speed  float64
	intake string       // address that takes events over HTTP; "" for none
	at     atomic.Int64 // event time of the last event of the feed, in ms
}

// now is the time of the demo. What comes later would move it to a day on which nothing else has happened yet.
func (d *demo) now() time.Time { return time.UnixMilli(d.at.Load()).Add(time.Minute) }

// keepIncidents writes what goes wrong in the demo, and when, for backtest --incidents.
func (d *demo) keepIncidents() error {
	feed, err := simulate.New(d.plan.Config)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	for _, known := range feed.Truth().Incidents {
		if err := out.Encode(known); err != nil {
			return fmt.Errorf("writing the demo's incidents: %w", err)
		}
	}
	return os.WriteFile(filepath.Join(d.data, "incidents.jsonl"), text.Bytes(), 0o644)
}

// nightPace is how much faster than the day a demo's night passes: nobody wants to look at closed stores.
const nightPace = 20

// goLive sends what comes after the past, at the speed of the demo, and at the pace of real time once it has reached the present.
func (d *demo) goLive(ctx context.Context) error {
	var due, begun time.Time // of the last event, in event time and by the clock
	err := d.send(ctx, func(e *simulate.Event, s *kafka.Sender) (bool, error) {
		if e.At.Before(d.plan.Live) {
			return true, nil
		}
		if due.IsZero() { // the first that is missing
			due, begun = e.At, time.Now()
		}
		begun, due = begun.Add(d.takes(due, e.At)), e.At
		begun = latest(begun, e.At)
		defer func() { d.at.Store(e.At.UnixMilli()) }()
		wait := time.Until(begun)
		if wait <= 0 {
			return true, nil
		}
		if err := s.Flush(ctx); err != nil {
			return false, err
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(max(wait, 100*time.Millisecond)):
			return true, nil
		}
	})
	if err == nil {
		fmt.Fprintln(d.sys.stdout, "the simulated time is over; the page still shows it (csatflow demo --fresh begins anew)")
	}
	return err
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// takes is how long the demo takes from one event time to the next.
func (d *demo) takes(from, to time.Time) time.Duration {
	pace := d.speed
	if !d.plan.Open(from) {
		pace *= nightPace
	}
	return time.Duration(float64(to.Sub(from)) / pace)
}

// send sends the demo's feed from its begin until next says no. It skips what the topics have already, partition by partition: the feed is the
// same, byte for byte.
func (d *demo) send(ctx context.Context, next func(*simulate.Event, *kafka.Sender) (bool, error)) error {
	feed, err := simulate.New(d.plan.Config)
	if err != nil {
		return err
	}
	s, err := newSender(&d.config.Kafka)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	by, err := s.Partitioner(ctx)
	if err != nil {
		return err
	}
	had, err := d.had(ctx, s)
	if err != nil {
		return err
	}
	var e simulate.Event
	for feed.Next(&e) {
		name := e.Topic
		if e.Key == nil {
			e.Key = []byte("-") // a key of its own, so that the partition is the same again
		}
		p := by.PartitionOf(e.Key, d.Partitions)
		if had[name][p] > 0 {
			had[name][p]--
			continue
		}
		if goes, err := next(&e, s); err != nil {
			return err
		} else if !goes {
			break
		}
		if err := s.Add(ctx, name, e.Key, e.Value); err != nil {
			return err
		}
	}
	return s.Flush(ctx)
}

// had counts the messages of each partition of each topic.
func (d *demo) had(ctx context.Context, s *kafka.Sender) (map[string][]int64, error) {
	had := map[string][]int64{}
	for feed, topic := range s.Topics {
		bounds, err := s.Connection.Bounds(ctx, topic, d.Partitions)
		if err != nil {
			return nil, err
		}
		had[feed] = make([]int64, d.Partitions)
		for p, b := range bounds {
			had[feed][p] = b.End
		}
	}
	return had, nil
}
