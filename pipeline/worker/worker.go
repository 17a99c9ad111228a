// Package worker runs the task of one partition: it restores it from the tables, feeds it the records of the log, and writes what it
// gives, stage by stage, before it commits. Start at [Worker.Run]. Kafka and ClickHouse are behind the interfaces of package pipeline.
package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"csatflow/pipeline"
)

// Assignment is one partition as a generation of the consumer group gave it to this process.
type Assignment struct {
	Partition int
	Committed [pipeline.Topics]int64 // what the group has committed, -1 for nothing
	Ends      [pipeline.Topics]int64 // stop before these offsets; -1 never to stop
	Log       pipeline.Log
	// Commit commits offsets in the name of the generation. It fails once another generation has begun.
	Commit func(ctx context.Context, next [pipeline.Topics]int64) error
}

// Options are how a worker paces its I/O.
type Options struct {
	FlushInterval time.Duration // rows are at most about this old when written, of a partition that is not far behind its log
	FlushTogether bool          // flush at full intervals of the clock, as other workers do, so that a store may put rows together
	FlushRows     int           // flush earlier when so many rows wait
	FlushBytes    int           // flush earlier when messages of so many bytes wait
	StopTimeout   time.Duration // for the last flush after the context has ended
	AcceptLost    bool          // go on without events that the log has lost
	Log           *slog.Logger
	Meter         Meter
}

// Meter hears how a worker fares.
type Meter interface {
	// Restoring and Flushing hear that the one or the other begins; Restored and Flushed that it ended.
	Restoring(partition int)
	Flushing(partition int)
	// Tried hears of a try, of a restore or a flush, that failed and is made again.
	Tried(partition int, err error)
	// Written hears up to which offsets, which are left out, everything is in the tables.
	Written(partition int, next [pipeline.Topics]int64)
	Flushed(partition int, took time.Duration, rows map[string]int, err error)
	Position(partition int, topic pipeline.Topic, next, high int64, watermark int64)
	Bands(partition int, customers [3]int)
	Sizes(partition, customers, panes int)
	Restored(partition int, took time.Duration, customers, panes int)
	// Panicked hears of a record that made the worker panic, which is a dead letter from then on.
	Panicked(partition int, topic pipeline.Topic)
	// Lost hears of events that the log removed before they were read.
	Lost(partition int, topic pipeline.Topic, events int64)
	Released(partition int)
}

// Worker runs the task of one assigned partition: restore, apply, flush, until the context ends or the ends are reached.
type Worker struct {
	Settings *pipeline.Settings
	Store    pipeline.Store
	Dead     pipeline.DeadLetters
	Observer pipeline.Observer
	Options

	task      *pipeline.Task
	partition int
	writing   context.Context // of flushes
	pending   chan error      // the flush that is on its way
	broken    error           // why a flush was broken off; none may follow it
	pace      pace
	barrier   barrier
	names     int                    // more of them than this, and the task is made anew
	expect    [pipeline.Topics]int64 // marks that rows of another owner had
}

// ErrEnds is returned by Run when the assignment's ends are reached and everything is flushed and committed.
var ErrEnds = errors.New("the end offsets are reached")

// errFeedEnded is a feed that stopped without saying why, which is not the same as having reached the ends.
var errFeedEnded = errors.New("fetching ended without a reason")

// errRenew is a task whose names have become too many: most of them are of panes and responses long gone. Restoring it
// leaves those out.
var errRenew = errors.New("too many names in memory")

// Run processes the partition. It returns the context's cause when that ends, ErrEnds at the ends, or what is wrong.
func (w *Worker) Run(ctx context.Context, a *Assignment) error {
	w.partition = a.Partition
	defer w.Meter.Released(a.Partition)
	for {
		err := w.life(ctx, a)
		var conflict *pipeline.ConflictError
		var applying *pipeline.PanicError
		var flushing *pipeline.FlushPanic
		switch {
		case (errors.As(err, &applying) || errors.As(err, &flushing)) && ctx.Err() == nil:
			found, again := w.barrier.met(applying, flushing)
			if !again {
				return &pipeline.FinalError{Err: err}
			}
			if found != nil {
				w.Log.Error("a record made csatflow panic: it becomes a dead letter, and the partition is restored without it", "partition", a.Partition, "topic", a.Log.Name(found.Topic), "offset", found.Offset, "panic", found.Value, "stack", string(found.Stack))
				w.Meter.Panicked(a.Partition, found.Topic)
			}
			continue
		case errors.As(err, &conflict) && ctx.Err() == nil:
			w.Log.Warn("the partition is restored, since it has had another owner meanwhile", "partition", a.Partition, "err", err)
			w.expect[conflict.Topic] = max(w.expect[conflict.Topic], conflict.Mark)
			continue
		case !errors.Is(err, errRenew):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		w.Log.Info("the partition is restored to let go of names that are not used any more", "partition", a.Partition, "names", w.task.Names())
	}
}

// life is one task from its restore to its end.
func (w *Worker) life(ctx context.Context, a *Assignment) error {
	w.broken, w.pace = nil, pace{}
	next, err := w.restore(ctx, a)
	if err != nil {
		return err
	}
	feed, err := a.Log.Open(ctx, next)
	if err != nil {
		return err
	}
	defer feed.Close()
	// A flush on its way gets some time after the context has ended; one that was broken off lets none follow, or the
	// commit would pass over its rows.
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.StopTimeout, stop) })()
	w.writing = writing
	err = w.loop(ctx, a, feed)
	feed.Close()
	if ferr := w.last(ctx, w.wait()); ferr != nil {
		return ferr
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	if ferr := w.last(ctx, w.flush(a)); ferr != nil {
		return ferr
	}
	if ferr := w.last(ctx, w.wait()); ferr != nil {
		return ferr
	}
	if err == nil {
		return ErrEnds
	}
	return err
}

// last is the error of a last flush. That its offsets could not be committed does no harm when the process stops anyway.
func (w *Worker) last(ctx context.Context, err error) error {
	var commit *CommitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &commit) && ctx.Err() != nil:
		w.Log.Warn("the last offsets are not committed; the rows are written and tell how far they are", "partition", w.task.Partition, "err", err)
		return nil //nolint:nilerr // told, and no harm
	}
	return &FlushError{w.task.Partition, err}
}

// restore reads the rows back and gives the offsets to go on from.
func (w *Worker) restore(ctx context.Context, a *Assignment) (next [pipeline.Topics]int64, err error) {
	began := time.Now()
	w.Meter.Restoring(a.Partition)
	err = w.retry(ctx, "restore", func(ctx context.Context) error {
		from, done, err := w.reader(ctx)
		if err != nil {
			return err
		}
		defer done()
		older, err := from.OlderLogic(ctx, a.Partition)
		if err != nil {
			return err
		}
		if older {
			w.Log.Warn("rows of an older release's logic: the partition is made again from the start of the log", "partition", a.Partition)
		}
		w.task = pipeline.NewTask(a.Partition, w.Settings, w.Observer)
		for _, e := range w.barrier.known {
			w.task.Bar(e)
		}
		w.task.Believe(time.Now())
		if err := w.task.Restore(ctx, from); err != nil {
			return err
		}
		for topic, mark := range w.expect {
			w.task.Expect(pipeline.Topic(topic), mark)
		}
		if next, err = w.begin(ctx, a, older); err != nil {
			return err
		}
		w.names = max(w.Settings.NameLimit, 2*w.task.Names())
		w.Meter.Restored(a.Partition, time.Since(began), w.task.Customers(), w.task.Panes())
		w.Meter.Written(a.Partition, next)
		return nil
	})
	return next, err
}

// reader gives what sees every write that was acknowledged before.
func (w *Worker) reader(ctx context.Context) (from pipeline.Store, done func(), err error) {
	if several, ok := w.Store.(pipeline.Replicas); ok {
		return several.Reader(ctx)
	}
	return w.Store, func() {}, nil
}

// loop applies batches until the ends (nil) or an error.
func (w *Worker) loop(ctx context.Context, a *Assignment, feed pipeline.Feed) error {
	tick := time.NewTimer(w.untilFlush())
	defer tick.Stop()
	for {
		if ctx.Err() != nil { // before anything else that is ready, or a flush may begin that nobody wants
			return context.Cause(ctx)
		}
		if w.atEnds(a) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-w.pending:
			w.pending = nil
			if err := w.arrived(err); err != nil {
				return err
			}
		case <-tick.C:
			if w.pace.due() {
				if err := w.turn(a); err != nil {
					return err
				}
			}
			tick.Reset(w.untilFlush())
		case b, open := <-feed.Batches():
			if !open {
				return cmp.Or(feed.Err(), context.Cause(ctx), errFeedEnded)
			}
			if err := w.take(ctx, a, b); err != nil {
				return err
			}
		}
	}
}

// untilFlush is the time to the next flush.
func (w *Worker) untilFlush() time.Duration {
	if !w.FlushTogether {
		return w.FlushInterval
	}
	return w.FlushInterval - time.Duration(time.Now().UnixNano())%w.FlushInterval
}

// take takes a batch in, and flushes when it is time to. When the context ends it leaves the rest of the batch.
func (w *Worker) take(ctx context.Context, a *Assignment, rest pipeline.Batch) error {
	for {
		w.task.Believe(time.Now())
		n, err := w.apply(ctx, rest.Records)
		if err != nil {
			w.broken = err // the task is spoilt
			return err
		}
		part := rest
		if rest.Records = rest.Records[n:]; len(rest.Records) > 0 {
			part.Records, part.Next = part.Records[:n], part.Records[n-1].Offset+1
		}
		w.task.EndBatch(&part)
		w.pace.took(&part)
		w.Meter.Position(w.task.Partition, part.Topic, part.Next, part.High, w.task.Watermark())
		if err := w.task.Broken(); err != nil {
			return err
		}
		if w.task.Pending() >= w.FlushRows || w.task.PendingBytes() >= w.FlushBytes || w.barrier.full(w.task) {
			if err := w.turn(a); err != nil {
				return err
			}
		}
		if len(rest.Records) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// apply applies records until the context ends or a flush is to be made, and says how many: one at least, if there is one.
func (w *Worker) apply(ctx context.Context, list []pipeline.Record) (int, error) {
	const looks = 64 // records between two looks at the context
	for i := range list {
		if _, err := w.task.Try(&list[i]); err != nil {
			return i, err
		}
		if stop := (i+1)%looks == 0 && ctx.Err() != nil; stop || w.barrier.full(w.task) {
			return i + 1, nil //nolint:nilerr // it is no error of these records that the context has ended
		}
	}
	return len(list), nil
}

func (w *Worker) atEnds(a *Assignment) bool {
	for topic, end := range a.Ends {
		if end < 0 || w.task.Next(pipeline.Topic(topic)) < end {
			return false
		}
	}
	return true
}

// flush sends what changed on its way, after the flush before it has arrived. Meanwhile the task goes on. Panes that left
// memory and that events wait for are read back first, all at once; they may have been in the flush before.
func (w *Worker) flush(a *Assignment) error {
	if err := w.wait(); err != nil {
		return err
	}
	if w.task.Absent() {
		err := w.retry(w.writing, "read old panes", func(ctx context.Context) error {
			from, done, err := w.reader(ctx)
			if err != nil {
				return err
			}
			defer done()
			return w.task.FetchAbsent(ctx, from)
		})
		if err != nil {
			return err
		}
	}
	f, err := w.task.TryFlush()
	if err != nil {
		w.broken = err
		return err
	}
	w.barrier.flushed(f.Applied)
	if err := w.task.Conflict(); err != nil {
		w.broken = err
		return err
	}
	w.Meter.Bands(a.Partition, w.task.Bands())
	w.Meter.Sizes(a.Partition, w.task.Customers(), w.task.Panes())
	if f.Empty() {
		w.Meter.Written(a.Partition, f.Next)
		return nil
	}
	done := make(chan error, 1)
	w.pending = done
	go func() { done <- w.write(w.writing, a, f) }()
	return nil
}

// turn is a flush between batches, after which the task may have to be made anew.
func (w *Worker) turn(a *Assignment) error {
	w.pace.flushed()
	renew := w.task.Names() > w.names
	if err := w.flush(a); err != nil || !renew {
		return err
	}
	return cmp.Or(w.wait(), errRenew)
}

// wait waits for the flush that is on its way. Once one was broken off it says so each time, so that none follows.
func (w *Worker) wait() error {
	if w.pending != nil {
		err := <-w.pending
		w.pending = nil
		return w.arrived(err)
	}
	return w.broken
}

// arrived notes how a flush ended. One that wrote all its rows does not keep others from following it.
func (w *Worker) arrived(err error) error {
	var commit *CommitError
	if !errors.As(err, &commit) {
		w.broken = err
	}
	return err
}

// write carries out a flush: dead letters, then the rows stage by stage, then the commit. Each is tried until it is
// done or the context ends; nothing after it happens before.
func (w *Worker) write(ctx context.Context, a *Assignment, f *pipeline.Flush) (err error) {
	began, rows := time.Now(), map[string]int{}
	w.Meter.Flushing(a.Partition)
	defer func() { w.Meter.Flushed(a.Partition, time.Since(began), rows, err) }()
	if len(f.Dead) > 0 {
		if err := w.retry(ctx, "send dead letters", func(ctx context.Context) error { return w.Dead.Send(ctx, f.Dead) }); err != nil {
			return err
		}
	}
	for _, stage := range f.Stages() {
		if len(stage) == 0 {
			continue
		}
		if err := w.retry(ctx, "write rows", func(ctx context.Context) error { return w.Store.Write(ctx, stage) }); err != nil {
			return err
		}
		for _, r := range stage {
			rows[r.Table] += r.Len()
		}
	}
	w.Meter.Written(a.Partition, f.Next)
	if err := a.Commit(ctx, f.Next); err != nil {
		return &CommitError{a.Partition, err}
	}
	return nil
}

// retry tries until it is done or the context ends, with growing pauses.
func (w *Worker) retry(ctx context.Context, what string, do func(context.Context) error) error {
	const shortest, longest = 100 * time.Millisecond, 10 * time.Second
	for pause := shortest; ; pause = min(2*pause, longest) {
		err := do(ctx)
		var final *pipeline.FinalError
		if err != nil {
			w.Meter.Tried(w.partition, err)
		}
		switch {
		case err == nil:
			return nil
		case errors.As(err, &final):
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("%s: %w", what, errors.Join(context.Cause(ctx), err))
		}
		w.Log.Warn(what+" went wrong and is tried again", "in", pause, "err", err)
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, errors.Join(context.Cause(ctx), err))
		case <-time.After(pause):
		}
	}
}

// FlushError is a flush that did not come to its end: what it had to write or to commit is made again at the next start.
type FlushError struct {
	Partition int
	Err       error
}

func (e *FlushError) Error() string {
	return fmt.Sprintf("a flush of partition %d did not finish (it is made again at the next start): %v", e.Partition, e.Err)
}
func (e *FlushError) Unwrap() error { return e.Err }

// CommitError is a commit that failed after all rows were written, as a rule since another generation has begun.
type CommitError struct {
	Partition int
	Err       error
}

func (e *CommitError) Error() string {
	return fmt.Sprintf("committing offsets of partition %d: %v", e.Partition, e.Err)
}
func (e *CommitError) Unwrap() error { return e.Err }

// Task is that of the partition that is run, nil before the first restore.
func (w *Worker) Task() *pipeline.Task { return w.task }
