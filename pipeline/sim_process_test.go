package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/derived"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/worker"
)

// process is one run of csatflow: workers for the partitions that its generation assigned.
type process struct {
	simulation *simulation
	id         int
	dead       atomic.Bool
	generation int32 // that it knows
	workers    [simPartitions]*simWorker
	stale      bool // it restores from older tables
	rejoins    bool // it joins the group's generation once its workers have ended
	last       bool // it is not restarted
	opened     [simPartitions]bool
	refused    []error // why the last process's workers ended before the end
	meter      silence
}

// simWorker is a running worker.
type simWorker struct {
	proc      *process
	partition int
	worker    *worker.Worker
	cancel    context.CancelFunc
	feed      *simFeed
	ended     atomic.Bool
	err       error
}

func (p *process) start(partition int, ends [pipeline.Topics]int64, acceptLost bool) {
	ctx, cancel := context.WithCancel(context.Background())
	w := p.simulation
	s := &simWorker{proc: p, partition: partition, cancel: cancel}
	port := &port{simulation: w, proc: p, partition: partition, worker: s}
	generation := p.generation
	a := &worker.Assignment{Partition: partition, Committed: w.group.committed[partition], Ends: ends, Log: port,
		Commit: func(_ context.Context, next [pipeline.Topics]int64) error {
			return w.do(p, partition, "commit", func(func(string) bool) error {
				if generation != w.group.generation && !w.rules.commitsNotFenced {
					return fmt.Errorf("the generation is %d, not %d", w.group.generation, generation)
				}
				w.group.committed[partition] = next
				return nil
			})
		}}
	s.worker = &worker.Worker{Settings: simSettings(w), Store: port, Dead: port, Observer: w.rules.observer(s),
		Options: worker.Options{FlushInterval: time.Second, StateInterval: time.Duration(w.r.IntN(4)*2) * time.Second, FlushRows: 1 << (3 + w.r.IntN(8)), FlushBytes: 1 << 20, StopTimeout: 8 * time.Second, AcceptLost: acceptLost,
			Log: slog.New(slog.DiscardHandler), Meter: &p.meter}}
	p.workers[partition] = s
	go func() {
		s.err = s.worker.Run(ctx, a)
		cancel()
		s.ended.Store(true)
	}()
}

func simSettings(w *simulation) *pipeline.Settings {
	set := settings()
	set.Ceiling, set.Admitted = pipeline.Ceiling{}, admitted()
	set.PaneLimit = []int{20, 100, 1000}[w.seed/2%3]
	if w.partitionsNow > 0 {
		set.Partitions = w.partitionsNow
	}
	return set
}

// port is one worker's view of the outside: its Store, Log and DeadLetters.
type port struct {
	restored   map[string]derived.Absorbed // by customer, of the histories read last
	simulation *simulation
	proc       *process
	partition  int
	worker     *simWorker
	first      *pipelinetest.Store // the tables at the start of the restore, to break a rule
	held       []pipeline.Rows     // to break another one
	unsent     []pipeline.DeadLetter
}

func (p *port) do(name string, effect func(wanted func(string) bool) error) error {
	return p.simulation.do(p.proc, p.partition, name, effect)
}

func (p *port) read(name string, effect func(s *pipelinetest.Store) error) error {
	return p.do("read "+name, func(func(string) bool) error {
		from := p.simulation.store
		if p.proc.stale && name != "panes at" {
			from = p.simulation.old
		}
		return effect(p.simulation.rules.reading(p, name, from))
	})
}

func (p *port) Write(_ context.Context, rows []pipeline.Rows) error {
	now, after := p.simulation.rules.order(p, p.simulation.rules.stamped(p.simulation, rows))
	if err := p.write(now); err != nil {
		return err
	}
	if len(p.unsent) > 0 && names(rows, pipeline.TablePositions) {
		letters := p.unsent
		p.unsent = nil
		return p.send(letters)
	}
	return p.write(after)
}

func (p *port) write(rows []pipeline.Rows) error {
	if len(rows) == 0 {
		return nil
	}
	name := "write"
	for _, r := range rows {
		name += " " + r.Table
	}
	return p.do(name, func(wanted func(string) bool) error {
		for i := range rows {
			table := rows[i].Table
			if err := p.simulation.store.Put(&rows[i], func(key string) bool { return wanted(table + "\x00" + key) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *port) Send(_ context.Context, letters []pipeline.DeadLetter) error {
	if p.simulation.rules.broken == deadLettersFirst {
		p.unsent = append(p.unsent, letters...)
		return nil
	}
	return p.send(letters)
}

func (p *port) send(letters []pipeline.DeadLetter) error {
	return p.do("dead letters", func(wanted func(string) bool) error {
		for _, d := range letters {
			if wanted(fmt.Sprint("dead", d.Offset)) {
				p.simulation.dead[letter{d.Partition, d.Topic, d.Offset}]++
			}
		}
		return nil
	})
}

func (p *port) Positions(ctx context.Context, each func(pipeline.PositionRow) error) error {
	return p.read("positions", func(s *pipelinetest.Store) error { return s.Positions(ctx, each) })
}

func (p *port) Histories(ctx context.Context, partition int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error {
	return p.read("histories", func(s *pipelinetest.Store) error {
		return s.Histories(ctx, partition, topic, func(r pipeline.HistoryRow) error {
			p.remember(topic, r)
			return each(p.simulation.rules.history(r))
		})
	})
}

// remember notes what a history has absorbed. The histories of responses are read first.
func (p *port) remember(topic pipeline.Topic, r pipeline.HistoryRow) {
	if r.Terminal {
		return
	}
	if p.restored == nil {
		p.restored = map[string]derived.Absorbed{}
	}
	a := p.restored[r.ID]
	switch topic {
	case pipeline.Responses:
		a = derived.Absorbed{Responses: r.Absorbed}
	case pipeline.Complaints:
		a.Steps = r.Absorbed
	case pipeline.Purchases:
		a.Purchases = r.Absorbed
	}
	p.restored[r.ID] = a
}

func (p *port) Scores(ctx context.Context, partition int, each func(pipeline.ScoreRow) error) error {
	return p.read("scores", func(s *pipelinetest.Store) error {
		return s.Scores(ctx, partition, func(r pipeline.ScoreRow) error { return each(p.simulation.rules.score(r, p.restored[r.CustomerID])) })
	})
}

func (p *port) Panes(ctx context.Context, partition int, topic pipeline.Topic, limit int, each func(pipeline.PaneRow) error) (left int64, err error) {
	err = p.read("panes", func(s *pipelinetest.Store) (err error) {
		left, err = s.Panes(ctx, partition, topic, limit, func(r pipeline.PaneRow) error { return each(p.simulation.rules.pane(r)) })
		return err
	})
	return left, err
}

func (p *port) PanesAt(ctx context.Context, partition int, topic pipeline.Topic, panes []pipeline.PaneID, each func(pipeline.PaneRow) error) error {
	return p.read("panes at", func(s *pipelinetest.Store) error {
		return s.PanesAt(ctx, partition, topic, panes, func(r pipeline.PaneRow) error { return each(p.simulation.rules.pane(r)) })
	})
}

func (p *port) OlderLogic(context.Context, int) (bool, error) {
	return false, p.read("older logic", func(*pipelinetest.Store) error { return nil })
}

func (p *port) Name(topic pipeline.Topic) string { return "csat." + topic.String() }

func (p *port) Bounds(context.Context) (b [pipeline.Topics]pipeline.Bounds, err error) {
	err = p.do("bounds", func(func(string) bool) error {
		for topic := range b {
			l := &p.simulation.logs[p.partition][topic]
			b[topic] = pipeline.Bounds{First: l.first, End: l.end()}
		}
		return nil
	})
	return b, err
}

func (p *port) RecordAt(_ context.Context, topic pipeline.Topic, offset int64) (rec *pipeline.Record, err error) {
	err = p.do("record", func(func(string) bool) error {
		l := &p.simulation.logs[p.partition][topic]
		if offset >= l.first && offset < l.end() {
			rec = &l.records[offset]
		}
		return nil
	})
	return rec, err
}

func (p *port) Open(_ context.Context, next [pipeline.Topics]int64) (pipeline.Feed, error) {
	f := &simFeed{simulation: p.simulation, partition: p.partition, next: next, batches: make(chan pipeline.Batch)}
	err := p.do("open", func(func(string) bool) error {
		p.worker.feed = f
		p.proc.opened[p.partition] = true
		return nil
	})
	return f, err
}

// simFeed delivers a batch when the scheduler says so and the worker waits for one.
type simFeed struct {
	simulation *simulation
	partition  int
	next       [pipeline.Topics]int64
	batches    chan pipeline.Batch
	closed     atomic.Bool
	failed     error
}

func (f *simFeed) Batches() <-chan pipeline.Batch { return f.batches }
func (f *simFeed) Err() error                     { return f.failed }
func (f *simFeed) Close()                         { f.closed.Store(true) }

var errOutOfRange = errors.New("an offset is not in the log")

// offer delivers up to n records of a topic, if the worker waits for them; some are repeated.
func (f *simFeed) offer(topic pipeline.Topic, n, again int) {
	l := &f.simulation.logs[f.partition][topic]
	from := max(f.next[topic]-int64(again), l.first)
	to := min(f.next[topic]+int64(n), l.end())
	if f.closed.Load() || f.failed != nil || f.next[topic] >= l.end() {
		return
	}
	if f.next[topic] < l.first { // retention has removed the offset
		f.failed = errOutOfRange
		close(f.batches)
		return
	}
	b := pipeline.Batch{Topic: topic, Records: l.records[from:to], Next: to, High: l.end()}
	select {
	case f.batches <- b:
		f.next[topic] = to
	default:
	}
}
