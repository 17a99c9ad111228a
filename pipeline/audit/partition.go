package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"csatflow/pipeline"
	declared "csatflow/schemas/tables"
)

// partition is the audit of one partition number.
type partition struct {
	*run
	number    int
	stranger  bool // the topics have no such partition
	committed [pipeline.Topics]int64
	from, to  [pipeline.Topics]int64 // offsets that are applied
	end       [pipeline.Topics]int64 // ends of the logs after the stored rows were read
	cut       [pipeline.Topics]bool  // retention has removed the beginning of the log
	afterPane int64                  // satisfaction panes that start after it are compared, unix seconds
	compare   []bool                 // by table
	passes    int
	left      map[uint64]int64 // by hash of the customer's id: latest event time, ms, of the moments that left the history
	counts    []TableReport
	events    int64
	wanted    map[uint64]bool        // keys of differences to name
	wantedOf  []int                  // how many, by table
	barred    []*pipeline.PanicError // records that make csatflow panic: dead letters
}

func (r *run) newPartition(number int, committed [pipeline.Topics]int64, bounds [pipeline.Topics]pipeline.Bounds) (*partition, error) {
	p := &partition{run: r, number: number, committed: committed, afterPane: math.MinInt64, compare: make([]bool, len(tables))}
	for i := range tables {
		p.compare[i] = r.excluded(&tables[i]) == ""
	}
	for topic, b := range bounds {
		p.to[topic], p.from[topic], p.end[topic], p.cut[topic] = max(committed[topic], 0), b.First, b.End, b.First > 0
		if p.to[topic] > b.End {
			return nil, refuse("%s, partition %d: the consumer group %q has committed offset %d, and the log ends at %d: the topic was made anew, or cut, and no longer explains the tables. Use another database and group for the new topic, or restore the old one",
				r.log.Name(pipeline.Topic(topic)), number, r.Group, p.to[topic], b.End)
		}
	}
	return p, nil
}

// clockSlack is how far the clocks of event times may be ahead of the log's.
const clockSlack = time.Hour

// planCut leaves out what a log without its beginning does not determine. Where responses are cut, a pane that starts
// after the last removed event still follows from what is left. So do its clean-journey counters: they depend on the
// customer's responses of that day, and on whether 256 later ones have pushed some of them out of the history. The log
// still has all of these.
func (p *partition) planCut(ctx context.Context) error {
	for topic := range pipeline.Topic(pipeline.Topics) {
		if !p.cut[topic] {
			continue
		}
		reason := fmt.Sprintf("the log of %s begins at offset %d: what came before cannot be computed again", p.log.Name(topic), p.from[topic])
		for i := range tables {
			t := &tables[i]
			if !p.compare[i] || !t.follows(topic) {
				continue
			}
			switch {
			case t.kind == declared.AsReceived:
				p.exclude(t, fmt.Sprintf("%s; only events from offset %d on are compared", reason, p.from[topic]))
			case t.name == pipeline.TableSatisfactionPanes:
				first, found, err := p.firstTime(ctx, topic)
				if err != nil {
					return err
				}
				if !found {
					p.compare[i] = false
					p.exclude(t, reason)
					continue
				}
				after := first.Add(clockSlack)
				p.afterPane = after.Unix()
				p.exclude(t, fmt.Sprintf("%s; only panes that start after %s are compared", reason, after.UTC().Format(time.RFC3339)))
			default:
				p.compare[i] = false
				p.exclude(t, reason)
			}
		}
	}
	return nil
}

func (p *partition) exclude(t *table, reason string) {
	p.report.NotCompared = append(p.report.NotCompared, Exclusion{Table: t.name, Partition: p.number, Reason: reason})
}

// firstTime is when the first record that a log still has was appended.
func (p *partition) firstTime(ctx context.Context, topic pipeline.Topic) (at time.Time, found bool, err error) {
	enough := errors.New("enough")
	err = p.log.Scan(ctx, topic, p.number, p.from[topic], p.to[topic], func(b *pipeline.Batch) error {
		if len(b.Records) == 0 {
			return nil
		}
		at, found = b.Records[0].Time, true
		return enough
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return at, found, err
}

// audit compares the partition, and names what differs.
func (p *partition) audit(ctx context.Context) error {
	defer p.free()
	if err := p.plan(ctx); err != nil {
		return err
	}
	for {
		err := p.collect(ctx)
		if err == nil {
			break
		}
		var panicked *pipeline.PanicError
		switch {
		case errors.Is(err, errManyCustomers):
			p.passes *= 2 // there are more customers than the tables have
		case errors.As(err, &panicked) && !p.bars(panicked):
			p.barred = append(p.barred, panicked)
		default:
			return err
		}
	}
	if err := p.spill.group(p.groupRecords(), p.judge); err != nil {
		return err
	}
	if len(p.wanted) > 0 {
		if err := p.resolve(ctx); err != nil {
			return err
		}
	}
	p.addToReport()
	return nil
}

// bars reports whether a record is already known to make csatflow panic.
func (p *partition) bars(e *pipeline.PanicError) bool {
	return slices.ContainsFunc(p.barred, func(b *pipeline.PanicError) bool { return b.Topic == e.Topic && b.Offset == e.Offset })
}

// collect fills the files with the records of all rows.
func (p *partition) collect(ctx context.Context) error {
	if err := errors.Join(p.spill.reset(), p.held.reset()); err != nil {
		return err
	}
	p.left, p.counts, p.events = map[uint64]int64{}, make([]TableReport, len(tables)), 0
	p.wanted, p.wantedOf = map[uint64]bool{}, make([]int, len(tables))
	if err := p.readStored(ctx); err != nil {
		return err
	}
	if !p.stranger {
		bounds, err := p.log.Bounds(ctx) // after the rows: one of them may be of an event that just arrived
		if err != nil {
			return err
		}
		if p.number >= len(bounds) {
			return refuse("partition %d is gone: audit again", p.number)
		}
		for topic, b := range bounds[p.number] {
			p.end[topic] = b.End
		}
	}
	if err := p.compute(ctx, &recorder{p: p}); err != nil {
		return err
	}
	return p.releaseHeld()
}

// addToReport adds the partition to the report.
func (p *partition) addToReport() {
	for i, c := range p.counts {
		p.report.Tables[i].add(&c)
	}
	p.report.Events += p.events
	pr := PartitionReport{Partition: p.number, InTopics: !p.stranger, Passes: p.passes, Events: p.events}
	for topic := range pipeline.Topic(pipeline.Topics) {
		if !p.stranger {
			pr.Topics = append(pr.Topics, TopicReport{Topic: p.log.Name(topic), Committed: p.committed[topic], First: p.from[topic], End: p.end[topic]})
		}
	}
	p.report.Partitions = append(p.report.Partitions, pr)
	if !p.stranger {
		p.letters.audited(p)
	}
}

func (p *partition) free() { p.left, p.wanted = nil, nil }
