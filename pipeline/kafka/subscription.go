package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
)

// Subscription is this process's part of a consumer group that reads topics of others, each partition in its order and at least
// once: an offset is committed when Take has taken what stands before it.
type Subscription struct {
	Connection *Connection
	Group      string
	Topics     []string
	Timing     Timing
	// Slots bounds the portions that are taken at a time, over all partitions and all subscriptions that share it.
	Slots chan struct{}
	// Take takes records from the beginning of a portion, one or more, and returns how many when they are kept elsewhere; they are
	// committed then, and it is called with the rest. After an error it is called again with the same portion, after a pause: nothing
	// behind it is fetched before. Its context ends some seconds after that of Run.
	Take func(context.Context, Portion) (taken int, err error)
	// Told hears why a partition does not go on, and "" when it does again.
	Told func(topic string, partition int, why string)
	// Left hears that a partition is not this process's any more.
	Left func(topic string, partition int)
	// Lost hears of messages that were removed before they were read.
	Lost func(topic string, partition int, messages int64)
	Log  *slog.Logger
}

// Portion is what was read of a partition at once. Its bytes are valid until [Subscription.Take] returns.
type Portion struct {
	Topic     string
	Partition int
	Records   []pipeline.Record
	Next      int64 // the offset behind it
	End       int64 // of the log, when it was fetched
}

const (
	shortestPause = 200 * time.Millisecond
	longestPause  = 10 * time.Second
	// takeGrace is the time that a portion under way has when the process ends.
	takeGrace = 5 * time.Second
)

// Run takes part in the group until the context ends. Faults are told and tried again.
func (s *Subscription) Run(ctx context.Context) error {
	shares := &sameNumbers{topics: s.Topics}
	cg, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: s.Group, Brokers: s.Connection.Brokers, Dialer: s.Connection.Dialer, Topics: s.Topics,
		GroupBalancers:    []kafka.GroupBalancer{shares},
		HeartbeatInterval: s.Timing.Heartbeat, SessionTimeout: s.Timing.Session, RebalanceTimeout: s.Timing.Rebalance,
		JoinGroupBackoff: 500 * time.Millisecond, StartOffset: kafka.FirstOffset,
		ErrorLogger: kafka.LoggerFunc(func(format string, args ...any) {
			s.Log.Debug("consumer group", "group", s.Group, "kafka", fmt.Sprintf(format, args...))
		}),
	})
	if err != nil {
		return fmt.Errorf("consumer group %s: %w", s.Group, err)
	}
	defer leave(cg)
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(takeGrace, cancel) })()
	for {
		gen, err := cg.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.Log.Warn("joining the consumer group went wrong and is tried again", "group", s.Group, "err", err)
			continue
		}
		ended := make(chan struct{})
		gen.Start(func(gctx context.Context) {
			defer close(ended)
			s.generation(ctx, gctx, work, gen, shares.found.Swap(nil))
		})
		<-ended
	}
}

// generation reads the assigned partitions until the process or the generation ends, and waits for the portions under way. Found is
// how many partitions of each topic were shared out, if this process did it.
func (s *Subscription) generation(ctx, gctx, work context.Context, gen *kafka.Generation, found *[]int) {
	read, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(gctx, stop)()
	var partitions sync.WaitGroup
	for topic, list := range gen.Assignments {
		for _, a := range list {
			s.Log.Info("a partition is read", "topic", topic, "partition", a.ID, "group", s.Group, "offset", a.Offset)
			p := &subscribed{Subscription: s, topic: topic, partition: a.ID, next: a.Offset, gen: gen, work: work}
			partitions.Go(func() { p.run(read) })
		}
	}
	if found != nil {
		s.watch(read, *found)
		stop()
	}
	<-read.Done()
	partitions.Wait()
}

// watch returns once the topics have other partitions than were shared out, or ctx ends. kafka-go's own watch would take those that
// are added before its first look for shared out.
func (s *Subscription) watch(ctx context.Context, found []int) {
	for sleep(ctx, watchEvery) {
		if now, err := s.Connection.partitions(ctx, s.Topics); err == nil && !slices.Equal(now, found) { // an error says nothing about the topics
			s.Log.Info("the partitions of the topics are shared out anew", "topics", s.Topics, "partitions", now, "were", found)
			return
		}
	}
}

// subscribed is a partition of a generation.
type subscribed struct {
	*Subscription
	topic     string
	partition int
	next      int64 // negative: where the log begins
	gen       *kafka.Generation
	work      context.Context
}

// run reads the partition until ctx ends.
func (p *subscribed) run(ctx context.Context) {
	defer p.Left(p.topic, p.partition)
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		before := p.next
		err := p.read(ctx)
		if ctx.Err() != nil {
			return
		}
		if p.next > before {
			pause = shortestPause
		}
		if err != nil {
			p.told(err)
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

func (p *subscribed) told(err error) {
	p.Log.Error("a partition is not read any further, and is tried again", "topic", p.topic, "partition", p.partition, "offset", p.next, "err", err)
	p.Told(p.topic, p.partition, fmt.Sprintf("%s, partition %d, is not read: %v", p.topic, p.partition, err))
}

// read fetches and has taken what it fetches, until ctx ends or the partition cannot be read.
func (p *subscribed) read(ctx context.Context) error {
	if p.next < 0 {
		b, err := p.Connection.bounds(ctx, p.topic, []int{p.partition})
		if err != nil {
			return err
		}
		p.next = b[0].First
	}
	f := newFetcher(p.Connection, p.topic, 0, p.partition, p.next, p.Log, func(b pipeline.Batch) error { return p.take(ctx, b) })
	err := f.run(ctx)
	var out *outOfRange
	if !errors.As(err, &out) {
		return err
	}
	b, unknown := p.Connection.bounds(ctx, p.topic, []int{p.partition})
	if unknown != nil || p.next >= b[0].First {
		return fmt.Errorf("%w. Set the offsets of the group %s anew (kafka-consumer-groups --reset-offsets), or name another group", err, p.Group)
	}
	p.Log.Error("messages were removed before they were read", "topic", p.topic, "partition", p.partition, "messages", b[0].First-p.next, "err", err)
	p.Lost(p.topic, p.partition, b[0].First-p.next)
	p.next = b[0].First
	return nil
}

// take has a portion taken, and commits, however often each must be tried.
func (p *subscribed) take(ctx context.Context, b pipeline.Batch) error {
	select {
	case p.Slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.Slots }()
	for rest := b.Records; ; {
		var n int
		if err := p.patiently(ctx, func() (err error) {
			if len(rest) > 0 { // markers of transactions are passed over
				n, err = p.Take(p.work, Portion{Topic: p.topic, Partition: p.partition, Records: rest, Next: b.Next, End: b.High})
			}
			return err
		}); err != nil {
			return err
		}
		next := b.Next
		if rest = rest[n:]; len(rest) > 0 {
			next = rest[0].Offset
		}
		if err := p.patiently(ctx, func() error { return p.commit(next) }); err != nil {
			return err
		}
		p.next = next
		p.Told(p.topic, p.partition, "")
		if len(rest) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// commit commits an offset. How much is taken a second time after a crash depends on it, so nothing goes on without.
func (p *subscribed) commit(next int64) error {
	if err := p.gen.CommitOffsets(map[string]map[int]int64{p.topic: {p.partition: next}}); err != nil {
		return fmt.Errorf("committing offset %d for the group %s: %w", next, p.Group, err)
	}
	return nil
}

// patiently does something until it succeeds, or ctx ends.
func (p *subscribed) patiently(ctx context.Context, do func() error) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.told(err)
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
}

// sleep waits, and reports false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
