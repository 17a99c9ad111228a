package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"csatflow/pipeline"
	"csatflow/schemas/tables"
)

// flush waits for the flush before it, and starts writing what changed while the task goes on. First it reads back, all
// at once, the panes that left memory and that changes wait for: the flush before may have written them.
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
	w.start(a, f)
	return nil
}

// start writes a flush while the task goes on.
func (w *Worker) start(a *Assignment, f *pipeline.Flush) {
	done := make(chan error, 1)
	w.pending = done
	go func() { done <- w.write(w.writing, a, f) }()
}

// flushMinutes starts writing the panes of minutes and the complaints that changed. It is a flush without its end: no position,
// and nothing is committed.
func (w *Worker) flushMinutes(a *Assignment) error {
	if err := w.wait(); err != nil {
		return err
	}
	f, err := w.task.TryFlushMinutes()
	switch {
	case err != nil:
		w.broken = err
		return err
	case f == nil:
		return w.turn(a)
	case len(f.Of(tables.FactsStage)) == 0:
		w.Meter.Written(a.Partition, f.Next)
		return nil
	}
	w.start(a, f)
	return nil
}

// turn flushes between two batches, and returns errRenew if the task has too many names.
func (w *Worker) turn(a *Assignment) error {
	w.pace.flushed(time.Now())
	renew := w.task.Names() > w.names
	if err := w.flush(a); err != nil || !renew {
		return err
	}
	return cmp.Or(w.wait(), errRenew)
}

// wait waits for the flush in progress. Once a flush was broken off it returns that error each time, so that none follows.
func (w *Worker) wait() error {
	if w.pending != nil {
		err := <-w.pending
		w.pending = nil
		return w.arrived(err)
	}
	return w.broken
}

// arrived notes how a flush ended. A flush that wrote all its rows may be followed by others.
func (w *Worker) arrived(err error) error {
	var commit *CommitError
	if !errors.As(err, &commit) {
		w.broken = err
	}
	return err
}

// write carries out a flush: dead letters, then the rows stage by stage, then the commit, unless it is only begun. Each step is tried until
// it succeeds or the context ends, and the next begins only then.
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
	if f.Begun {
		return nil
	}
	if err := a.Commit(ctx, f.Next); err != nil {
		return &CommitError{a.Partition, err}
	}
	return nil
}

// retry calls do until it succeeds or the context ends, with growing pauses.
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

// FlushError is a flush that did not finish: the next start computes and writes its rows again.
type FlushError struct {
	Partition int
	Err       error
}

func (e *FlushError) Error() string {
	return fmt.Sprintf("a flush of partition %d did not finish (it is made again at the next start): %v", e.Partition, e.Err)
}
func (e *FlushError) Unwrap() error { return e.Err }

// CommitError is a commit that failed after all rows were written, usually because another generation has begun.
type CommitError struct {
	Partition int
	Err       error
}

func (e *CommitError) Error() string {
	return fmt.Sprintf("committing offsets of partition %d: %v", e.Partition, e.Err)
}
func (e *CommitError) Unwrap() error { return e.Err }
