// Package event turns the bytes of a Kafka message into a typed event, or says which field is wrong and why.
//
// Start at [Decoder.Response] and [Decoder.Complaint]; the scales and their names are in scales.go. Events and the fields that are
// read follow from the schemas (go generate ./schemas/feeds). Byte slices of an event point into the message or into the decoder
// and hold until its next call. Scales are 1 to 7, 0 when not given; enumerations are codes of scales.go, 0 when not given; money is
// in the configured currency. The package agrees
// with the JSON Schemas in schemas/events: the same cases go through both in the tests, and a fuzz test looks for a
// document on which they differ. It knows no Kafka, no state and no clock.
package event

import "fmt"

// Error says why a message cannot be taken: the field (a path such as "rater.empathy", empty for the document as a
// whole) and the reason. It is what the dead-letter topic shows.
type Error struct {
	Field  string
	Reason string
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return fmt.Sprintf("%s: %s", e.Field, e.Reason)
}
