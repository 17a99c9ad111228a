// Package received makes rows of events as they were received, repetitions included. The rows' columns follow from the schemas
// of the events (go generate ./schemas/feeds). Start at [Events].
package received

import (
	"time"

	"csatflow/pipeline/event"
)

// At is the place of an event in the log.
type At struct {
	Partition uint32
	Offset    int64
	Time      time.Time // the log's, not the event's
	Mapping   string    // the version of the mapping that made the event; "" for none
}

// given returns a copy of a scale's answers, by its names, 0 for a missing one; nil if none was given.
func given(answers []uint8) []uint8 {
	for _, a := range answers {
		if a != 0 {
			return append([]uint8(nil), answers...)
		}
	}
	return nil
}

func answersOf(list []event.Answer) map[string]uint8 {
	m := make(map[string]uint8, len(list))
	for _, a := range list {
		m[string(a.Question)] = a.Value
	}
	return m
}

// attributesOf returns attributes by name; nil if there are none.
func attributesOf(list []event.Attribute) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[string(a.Name)] = string(a.Value)
	}
	return m
}

// optional returns nil for a value that was not given.
func optional[T any](v T, given bool) *T {
	if !given {
		return nil
	}
	return &v
}
