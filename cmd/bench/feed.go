package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/cheggaaa/pb/v3"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/term"

	"csatflow/deploy/simulate"
)

// feedConfig says which feed to make.
type feedConfig struct {
	Events     int     `kong:"-"` // responses and complaint steps
	Customers  int     `default:"200000" help:"Customers of the chain."`
	Stores     int     `default:"500" help:"Stores of the chain."`
	Employees  int     `default:"5000" help:"Employees of the chain."`
	Partitions int     `default:"8" help:"Partitions of each topic."`
	Late       float64 `default:"0.02" help:"Share of events that arrive minutes to days late."`
}

// of returns the simulator's configuration for a span of event time.
func (s feedConfig) of(seed uint64, start time.Time, d time.Duration) simulate.Config {
	c := simulate.Default()
	c.Seed, c.Events, c.Start, c.Duration = seed, s.Events, start, d
	c.Customers, c.Stores, c.Employees, c.LateShare, c.BadShare, c.Story = s.Customers, s.Stores, s.Employees, s.Late, 0, false
	return c
}

// topics are the topics of one feed.
type topics struct {
	responses, complaints, dead string
	partitions                  int
}

// makeTopics makes new topics.
func (a *testbed) makeTopics(ctx context.Context, client *kgo.Client, partitions int) (*topics, error) {
	a.feeds++
	name := func(of string) string { return fmt.Sprintf("feed%d.%s", a.feeds, of) }
	t := &topics{name("responses"), name("complaints"), name("dead"), partitions}
	made, err := kadm.NewClient(client).CreateTopics(ctx, int32(partitions), 1, nil, t.responses, t.complaints, t.dead)
	if err == nil {
		err = made.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("creating the topics of a feed: %w", err)
	}
	return t, nil
}

// producer connects to send events, partitioned by key like Kafka's own clients.
func (a *testbed) producer(linger time.Duration) (*kgo.Client, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(a.broker.Addr), kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerBatchMaxBytes(900_000),
		kgo.ProducerLinger(linger), kgo.MaxBufferedRecords(200_000))
	if err != nil {
		return nil, fmt.Errorf("connecting to Kafka: %w", err)
	}
	return client, nil
}

// record copies an event for its topic.
func (t *topics) record(e *simulate.Event) *kgo.Record {
	topic := t.responses
	if e.Complaint {
		topic = t.complaints
	}
	return &kgo.Record{Topic: topic, Key: bytes.Clone(e.Key), Value: bytes.Clone(e.Value)}
}

// feed is events in topics of their own, with the sums that views must show.
type feed struct {
	*topics
	events    int64
	responses int64 // distinct ones
	opened    int64 // complaints
	bytes     int64 // of the JSON
}

// fill makes the topics and sends the events of two hours of a chain.
func (a *testbed) fill(ctx context.Context, s feedConfig) (*feed, error) {
	source, err := simulate.New(s.of(1, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), 2*time.Hour))
	if err != nil {
		return nil, err
	}
	client, err := a.producer(20 * time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	t, err := a.makeTopics(ctx, client, s.Partitions)
	if err != nil {
		return nil, err
	}
	f := &feed{topics: t}
	bar := pb.New64(int64(s.Events)).SetWriter(os.Stderr).Set("prefix", "feeding ")
	if term.IsTerminal(int(os.Stderr.Fd())) {
		bar.Start()
		defer bar.Finish()
	}
	var failed atomic.Pointer[error]
	var e simulate.Event
	for source.Next(&e) && failed.Load() == nil {
		f.events++
		f.bytes += int64(len(e.Value))
		client.Produce(ctx, t.record(&e), func(_ *kgo.Record, err error) {
			if err != nil {
				failed.CompareAndSwap(nil, &err)
			}
		})
		if f.events%10_000 == 0 {
			bar.SetCurrent(f.events)
		}
	}
	if err := client.Flush(ctx); err != nil {
		return nil, fmt.Errorf("feeding: %w", err)
	}
	if err := failed.Load(); err != nil {
		return nil, fmt.Errorf("feeding: %w", *err)
	}
	truth := source.Truth()
	f.responses, f.opened = truth.Responses.Distinct, truth.Overall.Opened
	return f, nil
}
