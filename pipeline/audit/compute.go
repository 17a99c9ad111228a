package audit

import (
	"context"
	"math"
	"time"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
)

// sink takes computed rows. turn counts them: unless rows are sums, the last one of a key replaces the others, as in the tables.
type sink interface {
	row(v *view, i int, turn uint64) error
	dead(d *pipeline.DeadLetter) error
}

// compute applies the logs, topic after topic, and gives the rows to the sink: one fresh task for each pass, with its
// share of the customers. A pane comes as several rows to be added.
func (p *partition) compute(ctx context.Context, to sink) error {
	if p.stranger {
		return nil
	}
	p.events = 0
	for pass := range p.passes {
		c := &computation{partition: p, sink: to, pass: uint64(pass), task: pipeline.NewTask(p.number, p.settings, p.observer)}
		for _, e := range p.barred {
			c.task.Bar(e)
		}
		for topic := range pipeline.Topic(pipeline.Topics) {
			from := p.from[topic]
			c.task.Seek(topic, from)
			err := p.log.Scan(ctx, topic, p.number, from, p.to[topic], func(b *pipeline.Batch) error {
				b.Topic = topic
				p.progress.add(b.Next - from)
				from = b.Next
				return c.apply(b)
			})
			if err != nil {
				return err
			}
		}
		if err := c.flush(); err != nil {
			return err
		}
		p.events += c.events
	}
	return nil
}

// computation is one pass.
type computation struct {
	*partition
	sink   sink
	pass   uint64
	task   *pipeline.Task
	turn   uint64
	events int64 // given to the task

	sinceTaken, sinceFlush int64 // events
	dead                   int64 // approximate bytes of the diverted records
}

// mine reports whether a record is of a customer of this sample and pass. The key is the customer's id; a record with
// another key is diverted, in any pass.
func (c *computation) mine(key []byte) bool {
	if c.passes == 1 && c.share == math.MaxUint64 {
		return true
	}
	h := xxhash.Sum64(key)
	return h <= c.share && (c.passes == 1 || mix(h)%uint64(c.passes) == c.pass)
}

func (c *computation) apply(b *pipeline.Batch) error {
	bytes, diverted := int64(0), false
	for i := range b.Records {
		rec := &b.Records[i]
		bytes += int64(len(rec.Value) + len(rec.JSON))
		if !c.mine(rec.Key) {
			continue
		}
		rec.Topic = b.Topic
		result, err := c.task.Try(rec)
		if err != nil {
			return err
		}
		diverted = result == pipeline.Diverted || diverted
		c.events++
		c.sinceTaken++
		c.sinceFlush++
		if c.task.Panes() > c.panesAtOnce() || c.settings.RawTables && c.sinceTaken >= c.eventsAtOnce() {
			if err := c.takeSums(); err != nil {
				return err
			}
		}
	}
	c.task.EndBatch(b)
	if diverted { // its bytes belong to the batch, which is used again
		c.dead += bytes
	}
	if c.sinceFlush >= c.recordsPerFlush() || c.dead >= c.deadBytes() {
		if err := c.flush(); err != nil {
			return err
		}
	}
	if c.tooMany(c.task) {
		return errManyCustomers
	}
	return nil
}

// takeSums takes panes and events as received out of the task.
func (c *computation) takeSums() error {
	c.sinceTaken = 0
	return c.give(c.task.TakeSums())
}

// flush takes every finished row out of the task, so that only the histories stay.
func (c *computation) flush() error {
	if err := c.takeSums(); err != nil {
		return err
	}
	f := c.task.Flush()
	c.sinceFlush, c.dead = 0, 0
	for i := range f.Dead {
		if err := c.sink.dead(&f.Dead[i]); err != nil {
			return err
		}
	}
	for _, rows := range f.Stages() {
		if err := c.give(rows); err != nil {
			return err
		}
	}
	c.turn = min(c.turn+1, maxTurn)
	return nil
}

func (c *computation) give(list []pipeline.Rows) error {
	for i := range list {
		id := tableOf(list[i].Table)
		if id < 0 || !c.compare[id] {
			continue
		}
		v, err := c.schemas[id].view(&list[i])
		if err != nil {
			return err
		}
		for row := range v.n {
			if v.name == pipeline.TableSatisfactionPanes && v.starts[row].Unix() <= c.afterPane {
				continue
			}
			if err := c.sink.row(v, row, c.turn); err != nil {
				return err
			}
		}
	}
	return nil
}

// recorder puts the records of computed rows into the files.
type recorder struct {
	p *partition
}

func (r *recorder) row(v *view, i int, turn uint64) error {
	rec := v.record(i)
	rec.info |= turn << turnShift
	if v.old(i, r.p.expired()) {
		rec.info |= flagOld
	}
	if v.name == pipeline.TableCustomerResponses {
		if err := r.lookAt(v, i); err != nil {
			return err
		}
	}
	if v.name == pipeline.TableMoments && v.kinds[i] == "response" {
		return r.p.hold(rec, v.customers[i], v.at[i])
	}
	return r.p.spill.add(rec)
}

func (r *recorder) dead(d *pipeline.DeadLetter) error { return r.p.letters.expect(d) }

// lookAt notes a customer whose oldest responses have left the history.
func (r *recorder) lookAt(v *view, i int) error {
	if v.kinds[i] != "customer" || v.responses[i] <= customer.MaxMoments {
		return nil
	}
	left, err := customer.LeftOf(v.histories[i])
	if err != nil {
		return err
	}
	if left != customer.Never {
		r.p.left[xxhash.Sum64String(v.customers[i])] = left
	}
	return nil
}

// expired is the append time before which events as received may be gone from the tables.
func (p *partition) expired() time.Time {
	return p.Now.AddDate(0, 0, -p.RawDays).Add(clockSlack)
}
