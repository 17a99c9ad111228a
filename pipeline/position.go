package pipeline

import (
	"encoding/binary"
	"time"

	"csatflow/pipeline/rows"

	"github.com/cespare/xxhash/v2"
)

// Position is how far a partition's rows are in a topic: a row of the table positions. It is the checkpoint; the consumer
// group's committed offsets only show progress.
type Position struct {
	Next        int64  // every event below it is in all its rows
	Seen        int64  // offset of a record that identifies the log, -1 for none
	Fingerprint uint64 // that record's
}

// PositionRow is a row of the table positions.
type PositionRow struct {
	Partition  int
	Topic      Topic
	Partitions int    // of each topic, when it was written
	Logic      uint64 // rows.LogicVersion of its writer
	Position
}

// Fingerprint returns a hash that differs from that of another log's record at the same offset.
func (r *Record) Fingerprint() uint64 {
	h := xxhash.New()
	var n [8]byte
	sized := func(b []byte) {
		binary.LittleEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = h.Write(n[:]) // a hash never fails
		_, _ = h.Write(b)
	}
	sized(r.Key)
	sized(r.Value)
	binary.LittleEndian.PutUint64(n[:], uint64(r.Time.Truncate(time.Millisecond).UnixMilli()))
	_, _ = h.Write(n[:])
	return h.Sum64()
}

// positionRows returns the positions that hold once all rows before are written.
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

// birthRows returns, before the first row of a partition is written, from which log its rows come. Without it, a crash in the
// first flush would leave rows of an unknown log.
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

// Known returns the restored position of a topic, nil if the tables have none.
func (t *Task) Known(topic Topic) *Position { return t.known[topic] }

// EndBatch notes that all records of a batch were applied.
func (t *Task) EndBatch(b *Batch) {
	if n := len(b.Records); n > 0 && b.Records[n-1].Offset > t.seen[b.Topic].Seen {
		last := &b.Records[n-1]
		t.seen[b.Topic] = Position{Seen: last.Offset, Fingerprint: last.Fingerprint()}
	}
	t.last[b.Topic] = max(t.last[b.Topic], b.Next-1)
}
