// Package event decodes a Kafka message into a typed event, or reports which field is wrong and why.
//
// Start at [Decoder.Response] and [Decoder.Complaint]; the scales and their names are in scales.go. Events and the fields that are
// read follow from the schemas (go generate ./schemas/feeds). Byte slices of an event point into the message or the decoder, and are
// valid until its next call. Scales are 1 to 7, 0 if not given; enumerations are codes of scales.go, 0 if not given; money is
// in the configured currency. The package agrees with the JSON Schemas in schemas/events: tests run the same cases through both, and
// a fuzz test looks for a document on which they differ. It knows no Kafka, no state and no clock.
package event

import "fmt"

// Error is why a message is refused: the field (a path such as "rater.empathy", empty for the whole document) and the
// reason. The dead-letter topic shows both.
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
