package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pipelinetest"
)

// The simulation: several processes run real workers over a log, a consumer group and tables in memory, in a
// synctest bubble. Every call to these waits until the scheduler, which a seed drives, lets it through with an
// outcome. Nothing runs between two decisions, so a seed always makes the same run.

const simPartitions = 2

// simulation is everything outside the processes.
type simulation struct {
	r             *rand.Rand
	seed          uint64
	rules         rules
	quiet         bool // no faults
	logs          [simPartitions][pipeline.Topics]log
	partitionsNow int // of each topic, if changed
	store         *pipelinetest.Store
	old           *pipelinetest.Store // older tables, for restores from a lagging replica
	dead          map[letter]int      // dead letters by origin
	late          []func()            // inserts in flight that nobody waits for
	group         group
	procs         []*process // alive or not, in order of birth
	mu            sync.Mutex // of parked
	parked        []*call
	calls         int            // let through
	crash         int            // number of the call that kills its process; 0 for none
	errs          []error        // unexpected ends of workers
	stamp         atomic.Uint64  // of the last write, to break a rule
	counts        map[string]int // faults, to see that they happen
	trace         []string       // of what happened
}

type letter struct {
	partition int
	topic     pipeline.Topic
	offset    int64
}

// log is a topic's partition.
type log struct {
	first   int64
	records []pipeline.Record // by offset from 0; those below first are gone
}

// ends returns the ends of a partition's logs.
func (w *simulation) ends(partition int) (ends [pipeline.Topics]int64) {
	for topic := range ends {
		ends[topic] = w.logs[partition][topic].end()
	}
	return ends
}

func (l *log) end() int64 { return int64(len(l.records)) }

// group is the coordinator of the consumer group.
type group struct {
	generation int32
	owner      [simPartitions]*process
	committed  [simPartitions][pipeline.Topics]int64
}

// outcome is the outcome of a call.
type outcome uint8

const (
	succeeds   outcome = iota
	fails              // nothing happens
	lost               // it happens, but the answer is lost
	partly             // some of its rows arrive
	delayed            // the caller gives up, and it happens later
	repeated           // it happens now, and again later
	killed             // the process dies
	killedLate         // it happens and the process dies
)

// call is a call that waits for the scheduler.
type call struct {
	proc      *process
	partition int
	name      string
	effect    func(wanted func(key string) bool) error // wanted picks rows of a write
	done      chan error
}

var (
	errDead = &pipeline.FinalError{Err: errors.New("this process is dead")}
	errNet  = errors.New("the network failed")
)

func all(string) bool { return true }

// do waits until the scheduler lets the call through.
func (w *simulation) do(p *process, partition int, name string, effect func(wanted func(key string) bool) error) error {
	if p.dead.Load() {
		return errDead
	}
	c := &call{p, partition, name, effect, make(chan error, 1)}
	w.mu.Lock()
	w.parked = append(w.parked, c)
	w.mu.Unlock()
	return <-c.done
}

// newSimulation spreads events over partitions by customer.
func newSimulation(r *rand.Rand, list []message) *simulation {
	w := &simulation{r: r, store: pipelinetest.NewStore(), dead: map[letter]int{}, counts: map[string]int{}}
	w.fill(list)
	for p := range w.group.committed {
		w.group.committed[p] = pipeline.NoOffsets()
	}
	return w
}

func (w *simulation) fill(list []message) {
	var parts [simPartitions][]message
	for _, m := range list {
		h := fnv.New32()
		_, _ = h.Write([]byte(m.key))
		p := h.Sum32() % simPartitions
		parts[p] = append(parts[p], m)
	}
	for p, some := range parts {
		for topic, records := range logs(some) {
			w.logs[p][topic] = log{records: records}
		}
	}
}

// simEvents returns events out of order, with repetitions and bad messages.
func simEvents(r *rand.Rand) []message {
	list := someEvents(r, 20+r.IntN(40))
	if r.IntN(10) == 0 { // one customer has more events than the ids remembered
		at := list[0].at
		for i := range 2 * customer.SeenIDs {
			at = at.Add(time.Minute)
			list = append(list, message{pipeline.Responses, "c1", fmt.Sprintf(`{"event_id":"hot%d","occurred_at":%q,"customer_id":"c1","grade":%d}`, i, at.Format(time.RFC3339), 1+r.IntN(7)), at})
		}
	}
	for range r.IntN(5) {
		list = append(list, list[r.IntN(len(list))])
	}
	for i := range r.IntN(3) {
		m := list[r.IntN(len(list))]
		m.value = fmt.Sprintf(`{"event_id":"bad%d"}`, i)
		list = append(list, m)
	}
	for range r.IntN(2 * len(list)) {
		i := r.IntN(len(list))
		j := min(len(list)-1, i+r.IntN(8))
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// wanted returns the tables of one run over the logs, and the dead letters of bad messages.
func (w *simulation) wanted() (*pipelinetest.Store, map[letter]bool) {
	store, bad := pipelinetest.NewStore(), map[letter]bool{}
	set := settings()
	set.Admitted = admitted()
	for p := range w.logs {
		task := pipeline.NewTask(p, set, pipelinetest.NoObserver{})
		for topic := range w.logs[p] {
			records := w.logs[p][topic].records
			for i := range records {
				task.Apply(&records[i])
			}
		}
		f := task.Flush()
		for _, d := range f.Dead {
			bad[letter{p, d.Topic, d.Offset}] = true
		}
		for _, stage := range f.Stages() {
			if err := store.Write(context.Background(), stage); err != nil {
				panic(err)
			}
		}
	}
	return store, bad
}

// compare reports how the tables differ from those wanted.
func (w *simulation) compare() error {
	want, bad := w.wanted()
	for _, table := range slices.Concat(eventTables, stateTables, []string{pipeline.TableCustomerPurchases}) {
		if d := pipelinetest.Difference(table, want, w.store); d != "" {
			return errors.New(d)
		}
	}
	for l := range bad {
		if w.dead[l] == 0 {
			return fmt.Errorf("the bad message at %v has no dead letter", l)
		}
	}
	for l := range w.dead {
		if !bad[l] {
			return fmt.Errorf("the good message at %v has a dead letter", l)
		}
	}
	return nil
}
