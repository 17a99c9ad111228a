package pipeline

import (
	"encoding/binary"
	"time"

	"csatflow/pipeline/rows"

	"github.com/cespare/xxhash/v2"
)

// Position is how far a partition's rows are in a topic, as the table positions tells it. It is the checkpoint; the offsets that the
// consumer group commits only show progress.
type Position struct {
	Next        int64  // every event below it is in every row that it concerns
	Seen        int64  // offset of a record by which the log is known again, -1 for none
	Fingerprint uint64 // of that record
}

// PositionRow is a row of the table positions.
type PositionRow struct {
	Partition  int
	Topic      Topic
	Partitions int    // that the topics had when it was written
	Logic      uint64 // version of the logic that wrote it
	Position
}

// Fingerprint tells a record from one that another log has at its offset.
func (r *Record) Fingerprint() uint64 {
	h := xxhash.New()
	var n [8]byte
	sized := func(b []byte) {
		binary.LittleEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = h.Write(n[:]) // a hash takes everything
		_, _ = h.Write(b)
	}
	sized(r.Key)
	sized(r.Value)
	binary.LittleEndian.PutUint64(n[:], uint64(r.Time.Truncate(time.Millisecond).UnixMilli()))
	_, _ = h.Write(n[:])
	return h.Sum64()
}

// positionRows says how far the rows are once everything before has been written.
func (t *Task) positionRows() Rows {
	w := &rows.Positions{}
	for topic := range Topic(Topics) {
		p := t.seen[topic]
		p.Next = t.last[topic] + 1
		if p.Seen < 0 || t.known[topic] != nil && p.Next <= t.known[topic].Next {
			continue
		}
		t.known[topic] = &p
		t.positionRow(w, topic, p)
	}
	return w.Take()
}

// birthRows says, before the first row of a partition is written, from which log its rows come: else a crash in the very
// first flush would leave rows of a log that nothing knows again.
func (t *Task) birthRows() Rows {
	w := &rows.Positions{}
	for topic := range Topic(Topics) {
		if p := t.seen[topic]; t.known[topic] == nil && p.Seen >= 0 {
			p.Next = t.began[topic]
			t.positionRow(w, topic, p)
		}
	}
	return w.Take()
}

func (t *Task) positionRow(w *rows.Positions, topic Topic, p Position) {
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
	w.Topic = append(w.Topic, topic.String())
	w.Next = append(w.Next, p.Next)
	w.Seen = append(w.Seen, p.Seen)
	w.Fingerprint = append(w.Fingerprint, p.Fingerprint)
	w.Partitions = append(w.Partitions, uint32(t.set.Partitions))
	w.Version = append(w.Version, rows.VersionOf(uint64(p.Next)))
}

// Known is the restored position of a topic, nil if the tables have none.
func (t *Task) Known(topic Topic) *Position { return t.known[topic] }

// EndBatch says that the task has been given the records of a batch.
func (t *Task) EndBatch(b *Batch) {
	if n := len(b.Records); n > 0 && b.Records[n-1].Offset > t.seen[b.Topic].Seen {
		last := &b.Records[n-1]
		t.seen[b.Topic] = Position{Seen: last.Offset, Fingerprint: last.Fingerprint()}
	}
	t.last[b.Topic] = max(t.last[b.Topic], b.Next-1)
}
