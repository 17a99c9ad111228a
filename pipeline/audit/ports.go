package audit

import (
	"context"

	"csatflow/pipeline"
)

// Log is the input topics, and the offsets that the consumer group has committed.
type Log interface {
	// Name is a topic's name, for messages.
	Name(topic pipeline.Topic) string
	// Committed returns the offsets that the group has committed in every partition, -1 for none.
	Committed(ctx context.Context) ([][pipeline.Topics]int64, error)
	// Bounds asks where the log of every partition begins and ends now.
	Bounds(ctx context.Context) ([][pipeline.Topics]pipeline.Bounds, error)
	// Scan hands over the records at offsets from ≤ offset < to, in order.
	Scan(ctx context.Context, topic pipeline.Topic, partition int, from, to int64, each func(*pipeline.Batch) error) error
}

// Tables is where the rows are stored.
type Tables interface {
	// Rows hands over the newest row of each key in batches of the query's columns. A batch holds until each returns.
	Rows(ctx context.Context, q *Query, each func(*pipeline.Rows) error) error
	// Partitions returns the partition numbers that the rows of these tables have.
	Partitions(ctx context.Context, tables []string) ([]int, error)
	// HistorySizes says roughly how many customers' histories a partition has stored, and how many bytes they take.
	HistorySizes(ctx context.Context, partition int) (customers, bytes uint64, err error)
	// Split counts the customers and terminals with histories in several partitions, and names some of them.
	Split(ctx context.Context, most int) (total int64, some []SplitCustomer, err error)
}

// Query selects rows of one partition number.
type Query struct {
	Schema    *pipeline.Rows // the table and its columns, each an empty slice of the type to read
	Partition int
	// Customer names the columns of the customer's id, of which the first that is not empty holds it. Share selects rows
	// whose xxHash64 of the id is at most this.
	Customer   []string
	Share      uint64 // all customers: math.MaxUint64
	FromOffset int64  // least offset of rows that have one
	AfterPane  int64  // panes must start after this, unix seconds
}

// Letters reads the origins of dead letters from their topic.
type Letters interface {
	// Each hands over the origin of each message that the dead-letter topic holds when it is called, and returns how
	// many messages retention has removed.
	Each(ctx context.Context, each func(Origin) error) (cut int64, err error)
}

// Origin is the topic, partition and offset from which a dead letter says it comes.
type Origin struct {
	Known     bool // false for a message without such headers, or of another topic
	Topic     pipeline.Topic
	Partition int
	Offset    int64
}
