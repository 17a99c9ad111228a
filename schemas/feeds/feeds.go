// Package feeds has what the events of each input topic carry, as the JSON Schemas in schemas/events say it. The types of events
// and their decoder (pipeline/event), their rows as received (pipeline/received) and the columns of those (schemas/tables) follow
// from it. Start at [All].
package feeds

import "slices"

//go:generate go run ./generate ../events feeds.gen.go ../../pipeline/event/feeds.gen.go ../../pipeline/received/received.gen.go

// order is the order in which everything lists the input topics: the place of one is its number in the pipeline.
var order = []string{"responses", "complaints", "purchases", "observations", "departures"}

// Names are the names of the feeds, in order: the input topics without the prefix "csat.".
func Names() []string { return slices.Clone(order) }

// Of gives a feed by its name, nil if there is none.
func Of(name string) *Feed {
	for i := range All {
		if All[i].Name == name {
			return &All[i]
		}
	}
	return nil
}

// Feed is what the events of one input topic carry.
type Feed struct {
	Name   string
	Key    []string // fields, of which the first that is given is the key of the message
	Fields []Field
}

// Field is one field of an event.
type Field struct {
	Name    string
	Kind    Kind
	Scale   string   // its definition in scales.schema.json; "" for one of its own
	Members []string // of [Scales]
	// Required events have it. Of fields that are not, Given says that it is kept apart whether it was given: where its zero is a
	// value too, and where the schema says x-given.
	Required, Given bool
	Apart           bool   // of [Scales]: each member has a column of its own (x-apart)
	Default         string // of [Name] and [ID]: what an event says that does not give it
}

// Kind is what a field holds.
type Kind uint8

// The kinds.
const (
	ID         Kind = iota // a text of 1 to 256 characters
	Instant                // RFC 3339, kept in ms
	Text                   // at most 10,000 characters
	Scale                  // 1 to 7
	Scales                 // an object of answers from 1 to 7
	Name                   // one of an enumeration
	Set                    // an array of names
	Integer                // -3 to 3
	Count                  // 0 to 2,147,483,647
	Number                 // a decimal number within bounds
	Answers                // question to 1 to 10
	Attributes             // name to text
)

// Telling gives the fields that an event of the feed must have and that no other feed knows.
func (f *Feed) Telling() (names []string) {
	for _, field := range f.Fields {
		if field.Required && !slices.ContainsFunc(All, func(other Feed) bool { return other.Name != f.Name && other.Has(field.Name) }) {
			names = append(names, field.Name)
		}
	}
	return names
}

// Has tells whether events of the feed may carry a field.
func (f *Feed) Has(name string) bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.Name == name })
}
