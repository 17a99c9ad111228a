// Package worker runs the task of one partition: it restores the task from the tables, feeds it the records of the log, and writes its
// rows stage by stage before it commits. Start at [Worker.Run]. Kafka and ClickHouse are behind the interfaces of package pipeline.
package worker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"csatflow/pipeline"
)

// Assignment is one partition that a generation of the consumer group assigned to this process.
type Assignment struct {
	Partition int
	Committed [pipeline.Topics]int64 // what the group has committed, -1 for nothing
	Ends      [pipeline.Topics]int64 // stop before these offsets; -1 to go on for ever
	Log       pipeline.Log
	// Commit commits offsets for this generation. It fails once another generation has begun.
	Commit func(ctx context.Context, next [pipeline.Topics]int64) error
}

// Options are how a worker paces its I/O.
type Options struct {
	FlushInterval time.Duration // about the greatest age of panes of minutes and of complaints when written, unless the partition is far behind its log
	StateInterval time.Duration // about the greatest age of all other rows, and of the position; when it is no longer than FlushInterval, all is written together
	FlushTogether bool          // flush at full intervals of the clock, with other workers, so that a store may combine their rows
	FlushRows     int           // flush earlier when this many rows wait
	FlushBytes    int           // flush earlier when messages of this many bytes wait
	StopTimeout   time.Duration // for the last flush after the context has ended
	AcceptLost    bool          // go on without events that the log has lost
	Log           *slog.Logger
	Meter         Meter
}

// Meter hears how a worker fares.
type Meter interface {
	// Restoring and Flushing hear that a restore or a flush begins; Restored and Flushed that it ended.
	Restoring(partition int)
	Flushing(partition int)
	// Tried hears of a failed try of a restore or a flush, which is made again.
	Tried(partition int, err error)
	// Written hears that everything before the offsets next is in the tables: panes of minutes and complaints at least, the rest within
	// StateInterval.
	Written(partition int, next [pipeline.Topics]int64)
	Flushed(partition int, took time.Duration, rows map[string]int, err error)
	Position(partition int, topic pipeline.Topic, next, high int64, watermark int64)
	Bands(partition int, customers [3]int)
	Sizes(partition, customers, panes int)
	Restored(partition int, took time.Duration, customers, panes int)
	// Panicked hears of a record that made the worker panic; it becomes a dead letter.
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
	pending   chan error      // the flush in progress, nil for none
	broken    error           // why a flush was broken off; no flush may follow
	pace      pace
	barrier   barrier
	names     int                    // with more names than this, the task is made anew
	expect    [pipeline.Topics]int64 // highest marks found in rows of another owner
}

// ErrEnds is returned by Run when the assignment's ends are reached and everything is flushed and committed.
var ErrEnds = errors.New("the end offsets are reached")

// errFeedEnded is the error of a feed that stopped without a reason, which is not the same as reaching the ends.
var errFeedEnded = errors.New("fetching ended without a reason")

// errRenew asks for a restore, since the task has too many names: most belong to panes and responses long gone, which
// a restore leaves out.
var errRenew = errors.New("too many names in memory")

// Run processes the partition. It returns the context's cause when that ends, ErrEnds at the ends, or the error.
func (w *Worker) Run(ctx context.Context, a *Assignment) error {
	w.partition = a.Partition
	defer w.Meter.Released(a.Partition)
	for {
		err := w.runTask(ctx, a)
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
			w.Log.Warn("the partition is restored, since another process has owned it meanwhile", "partition", a.Partition, "err", err)
			w.expect[conflict.Topic] = max(w.expect[conflict.Topic], conflict.Mark)
			continue
		case !errors.Is(err, errRenew):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		w.Log.Info("the partition is restored to free names that are no longer used", "partition", a.Partition, "names", w.task.Names())
	}
}

// runTask runs one task from its restore to its end.
func (w *Worker) runTask(ctx context.Context, a *Assignment) error {
	w.broken, w.pace = nil, pace{state: w.StateInterval}
	next, err := w.restore(ctx, a)
	if err != nil {
		return err
	}
	feed, err := a.Log.Open(ctx, next)
	if err != nil {
		return err
	}
	defer feed.Close()
	// A flush in progress gets some time after the context has ended. After one that was broken off there is no
	// other, or the commit would skip its rows.
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

// last returns the error of the last flush. A failed commit does no harm when the process stops anyway.
func (w *Worker) last(ctx context.Context, err error) error {
	var commit *CommitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &commit) && ctx.Err() != nil:
		w.Log.Warn("the last offsets were not committed; the rows are written, and carry their absorbed offsets", "partition", w.task.Partition, "err", err)
		return nil //nolint:nilerr // logged, and harmless
	}
	return &FlushError{w.task.Partition, err}
}

// restore reads the rows back, and returns the offsets from which to go on.
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
			w.Log.Warn("the rows have an older release's logic: the partition is computed again from the start of the log", "partition", a.Partition)
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

// reader returns a store that sees every write acknowledged so far.
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
		if ctx.Err() != nil { // first, or a flush might begin after the end
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
			if err := w.interval(a); err != nil {
				return err
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

// interval flushes what is due at the end of an interval.
func (w *Worker) interval(a *Assignment) error {
	switch w.pace.due(time.Now()) {
	case whole:
		return w.turn(a)
	case minutes:
		return w.flushMinutes(a)
	}
	return nil
}

// untilFlush is the time until the next flush.
func (w *Worker) untilFlush() time.Duration {
	if !w.FlushTogether {
		return w.FlushInterval
	}
	return w.FlushInterval - time.Duration(time.Now().UnixNano())%w.FlushInterval
}

// take applies a batch, and flushes when it is time. When the context ends it leaves the rest of the batch.
func (w *Worker) take(ctx context.Context, a *Assignment, rest pipeline.Batch) error {
	for {
		w.task.Believe(time.Now())
		n, err := w.apply(ctx, rest.Records)
		if err != nil {
			w.broken = err // the task is unusable
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

// apply applies records until the context ends or a flush is due. It returns how many: at least one, if there is one.
func (w *Worker) apply(ctx context.Context, list []pipeline.Record) (int, error) {
	const looks = 64 // records between two looks at the context
	for i := range list {
		if _, err := w.task.Try(&list[i]); err != nil {
			return i, err
		}
		if stop := (i+1)%looks == 0 && ctx.Err() != nil; stop || w.barrier.full(w.task) {
			return i + 1, nil //nolint:nilerr // the end of the context is no error of these records
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

// Task is the task of the partition, nil before the first restore.
func (w *Worker) Task() *pipeline.Task { return w.task }
