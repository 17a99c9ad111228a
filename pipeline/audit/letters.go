package audit

import (
	"context"
	"strconv"

	"csatflow/pipeline"
)

// tableDeadLetters is the report's name for the dead-letter topic.
const tableDeadLetters = "dead_letters"

// letters compares the dead-letter topic with the messages that the computation diverts.
type letters struct {
	run    *run
	topic  Letters
	spill  *spill
	ranges map[int]*partition // audited, by number
	report *DeadLetterReport
	named  []Difference
}

// newLetters compares nothing if there is no topic, or if only a sample of the customers is audited.
func (r *run) newLetters(topic Letters) *letters {
	l := &letters{run: r, topic: topic, ranges: map[int]*partition{}, report: &r.report.DeadLetters}
	switch {
	case topic == nil:
		l.report.Reason = r.NoLetters
	case r.Sample < 1:
		l.report.Reason = "only a sample of the customers is audited"
	default:
		l.report.Checked = true
		l.spill = newSpill(r.TempDir)
	}
	return l
}

func (l *letters) close() {
	if l.spill != nil {
		l.spill.close()
	}
}

// The origin of a message as one number: 3 bits of topic, 13 of partition, 48 of offset.
const partitionBits = 13

func pack(topic pipeline.Topic, partition int, offset int64) uint64 {
	return uint64(topic)<<(numberBits+partitionBits) | uint64(partition)<<numberBits | uint64(offset)
}

func unpack(n uint64) (topic pipeline.Topic, partition int, offset int64) {
	return pipeline.Topic(n >> (numberBits + partitionBits)), int(n >> numberBits & (1<<partitionBits - 1)), int64(n & numberMask)
}

// expect notes a message that the computation diverts. A second call for the same message changes nothing.
func (l *letters) expect(d *pipeline.DeadLetter) error {
	if l.spill == nil {
		return nil
	}
	n := pack(d.Topic, d.Partition, d.Offset)
	return l.spill.add(record{key: mix(n), fp: n})
}

// audited notes which offsets were computed.
func (l *letters) audited(p *partition) { l.ranges[p.number] = p }

// compare reads the topic last, so that it holds the dead letters of everything that was committed.
func (l *letters) compare(ctx context.Context) error {
	if l.spill == nil {
		return nil
	}
	cut, err := l.topic.Each(ctx, func(o Origin) error {
		if !o.Known || o.Partition < 0 || o.Partition >= 1<<partitionBits || o.Offset < 0 || o.Offset > numberMask {
			l.report.Foreign++
			return nil
		}
		p := l.ranges[o.Partition]
		if p == nil || o.Offset < p.from[o.Topic] || o.Offset >= p.to[o.Topic] {
			l.report.Outside++
			return nil
		}
		n := pack(o.Topic, o.Partition, o.Offset)
		return l.spill.add(record{key: mix(n), fp: n, info: flagStored})
	})
	if err != nil {
		return err
	}
	return l.spill.group(l.run.groupRecords(), func(list []record) error { return l.judge(list, cut > 0) })
}

func (l *letters) judge(list []record, cut bool) error {
	found, expected := int64(0), false
	for _, r := range list {
		if r.stored() {
			found++
		} else {
			expected = true
		}
	}
	l.report.Repeated += max(found-1, 0)
	topic, partition, offset := unpack(list[0].fp)
	finding := Missing
	switch {
	case expected && found > 0:
		l.report.Expected++
		l.report.Found++
		return nil
	case expected && cut:
		l.report.Expected++
		l.report.Expired++
		return nil
	case expected:
		l.report.Expected++
		l.report.Missing++
	case topic == pipeline.Complaints && l.ranges[partition].cut[topic]:
		// In the part of the log that is gone, the customer may already have had as many complaint steps as are kept.
		l.report.Outside++
		return nil
	default:
		l.report.Unexplained++
		finding = Unexplained
	}
	if len(l.named) < l.run.Limit {
		d := Difference{Table: tableDeadLetters, Partition: partition, Finding: finding, Columns: []ColumnDifference{},
			Key: []Field{{"topic", l.run.log.Name(topic)}, {"offset", strconv.FormatInt(offset, 10)}}}
		if finding == Unexplained {
			d.Note = "the message can be applied, and is in the tables"
		}
		l.named = append(l.named, d)
	}
	return nil
}
