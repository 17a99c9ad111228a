package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
)

// plan is what a simulation does beyond its seed.
type plan struct {
	rules  rules
	quiet  bool // only the faults named here
	crash  int  // kill the process at its call with this number, 0 for none
	ending ending
}

// ending is what happened to the topics before the last process began.
type ending uint8

const (
	asBefore ending = iota
	topicRemade
	eventsLost
	partitionsAdded
)

// result is the result of a simulation.
type result struct {
	err    error // what is wrong
	calls  int
	counts map[string]int // of faults and events
	trace  []string
}

func simulate(t *testing.T, seed uint64, p plan) (res result) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := newSimulation(r, simEvents(r))
		w.rules, w.crash, w.quiet, w.seed = p.rules, p.crash, p.quiet, seed
		for range 1 + r.IntN(2) {
			w.birth()
		}
		w.rebalance(true)
		for range 150 + r.IntN(300) {
			w.step()
		}
		res = result{w.end(p.ending), w.calls, w.counts, w.trace}
	})
	return res
}

// waiting returns the waiting calls of living processes, in an order independent of the Go scheduler.
func (w *simulation) waiting(of func(*process) bool) []*call {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(w.parked), func(c *call) bool { return !of(c.proc) })
	slices.SortStableFunc(list, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.proc.id, b.proc.id), cmp.Compare(a.partition, b.partition), cmp.Compare(a.name, b.name))
	})
	return list
}

func (w *simulation) living() []*process {
	return slices.DeleteFunc(slices.Clone(w.procs), func(p *process) bool { return p.dead.Load() })
}

func anyone(*process) bool { return true }

// step makes one thing happen.
func (w *simulation) step() {
	synctest.Wait()
	w.reap()
	synctest.Wait()
	calls := w.waiting(anyone)
	switch n := w.r.IntN(100); {
	case n < 50 && len(calls) > 0:
		c := calls[w.r.IntN(len(calls))]
		w.release(c, w.chance(c))
	case n < 86:
		w.offer(anyone)
	case n < 98 || w.quiet:
		time.Sleep(time.Duration(100+w.r.IntN(1200)) * time.Millisecond)
	default:
		w.fault()
	}
}

// chance draws the outcome of a call.
func (w *simulation) chance(c *call) outcome {
	if w.calls+1 == w.crash {
		return killed + outcome(w.seed%2)
	}
	if w.quiet {
		return succeeds
	}
	likely := []outcome{fails, lost, killed, killedLate}
	if strings.HasPrefix(c.name, "write") {
		likely = []outcome{fails, lost, partly, partly, delayed, delayed, repeated, repeated, killed, killedLate}
	}
	if n := w.r.IntN(60); n < len(likely) {
		return likely[n]
	}
	return succeeds
}

var outcomes = []string{succeeds: "ok", fails: "call failed", lost: "answer lost", partly: "write landed in part", delayed: "write delayed", repeated: "write repeated",
	killed: "process killed before a call", killedLate: "process killed after a call"}

func (w *simulation) say(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

// release lets a call through.
func (w *simulation) release(c *call, o outcome) {
	w.mu.Lock()
	w.parked = slices.DeleteFunc(w.parked, func(x *call) bool { return x == c })
	w.mu.Unlock()
	w.calls++
	w.say("process %d, partition %d: %s: %s", c.proc.id, c.partition, c.name, outcomes[o])
	if o != succeeds {
		w.counts[outcomes[o]]++
	}
	switch o {
	case succeeds:
		c.done <- c.effect(all)
	case fails:
		c.done <- errNet
	case lost:
		c.done <- cmp.Or(c.effect(all), errNet)
	case partly:
		c.done <- cmp.Or(c.effect(w.some(w.r.IntN(2) == 0)), errNet)
	case delayed:
		w.late = append(w.late, func() { _ = c.effect(all) }) // nobody waits for the answer
		c.done <- errNet
	case repeated:
		w.late = append(w.late, func() { _ = c.effect(all) })
		c.done <- c.effect(all)
	case killed:
		c.done <- errDead
		w.kill(c.proc)
	case killedLate:
		_ = c.effect(all) // the answer is lost
		c.done <- errDead
		w.kill(c.proc)
	}
}

// some draws rows of a write, or whole tables of it, in any order.
func (w *simulation) some(tables bool) func(key string) bool {
	salt := w.r.Uint64()
	return func(key string) bool {
		if tables {
			for i := range key {
				if key[i] == 0 {
					key = key[:i]
					break
				}
			}
		}
		h := fnv.New64a()
		_, _ = fmt.Fprint(h, salt, key)
		return h.Sum64()>>7&1 == 0
	}
}

// kill ends a process as SIGKILL does: its later calls have no effect, those in flight may have one.
func (w *simulation) kill(p *process) {
	p.dead.Store(true)
	for _, c := range w.waiting(func(x *process) bool { return x == p }) {
		w.mu.Lock()
		w.parked = slices.DeleteFunc(w.parked, func(x *call) bool { return x == c })
		w.mu.Unlock()
		if w.r.IntN(2) == 0 {
			w.late = append(w.late, func() { _ = c.effect(all) })
		}
		c.done <- errDead
	}
	for _, s := range p.workers {
		if s != nil {
			s.cancel()
		}
	}
}

// offer delivers a batch to a living worker.
func (w *simulation) offer(of func(*process) bool) {
	p, topic, n, again := w.r.IntN(simPartitions), pipeline.Topic(w.r.IntN(pipeline.Topics)), 1+w.r.IntN(6), max(0, w.r.IntN(12)-8)
	if w.logs[p][topic].end() > 2*customer.SeenIDs { // many at once: one flush has more of a customer than the ids remembered
		n *= 20
	}
	for _, proc := range w.procs {
		if s := proc.workers[p]; s != nil && s.feed != nil && !proc.dead.Load() && of(proc) {
			s.feed.offer(topic, n, again)
		}
	}
}

// fault makes something happen to processes, group or topics.
func (w *simulation) fault() {
	living := w.living()
	what := w.r.IntN(9)
	name := []string{"process killed", "rebalance", "process joined", "process fenced without knowing", "group deleted", "offsets reset", "generation learnt", "read events removed", "late writes landed"}[what]
	w.say("%s", name)
	w.counts[name]++
	switch what {
	case 0:
		if len(living) > 0 {
			w.kill(living[w.r.IntN(len(living))])
		}
	case 1:
		w.rebalance(w.r.IntN(2) == 0)
	case 2:
		if len(living) < 4 {
			w.birth()
			w.rebalance(w.r.IntN(2) == 0)
		}
	case 3:
		if len(living) > 1 {
			w.assign(living[1:])
		}
	case 4:
		w.group = group{}
		for p := range w.group.committed {
			w.group.committed[p] = pipeline.NoOffsets()
		}
		w.rebalance(true)
	case 5:
		for topic := range w.group.committed[0] {
			p := w.r.IntN(simPartitions)
			w.group.committed[p][topic] = int64(w.r.IntN(len(w.logs[p][topic].records)+3)) - 1
		}
	case 6:
		for _, p := range living {
			w.learn(p)
		}
	case 7:
		w.retain()
	case 8:
		w.old = w.store.Clone()
		w.land()
	}
}

// land makes late writes arrive.
func (w *simulation) land() {
	for len(w.late) > 0 && w.r.IntN(3) > 0 {
		i := w.r.IntN(len(w.late))
		f := w.late[i]
		w.late = slices.Delete(w.late, i, i+1)
		f()
	}
}

// retain removes events below every position, as retention does.
func (w *simulation) retain() {
	var next [simPartitions][pipeline.Topics]int64
	_ = w.store.Positions(context.Background(), func(r pipeline.PositionRow) error {
		next[r.Partition][r.Topic] = r.Next
		return nil
	})
	for p := range w.logs {
		for topic := range w.logs[p] {
			l := &w.logs[p][topic]
			if n := next[p][topic]; n > l.first && !w.staleReaders() {
				l.first += 1 + w.r.Int64N(n-l.first)
			}
		}
	}
}

// staleReaders reports whether a process may restore from older tables: their position is lower, and would be refused.
func (w *simulation) staleReaders() bool {
	return slices.ContainsFunc(w.living(), func(p *process) bool { return p.stale })
}

// birth starts a process that owns nothing yet.
func (w *simulation) birth() *process {
	p := &process{simulation: w, id: len(w.procs), generation: -1, stale: w.old != nil && !w.quiet && w.r.IntN(3) == 0 && !w.retained()}
	if p.stale {
		w.counts["process that restores from older tables"]++
	}
	w.procs = append(w.procs, p)
	return p
}

func (w *simulation) retained() bool {
	for p := range w.logs {
		for _, l := range w.logs[p] {
			if l.first > 0 {
				return true
			}
		}
	}
	return false
}

// rebalance begins a generation among the living; told hear of it at once.
func (w *simulation) rebalance(told bool) {
	living := w.living()
	w.assign(living)
	for _, p := range living {
		if told || w.r.IntN(2) == 0 {
			w.learn(p)
		}
	}
}

func (w *simulation) assign(members []*process) {
	w.group.generation += 1 + int32(w.r.IntN(3))
	for p := range w.group.owner {
		w.group.owner[p] = nil
		if len(members) > 0 {
			w.group.owner[p] = members[w.r.IntN(len(members))]
		}
	}
}

// learn tells a process that its generation has ended: it flushes, then joins the next.
func (w *simulation) learn(p *process) {
	if p.generation == w.group.generation {
		return
	}
	p.rejoins = true
	for _, s := range p.workers {
		if s != nil {
			s.cancel()
		}
	}
}

// reap notes workers that have ended, and starts the missing ones of each process.
func (w *simulation) reap() {
	for _, p := range w.procs {
		running := false
		for i, s := range p.workers {
			if s == nil {
				continue
			}
			if !s.ended.Load() {
				running = true
				continue
			}
			p.workers[i] = nil
			w.note(s)
			p.rejoins = true // a failed one ends the others, as in kafka.Group
			for _, other := range p.workers {
				if other != nil {
					other.cancel()
				}
			}
		}
		if p.dead.Load() || running || p.last {
			continue
		}
		if p.rejoins || p.generation < 0 {
			p.rejoins, p.generation = false, w.group.generation
		}
		if p.generation != w.group.generation {
			continue
		}
		for i, owner := range w.group.owner {
			if owner == p && p.workers[i] == nil {
				p.start(i, pipeline.NoOffsets(), false)
			}
		}
	}
	if len(w.living()) == 0 {
		w.birth()
		w.rebalance(true)
		return
	}
	for _, owner := range w.group.owner {
		if (owner == nil || owner.dead.Load()) && w.r.IntN(4) == 0 { // its session timed out
			w.rebalance(w.r.IntN(2) == 0)
			return
		}
	}
}

// note keeps an unexpected error of a worker.
func (w *simulation) note(s *simWorker) {
	var final *pipeline.FinalError
	if s.err == nil || errors.As(s.err, &final) && !errors.Is(s.err, errDead) {
		w.errs = append(w.errs, fmt.Errorf("a worker of partition %d ended: %w", s.partition, cmp.Or(s.err, errors.New("without an error"))))
	}
}
