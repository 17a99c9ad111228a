package pipeline

import (
	"context"

	"csatflow/pipeline/pane"
)

// Store is where rows go and come back from. Every method tries once; the caller tries again. Reads see every write that
// was acknowledged before they began.
type Store interface {
	// Write inserts rows of several tables. It may have inserted some of them when it returns an error.
	Write(ctx context.Context, rows []Rows) error
	// Positions reads the newest positions of all partitions that have at least version MinVersion.
	Positions(ctx context.Context, each func(PositionRow) error) error
	// Histories reads the newest rows of a topic's histories that have at least version MinVersion.
	Histories(ctx context.Context, partition int, topic Topic, each func(HistoryRow) error) error
	// Scores reads, of every customer, the version and the model of the newest churn row.
	Scores(ctx context.Context, partition int, each func(ScoreRow) error) error
	// Panes reads the newest rows of at most about limit panes, those that end last. It gives the nominal end, unix
	// seconds, before which panes were left out; 0 if none were.
	Panes(ctx context.Context, partition int, topic Topic, limit int, each func(PaneRow) error) (left int64, err error)
	// PanesAt reads the newest rows of these panes, as far as they are stored.
	PanesAt(ctx context.Context, partition int, topic Topic, panes []PaneID, each func(PaneRow) error) error
	// OlderLogic says that the partition has rows of an older rows.LogicVersion and none of this one.
	OlderLogic(ctx context.Context, partition int) (bool, error)
}

// Replicas is a [Store] that is kept on several servers, of which one may lag behind what another has acknowledged.
type Replicas interface {
	// Reader gives a store that reads from one of them, which has every write that was acknowledged before. done lets go of it.
	Reader(ctx context.Context) (from Store, done func(), err error)
}

// HistoryRow is a row of customer_responses or customer_complaints.
type HistoryRow struct {
	ID       string
	Terminal bool
	Mark     int64
	Absorbed uint64
	History  string
}

// ScoreRow says how far a churn row is.
type ScoreRow struct {
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

// DeadLetters takes what cannot be applied. It has it all when it returns nil.
type DeadLetters interface {
	Send(ctx context.Context, letters []DeadLetter) error
}

// Feed gives the records of one partition of every topic. Fetching stops while batches are not taken, so that memory
// stays bounded.
type Feed interface {
	// Batches gives what is fetched. An error ends the partition's run.
	Batches() <-chan Batch
	// Err is why the channel was closed.
	Err() error
	// Close ends fetching and waits for it to end.
	Close()
}

// Bounds are the first and the next offset of a partition's log.
type Bounds struct{ First, End int64 }

// Log is one partition of every topic.
type Log interface {
	// Name is the topic's name, for messages; "" for a topic that is not read.
	Name(topic Topic) string
	// Bounds asks where the logs begin and end now.
	Bounds(ctx context.Context) ([Topics]Bounds, error)
	// RecordAt reads the record at an offset; nil if the log does not show one there.
	RecordAt(ctx context.Context, topic Topic, offset int64) (*Record, error)
	// Open begins to fetch at offsets.
	Open(ctx context.Context, next [Topics]int64) (Feed, error)
}
