// Package received makes rows of events as they were received, repetitions included. What a row has follows from the schemas of
// the events (go generate ./schemas/feeds). Start at [Events].
package received

import (
	"time"

	"csatflow/pipeline/event"
)

// At is where in the log an event stands.
type At struct {
	Partition uint32
	Offset    int64
	Time      time.Time // of the log, not of the event
}

// given copies the answers of a scale, in the order of their names, 0 where there is none; nothing if none was given.
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

// attributesOf gives attributes by name; nil when there is none.
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

// optional is nil for what was not given.
func optional[T any](v T, given bool) *T {
	if !given {
		return nil
	}
	return &v
}
