package pipeline

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unsafe"

	"csatflow/schemas/feeds"
)

// Topic is one of the input topics.
type Topic uint8

// The topics that the pipeline reads. The first historyTopics have histories of customers; the first paneTopics have panes
// too. An event of the others is a row.
const (
	Responses Topic = iota
	Complaints
	Purchases
	Observations
	Departures
	Asked
	Topics        = 6
	historyTopics = 3
	paneTopics    = 2
)

var topicNames = [Topics]string(feeds.Names())

func (t Topic) String() string { return topicNames[t] }

// TakesWords reports whether the topic's events have a field to which an owner adds words.
func (t Topic) TakesWords() bool {
	return slices.ContainsFunc(feeds.All[t].Fields, func(f feeds.Field) bool { return f.Words != "" })
}

// NoOffsets returns -1 for every topic: nothing committed, or no end.
func NoOffsets() (none [Topics]int64) {
	for i := range none {
		none[i] = -1
	}
	return none
}

// TopicOf returns the topic with this name in tables and metrics.
func TopicOf(name string) (Topic, bool) {
	i := slices.Index(topicNames[:], name)
	return Topic(max(i, 0)), i >= 0
}

// Record is one message of a topic's partition. Its bytes are valid until the release of its batch.
type Record struct {
	Topic      Topic
	Offset     int64
	Time       time.Time // the log's, not the event's
	Key        []byte
	Value      []byte
	Headers    []Header
	JSON       []byte // the event as JSON, where Value has it in another form; nil where Value is the JSON
	Unreadable error  // why the bytes at the offset are no message; mostly nil. It depends only on those bytes, and on the schemas that they name
}

// event returns the event as JSON.
func (r *Record) event() []byte {
	if r.JSON != nil {
		return r.JSON
	}
	return r.Value
}

// Header is a header of a message.
type Header struct {
	Key   string
	Value []byte
}

// clone copies the record, as it was sent, out of the memory of its batch.
func (r *Record) clone() Record {
	c := *r
	c.JSON = nil
	c.Key, c.Value, c.Headers = bytes.Clone(r.Key), bytes.Clone(r.Value), slices.Clone(r.Headers)
	for i, h := range c.Headers {
		c.Headers[i] = Header{strings.Clone(h.Key), bytes.Clone(h.Value)}
	}
	return c
}

// Batch is a run of records of one topic's partition, by offset.
type Batch struct {
	Topic   Topic
	Records []Record
	Next    int64 // the offset after the batch, even if its last offsets show no record
	High    int64 // the log's end when the batch was fetched
}

// DeadLetter is a record that cannot be applied, and why.
type DeadLetter struct {
	Record
	Partition int
	Field     string // "" for the message as a whole
	Reason    string
}

// weight returns about how many bytes of memory the letter takes.
func (d *DeadLetter) weight() int {
	n := int(unsafe.Sizeof(*d)) + len(d.Key) + len(d.Value) + len(d.Field) + len(d.Reason)
	for _, h := range d.Headers {
		n += int(unsafe.Sizeof(h)) + len(h.Key) + len(h.Value)
	}
	return n
}

// clip shortens text for a letter's headers or a log line: a message may have field names of any length.
func clip[T string | []byte](s T) string {
	const most = 1000
	if len(s) <= most {
		return string(s)
	}
	return strings.ToValidUTF8(string(s[:most]), "") + "…"
}
