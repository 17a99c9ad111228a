package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// end stops the faults, lets one process finish, and reports what is wrong then. Before or after it, the other
// processes wake up and continue.
func (w *simulation) end(e ending) error {
	before := w.living()
	w.quiet, w.crash = true, 0
	for _, p := range before {
		p.last = true
	}
	if e != asBefore || w.r.IntN(2) == 0 {
		if err := w.drain(anyone); err != nil {
			return err
		}
		w.landAll()
	}
	if e != asBefore {
		return w.changed(e)
	}
	last, errs := w.lastProcess(false)
	if errs != nil {
		return errs
	}
	if err := w.drain(func(p *process) bool { return p != last }); err != nil {
		return err
	}
	w.landAll()
	if len(w.errs) > 0 {
		return errors.Join(w.errs...)
	}
	return w.compare()
}

func (w *simulation) landAll() {
	for _, f := range w.late {
		f()
	}
	w.late = nil
}

// drain stops processes in order, and waits until their workers have ended.
func (w *simulation) drain(of func(*process) bool) error {
	for range 10_000 {
		synctest.Wait()
		busy := false
		for _, p := range w.procs {
			for i, s := range p.workers {
				switch {
				case s == nil || !of(p):
				case s.ended.Load():
					w.note(s)
					p.workers[i] = nil
				default:
					busy = true
					s.cancel()
				}
			}
		}
		if !busy {
			return nil
		}
		if calls := w.waiting(of); len(calls) > 0 {
			w.release(calls[w.r.IntN(len(calls))], succeeds)
		} else {
			time.Sleep(time.Second)
		}
	}
	return errors.New("processes that were stopped do not end")
}

// lastProcess runs a new process to the ends of the logs.
func (w *simulation) lastProcess(acceptLost bool) (*process, error) {
	p := &process{simulation: w, id: len(w.procs), last: true}
	w.procs = append(w.procs, p)
	w.assign([]*process{p})
	p.generation = w.group.generation
	only := func(x *process) bool { return x == p }
	for i := range w.logs {
		p.start(i, w.ends(i), acceptLost)
	}
	for range 20_000 {
		synctest.Wait()
		ended := true
		for i, s := range p.workers {
			if s == nil || !s.ended.Load() {
				ended = ended && s == nil
				continue
			}
			if !errors.Is(s.err, worker.ErrEnds) {
				p.refused = append(p.refused, s.err)
			}
			p.workers[i] = nil
		}
		if ended {
			return p, errors.Join(p.refused...)
		}
		if calls := w.waiting(only); len(calls) > 0 && w.r.IntN(2) == 0 {
			w.release(calls[w.r.IntN(len(calls))], succeeds)
		} else if w.r.IntN(4) == 0 {
			time.Sleep(300 * time.Millisecond)
		} else {
			w.offer(only)
		}
	}
	return p, fmt.Errorf("the last process does not come to the end of the logs: it waits in %d calls", len(w.waiting(only)))
}

// changed alters the topics while no process runs, and reports what a new process does wrong about it.
func (w *simulation) changed(e ending) error {
	known := map[[2]int]pipeline.PositionRow{} // by partition and topic
	if err := w.store.Positions(context.Background(), func(r pipeline.PositionRow) error {
		known[[2]int{r.Partition, int(r.Topic)}] = r
		return nil
	}); err != nil {
		return err
	}
	refusals, words := map[int]bool{}, ""
	var lost int64
	switch e {
	case topicRemade:
		words = "made anew"
		w.dead = map[letter]int{}
		other := simEvents(w.r)
		for i := range other {
			other[i].value = strings.Replace(other[i].value, `"event_id":"`, `"event_id":"another`, 1)
		}
		w.fill(other[:w.r.IntN(len(other)+1)])
		for at := range known {
			refusals[at[0]] = true
		}
	case eventsLost:
		words = "removed from the log before they were read"
		for p := range w.logs {
			for topic := range w.logs[p] {
				r, has := known[[2]int{p, topic}]
				l := &w.logs[p][topic]
				if has && r.Next < l.end() && w.r.IntN(2) == 0 {
					l.first = r.Next + 1 + w.r.Int64N(l.end()-r.Next)
					lost += l.first - r.Next
					refusals[p] = true
				}
			}
		}
	case partitionsAdded:
		words = "customers have moved to other partitions"
		w.partitionsNow = settings().Partitions + 1
		for p := range w.logs {
			refusals[p] = len(known) > 0
		}
	}
	p, _ := w.lastProcess(false)
	for i := range w.logs {
		if refusals[i] && p.opened[i] {
			return fmt.Errorf("partition %d was read on, though its topic is another", i)
		}
	}
	n := 0
	for _, no := range refusals {
		if no {
			n++
		}
	}
	if len(p.refused) != n {
		return fmt.Errorf("%d partitions refuse instead of %d: %w", len(p.refused), n, errors.Join(p.refused...))
	}
	for _, err := range p.refused {
		var final *pipeline.FinalError
		if !errors.As(err, &final) || !strings.Contains(err.Error(), words) {
			return fmt.Errorf("refused otherwise than by %q: %w", words, err)
		}
	}
	switch {
	case e == eventsLost:
		q, err := w.lastProcess(true)
		if got := q.meter.lost.Load(); err != nil || got != lost {
			return fmt.Errorf("with --accept-lost %d events are told lost instead of %d: %w", got, lost, cmp.Or(err, errors.New("no error")))
		}
		return nil
	case n > 0:
		return nil
	}
	return w.compare() // nothing had been absorbed: the new topic is simply processed
}
