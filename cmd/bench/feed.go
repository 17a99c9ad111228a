package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/cheggaaa/pb/v3"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/simulate"
)

// shape says which feed to make.
type shape struct {
	Events     int     `default:"2060000" help:"Responses and complaint steps."`
	Customers  int     `default:"200000" help:"Customers of the chain."`
	Stores     int     `default:"500" help:"Its stores."`
	Employees  int     `default:"5000" help:"Its employees."`
	Partitions int     `default:"8" help:"Partitions of each topic."`
	Late       float64 `default:"0.02" help:"Share of events that come late, by minutes to days."`
}

// feed is events in topics of their own.
type feed struct {
	topics     [3]string // responses, complaints, dead letters
	partitions int
	events     int64
	responses  int64 // distinct ones
	bytes      int64
}

var feeds atomic.Int32

// fill makes the topics and sends the events of two hours of a chain.
func (a *arena) fill(ctx context.Context, s shape) (*feed, error) {
	f := &feed{partitions: s.Partitions}
	n := feeds.Add(1)
	for i, name := range []string{"responses", "complaints", "dead"} {
		f.topics[i] = fmt.Sprintf("feed%d.%s", n, name)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(a.broker.Addr), kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerBatchMaxBytes(900_000),
		kgo.ProducerLinger(20*time.Millisecond), kgo.MaxBufferedRecords(200_000))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopics(ctx, int32(s.Partitions), 1, nil, f.topics[:]...); err != nil {
		return nil, fmt.Errorf("creating the topics of a feed: %w", err)
	}
	c := simulate.Default()
	c.Seed, c.Events, c.Duration, c.Start = 1, s.Events, 2*time.Hour, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	c.Customers, c.Stores, c.Employees, c.LateShare, c.BadShare, c.Story = s.Customers, s.Stores, s.Employees, s.Late, 0, false
	source, err := simulate.New(c)
	if err != nil {
		return nil, err
	}
	bar := pb.New64(int64(s.Events)).SetWriter(os.Stderr).Set("prefix", "feeding ").Start()
	defer bar.Finish()
	var failed atomic.Pointer[error]
	var e simulate.Event
	for source.Next(&e) {
		topic := f.topics[0]
		switch {
		case e.Complaint:
			topic = f.topics[1]
		case !e.Duplicate:
			f.responses++
		}
		f.events++
		f.bytes += int64(len(e.Value))
		client.Produce(ctx, &kgo.Record{Topic: topic, Key: append([]byte(nil), e.Key...), Value: append([]byte(nil), e.Value...)}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store(&err)
			}
		})
		if f.events%10_000 == 0 {
			bar.SetCurrent(f.events)
		}
	}
	if err := client.Flush(ctx); err != nil {
		return nil, err
	}
	if err := failed.Load(); err != nil {
		return nil, fmt.Errorf("feeding: %w", *err)
	}
	return f, nil
}
