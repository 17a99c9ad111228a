package intake

import (
	"context"
	"fmt"
)

// Place is where a message stands in a log. The zero value is of what came otherwise.
type Place struct {
	Topic     string
	Partition int
	Offset    int64
}

// String is topic/partition/offset; "" for no place.
func (p Place) String() string {
	if p.Topic == "" {
		return ""
	}
	return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset)
}

// Message is what leaves for Kafka: an event for an input topic.
type Message struct {
	Event
	Feed, Mapping string // the feed and the version of its mapping; "" for csatflow's own form
	Item          int    // of the body or fetch that it came in
}

// Producer sends to Kafka. Many goroutines use it.
type Producer interface {
	// Has reports whether a topic is there to produce to.
	Has(topic string) bool
	// Produce returns when all replicas have the messages, or ctx ends: nil, or for each its error or nil. It calls released
	// when it holds none of them any more.
	Produce(ctx context.Context, list []Message, released func()) []error
	// Bury sends payloads that cannot be mapped to the dead-letter topic, and returns when all replicas have them.
	Bury(ctx context.Context, list []Unmapped) error
}

// Unmapped is a payload that a feed refuses, and why.
type Unmapped struct {
	*Refusal
	Mapping string // the version
	Payload []byte // as it came
	Kind    string // its media type
	Request string // headers of the request as JSON, where expressions look at them
	Place   Place  // of a message of a topic
}

// Unreachable is an error of a [Producer] that has a lasting cause: not a slow Kafka, but none, or no topic.
type Unreachable struct{ Err error }

// Error implements error.
func (e *Unreachable) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Unreachable) Unwrap() error { return e.Err }

// TooLarge is an error of a [Producer] for a message that will never be taken.
type TooLarge struct{ Reason string }

// Error implements error.
func (e *TooLarge) Error() string { return e.Reason }
