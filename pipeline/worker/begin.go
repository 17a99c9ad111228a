package worker

import (
	"context"
	"errors"
	"fmt"

	"csatflow/pipeline"
)

// begin decides where a restored task begins to read each topic: at the absorbed offset of its rows. It refuses a log
// other than the one from which the rows were made, a log that lost events before they were read, and topics whose
// keys have moved to other partitions: going on would miscount silently.
func (w *Worker) begin(ctx context.Context, a *Assignment, older bool) (next [pipeline.Topics]int64, err error) {
	if had := w.task.PartitionsBefore(); had > 0 && had != w.Settings.Partitions {
		return next, &pipeline.FinalError{Err: fmt.Errorf("the tables were made from topics with %d partitions, and now there are %d: customers have moved to other partitions, and a customer's events must all be in one. Make new topics with %d partitions, send the old events to them again, with their keys, and use another database for them (clickhouse.database)", had, w.Settings.Partitions, w.Settings.Partitions)}
	}
	bounds, err := a.Log.Bounds(ctx)
	if err != nil {
		return next, err
	}
	marks := w.task.Marks()
	for topic := range pipeline.Topic(pipeline.Topics) {
		b, known := bounds[topic], w.task.Known(topic)
		if a.Log.Name(topic) == "" {
			if known != nil {
				next[topic] = known.Next
			}
			w.task.Seek(topic, next[topic])
			continue
		}
		if err := w.sameLog(ctx, a, topic, b, marks[topic]); err != nil {
			return next, err
		}
		at := b.First
		if known != nil {
			at = known.Next
		}
		lost := b.First - at
		if known == nil { // rows of a release without positions, or of an older logic
			switch {
			case older:
				lost = b.First
			case marks[topic] >= 0:
				lost = b.First - max(a.Committed[topic], marks[topic]+1)
			}
		}
		if lost > 0 {
			if err := w.movedOn(ctx, topic); err != nil {
				return next, err
			}
			if !w.AcceptLost {
				return next, &pipeline.FinalError{Err: fmt.Errorf("%s, partition %d: %d events were removed from the log before they were read (the tables have those up to offset %d, the log begins at %d), so counts would be too low. Check the topic's retention. run --accept-lost goes on without them", a.Log.Name(topic), a.Partition, lost, b.First-lost, b.First)}
			}
			w.Log.Error("events were removed from the log before they were read; going on without them, as --accept-lost says", "topic", a.Log.Name(topic), "partition", a.Partition, "lost", lost)
			w.Meter.Lost(a.Partition, topic, lost)
		}
		next[topic] = max(at, b.First)
		w.task.Seek(topic, next[topic])
	}
	return next, nil
}

// movedOn returns an error that is worth another try if another process has advanced the rows since they were read: a
// log that begins late may then have lost nothing unread.
func (w *Worker) movedOn(ctx context.Context, topic pipeline.Topic) error {
	known, moved := w.task.Known(topic), false
	from, done, err := w.reader(ctx)
	if err != nil {
		return err
	}
	defer done()
	err = from.Positions(ctx, func(row pipeline.PositionRow) error {
		if row.Partition == w.task.Partition && row.Topic == topic {
			moved = known == nil || row.Next > known.Next
		}
		return nil
	})
	if err == nil && moved {
		err = errors.New("another process wrote rows of this partition while they were read")
	}
	return err
}

// sameLog refuses a log from which the rows were not made.
func (w *Worker) sameLog(ctx context.Context, a *Assignment, topic pipeline.Topic, b pipeline.Bounds, mark int64) error {
	const wayOn = "Its events cannot be told from the old ones: use another database for it (clickhouse.database), or bring the old topic back"
	known := w.task.Known(topic)
	if known != nil {
		mark = max(mark, known.Next-1, known.Seen)
	}
	if mark >= b.End {
		return &pipeline.FinalError{Err: fmt.Errorf("%s, partition %d: the tables have absorbed the log up to offset %d, and the log ends at %d: the topic was made anew, or cut. %s", a.Log.Name(topic), a.Partition, mark, b.End, wayOn)}
	}
	if known == nil || known.Seen < b.First {
		return nil
	}
	rec, err := a.Log.RecordAt(ctx, topic, known.Seen)
	if err != nil {
		return err
	}
	if rec != nil && rec.Fingerprint() != known.Fingerprint {
		return &pipeline.FinalError{Err: fmt.Errorf("%s, partition %d: the record at offset %d is not the one that the tables have absorbed: the topic was made anew. %s", a.Log.Name(topic), a.Partition, known.Seen, wayOn)}
	}
	return nil
}
