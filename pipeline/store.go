package pipeline

import (
	"context"

	"csatflow/pipeline/pane"
)

// Store writes rows and reads them back. Every method tries once; the caller tries again. Reads see every write that
// was acknowledged before they began.
type Store interface {
	// Write inserts rows of several tables. It may have inserted some of them when it returns an error.
	Write(ctx context.Context, rows []Rows) error
	// Positions reads the newest positions of all partitions that have at least version MinVersion.
	Positions(ctx context.Context, each func(PositionRow) error) error
	// Histories reads the newest rows of a topic's histories that have at least version MinVersion.
	Histories(ctx context.Context, partition int, topic Topic, each func(HistoryRow) error) error
	// Scores reads the version and model of each customer's newest churn row.
	Scores(ctx context.Context, partition int, each func(ScoreRow) error) error
	// Panes reads the newest rows of about limit panes at most, those that end last. left is the nominal end, unix
	// seconds, before which panes were left out; 0 if none were.
	Panes(ctx context.Context, partition int, topic Topic, limit int, each func(PaneRow) error) (left int64, err error)
	// PanesAt reads the newest rows of these panes, if stored.
	PanesAt(ctx context.Context, partition int, topic Topic, panes []PaneID, each func(PaneRow) error) error
	// OlderLogic reports whether the partition has rows of an older rows.LogicVersion and none of this one.
	OlderLogic(ctx context.Context, partition int) (bool, error)
}

// Replicas is a [Store] on several servers; one may lag behind what another has acknowledged.
type Replicas interface {
	// Reader returns a store that reads from one server, which has every write acknowledged so far. done releases it.
	Reader(ctx context.Context) (from Store, done func(), err error)
}

// HistoryRow is a row of one of the tables of histories.
type HistoryRow struct {
	ID       string
	Terminal bool
	Mark     int64
	Absorbed uint64
	History  string
}

// ScoreRow is what a restore needs of a churn row.
type ScoreRow struct {
	MadeOf     uint64
	CustomerID string
	Version    uint64
	Model      uint64
	Band       string
}

// PaneID names a stored pane of a partition.
type PaneID struct {
	Resolution uint32 // seconds
	Start      int64  // unix seconds
	pane.Series
}

// PaneRow is a stored pane.
type PaneRow struct {
	PaneID
	Mark     int64
	Groups   uint32  // bit g: the pane has group g of the layout
	Counters []int64 // of those groups, one after another
	Buckets  []int16
	Counts   []int64
}

// DeadLetters receives records that cannot be applied. Send returns nil once all are stored.
type DeadLetters interface {
	Send(ctx context.Context, letters []DeadLetter) error
}

// Feed delivers the records of one partition of every topic. It stops fetching while nobody takes its batches, so that
// memory stays bounded.
type Feed interface {
	// Batches returns the channel of fetched batches. It is closed at an error.
	Batches() <-chan Batch
	// Err returns why the channel was closed.
	Err() error
	// Close stops fetching, and waits for it.
	Close()
}

// Bounds are the first and the next offset of a partition's log.
type Bounds struct{ First, End int64 }

// Log is one partition of every topic.
type Log interface {
	// Name returns the topic's name, for messages; "" for a topic that is not read.
	Name(topic Topic) string
	// Bounds returns where the logs begin and end now.
	Bounds(ctx context.Context) ([Topics]Bounds, error)
	// RecordAt reads the record at an offset; nil if the log does not show one there.
	RecordAt(ctx context.Context, topic Topic, offset int64) (*Record, error)
	// Open starts fetching at these offsets.
	Open(ctx context.Context, next [Topics]int64) (Feed, error)
}
