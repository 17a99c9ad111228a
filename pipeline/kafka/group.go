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
	"csatflow/pipeline/worker"
)

// Timing of the group. The session must outlast the last flush of a partition that is revoked.
type Timing struct {
	Heartbeat time.Duration
	Session   time.Duration
	Rebalance time.Duration
}

// Group is this process's membership of the consumer group.
type Group struct {
	Connection *Connection
	ID         string
	Topics     TopicNames
	Timing     Timing
	Partitions int  // of each topic, by CheckTopics
	UntilEnd   bool // stop once all partitions are read, by any member, up to their end offsets at the start
	Log        *slog.Logger
	// Worker makes the worker of a partition.
	Worker func() *worker.Worker
	// Reading returns how a partition's log is read; nil for as it stands.
	Reading func(partition int, l pipeline.Log) pipeline.Log
	// Joined is called for each generation.
	Joined func(generation int32, partitions []int)
	// Left is called when a generation has ended; may be nil.
	Left func()
}

// Run joins the group and processes its assigned partitions, until the context ends (nil, or a [worker.FlushError] if
// not everything could be flushed and committed), the ends are reached (nil), or an error occurs that another try
// cannot fix.
func (g *Group) Run(ctx context.Context) error {
	var until *untilEnd
	if g.UntilEnd {
		var err error
		if until, err = g.untilEnd(ctx); err != nil {
			return err
		}
	}
	for {
		done, err := g.member(ctx, until)
		if done || err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// member runs one membership. It ends with the context, when all is done, or when the group must be joined again.
func (g *Group) member(ctx context.Context, until *untilEnd) (done bool, err error) {
	shares := &sameNumbers{topics: g.Topics.List()}
	cg, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: g.ID, Brokers: g.Connection.Brokers, Dialer: g.Connection.Dialer, Topics: shares.topics,
		GroupBalancers:    []kafka.GroupBalancer{shares},
		HeartbeatInterval: g.Timing.Heartbeat, SessionTimeout: g.Timing.Session, RebalanceTimeout: g.Timing.Rebalance,
		JoinGroupBackoff: 500 * time.Millisecond, StartOffset: kafka.FirstOffset,
		ErrorLogger: kafka.LoggerFunc(func(format string, args ...any) { g.Log.Debug("consumer group", "kafka", fmt.Sprintf(format, args...)) }),
	})
	if err != nil {
		return false, &pipeline.FinalError{Err: fmt.Errorf("kafka.group: %w", err)}
	}
	defer leave(cg)
	for {
		gen, err := cg.Next(ctx)
		if ctx.Err() != nil {
			return false, nil
		}
		if err != nil {
			g.Log.Warn("joining the consumer group went wrong and is tried again", "group", g.ID, "err", err)
			continue
		}
		result := make(chan error, 1)
		gen.Start(func(gctx context.Context) { result <- g.generation(ctx, gctx, gen, shares, until) })
		ended := <-result
		if g.Left != nil {
			g.Left()
		}
		var final *pipeline.FinalError
		var unfinished *worker.FlushError
		switch {
		case ctx.Err() != nil && errors.As(ended, &unfinished):
			return false, ended
		case ctx.Err() != nil && !errors.As(ended, &final):
			return false, nil
		case errors.Is(ended, worker.ErrEnds):
			return true, nil
		case errors.As(ended, &final):
			return false, ended
		case ended != nil && !errors.Is(ended, errGenerationEnded):
			g.Log.Warn("the partitions are taken up again", "err", ended)
			time.Sleep(time.Second)
		}
		if again, err := g.present(ctx); again || err != nil || errors.Is(ended, errShared) {
			return false, err
		}
	}
}

// leave leaves the group. It does not wait for a join that other members hold up: the coordinator then drops this
// member when its session ends.
func leave(cg *kafka.ConsumerGroup) {
	left := make(chan struct{})
	go func() {
		defer close(left)
		_ = cg.Close() // its only error is that it was closed before
	}()
	select {
	case <-left:
	case <-time.After(leaveTimeout):
	}
}

const leaveTimeout = 2 * time.Second

var errGenerationEnded = errors.New("the generation of the consumer group has ended")

// generation runs a worker for each assigned partition until the process or the generation ends, and waits for their
// last flushes. A failed worker ends the others.
func (g *Group) generation(ctx, gctx context.Context, gen *kafka.Generation, shares *sameNumbers, until *untilEnd) error {
	if err := shares.sharedOut(g.Partitions); err != nil {
		return err
	}
	work, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-gctx.Done():
			cancel(errGenerationEnded)
		case <-ended:
		}
	}()
	go g.watchTopics(work, cancel)
	assignments, err := g.assignments(gen, until)
	if err != nil {
		return err
	}
	var owned []int
	for _, a := range assignments {
		owned = append(owned, a.Partition)
	}
	g.Log.Info("partitions assigned", "generation", gen.ID, "partitions", owned)
	g.Joined(gen.ID, owned)
	if err := g.work(work, cancel, assignments); err != nil {
		return err
	}
	if until != nil {
		for _, p := range owned {
			until.reached[p] = true
		}
		return until.wait(work)
	}
	<-work.Done() // nothing is assigned: wait for the next generation
	return context.Cause(work)
}

// work runs the workers to their ends. The first error ends the others, and is returned.
func (g *Group) work(ctx context.Context, cancel context.CancelCauseFunc, assignments []*worker.Assignment) error {
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		first   error
	)
	for _, a := range assignments {
		workers.Go(func() {
			err := g.Worker().Run(ctx, a)
			if errors.Is(err, worker.ErrEnds) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			var unfinished *worker.FlushError
			if first == nil || errors.As(err, &unfinished) { // an orderly stop must not hide a flush error
				first = err
			}
			cancel(err)
		})
	}
	workers.Wait()
	return first
}

// assignments returns the partitions assigned to this process.
func (g *Group) assignments(gen *kafka.Generation, until *untilEnd) ([]*worker.Assignment, error) {
	next := map[int][pipeline.Topics]int64{}
	var order []int
	for topic, name := range g.Topics.Read() {
		for _, a := range gen.Assignments[name] {
			if a.ID >= g.Partitions {
				return nil, &pipeline.FinalError{Err: fmt.Errorf("topic %s has a partition %d that it had not when this process started: start it again once all input topics have equally many", name, a.ID)}
			}
			n, met := next[a.ID]
			if !met {
				n = pipeline.NoOffsets()
			}
			n[topic] = a.Offset
			next[a.ID] = n
			if topic == pipeline.Responses {
				order = append(order, a.ID)
			} else if !slices.Contains(order, a.ID) {
				return nil, fmt.Errorf("partition %d of %s was assigned without that of %s: are older releases in the consumer group, which do not read it?", a.ID, name, g.Topics[pipeline.Responses])
			}
		}
	}
	slices.Sort(order)
	var list []*worker.Assignment
	for _, p := range order {
		a := &worker.Assignment{Partition: p, Committed: next[p], Ends: pipeline.NoOffsets(), Log: g.log(p)}
		if until != nil {
			a.Ends = until.ends[p]
		}
		a.Commit = func(_ context.Context, next [pipeline.Topics]int64) error {
			offsets := map[string]map[int]int64{}
			for topic, name := range g.Topics.Read() {
				offsets[name] = map[int]int64{p: next[topic]}
			}
			return gen.CommitOffsets(offsets)
		}
		list = append(list, a)
	}
	return list, nil
}
