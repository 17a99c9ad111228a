package pipeline

import (
	"slices"
	"time"
)

// Topic is one of the input topics.
type Topic uint8

// The topics that the pipeline reads.
const (
	Responses Topic = iota
	Complaints
	Topics = 2
)

var topicNames = [Topics]string{"responses", "complaints"}

func (t Topic) String() string { return topicNames[t] }

// TopicOf finds a topic by its name in tables and metrics.
func TopicOf(name string) (Topic, bool) {
	i := slices.Index(topicNames[:], name)
	return Topic(max(i, 0)), i >= 0
}

// Record is one message of a topic's partition. Its bytes hold until the batch that brought it is released.
type Record struct {
	Topic   Topic
	Offset  int64
	Time    time.Time // of the log, not of the event
	Key     []byte
	Value   []byte
	Headers []Header
}

// Header is a header of a message.
type Header struct {
	Key   string
	Value []byte
}

// Batch is a run of records of one topic's partition, in order of offsets.
type Batch struct {
	Topic   Topic
	Records []Record
	Next    int64 // the offset after the batch, also when the log shows nothing at its last ones
	High    int64 // the log's end when the batch was fetched
}

// DeadLetter is a record that cannot be applied, and why.
type DeadLetter struct {
	Record
	Partition int
	Field     string // "" for the message as a whole
	Reason    string
}
