package audit

import (
	"context"

	"csatflow/pipeline"
)

// Log is the input topics and what the consumer group has committed of them.
type Log interface {
	// Name is a topic's name, for messages.
	Name(topic pipeline.Topic) string
	// Committed gives the offsets that the group has committed in every partition, -1 for none.
	Committed(ctx context.Context) ([][pipeline.Topics]int64, error)
	// Bounds asks where the log of every partition begins and ends now.
	Bounds(ctx context.Context) ([][pipeline.Topics]pipeline.Bounds, error)
	// Scan hands over the records from an offset up to another, which is left out, in order of offsets.
	Scan(ctx context.Context, topic pipeline.Topic, partition int, from, to int64, each func(*pipeline.Batch) error) error
}

// Tables is where the rows are stored.
type Tables interface {
	// Rows hands over the newest row of each key in batches of the query's columns. A batch holds until each returns.
	Rows(ctx context.Context, q *Query, each func(*pipeline.Rows) error) error
	// Partitions gives the partition numbers that the rows of these tables have.
	Partitions(ctx context.Context, tables []string) ([]int, error)
	// HistorySizes says how many customers' histories a partition has stored, about, and how many bytes they take.
	HistorySizes(ctx context.Context, partition int) (customers, bytes uint64, err error)
	// Split counts the customers and terminals whose histories stand in several partitions, and names some of them.
	Split(ctx context.Context, most int) (total int64, some []SplitCustomer, err error)
}

// Query selects rows of one partition number.
type Query struct {
	Shape     *pipeline.Rows // the table and its columns, each an empty slice of the type to read
	Partition int
	// Customer names the columns of the customer's id, the first that is not empty; with Share, a bound of xxHash64 of it.
	Customer   []string
	Share      uint64 // all customers: math.MaxUint64
	FromOffset int64  // of rows with an offset, those from here on
	AfterPane  int64  // of panes, those that start after this, unix seconds
}

// Letters are the dead letters: where the messages of the dead-letter topic come from.
type Letters interface {
	// Each hands over the origin of each message that the dead-letter topic has when it is called, and says how many
	// messages it has lost to retention.
	Each(ctx context.Context, each func(Origin) error) (cut int64, err error)
}

// Origin is where a dead letter says that it comes from.
type Origin struct {
	Known     bool // false for a message without such headers, or of another topic
	Topic     pipeline.Topic
	Partition int
	Offset    int64
}
