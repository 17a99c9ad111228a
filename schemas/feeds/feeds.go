// Package feeds describes the events of each input topic, by the JSON Schemas in schemas/events. The types of events and their
// decoder (pipeline/event), their rows as received (pipeline/received) and the columns of those (schemas/tables) follow from
// it. Start at [All].
package feeds

import "slices"

//go:generate go run ./generate ../events feeds.gen.go ../../pipeline/event/feeds.gen.go ../../pipeline/received/received.gen.go

// order is the order of the input topics everywhere: an index is the topic's number in the pipeline.
var order = []string{"responses", "complaints", "purchases", "observations", "departures", "asked"}

// Names returns the names of the feeds, in order: the input topics without the prefix "csat.".
func Names() []string { return slices.Clone(order) }

// Of returns a feed by name, nil if there is none.
func Of(name string) *Feed {
	for i := range All {
		if All[i].Name == name {
			return &All[i]
		}
	}
	return nil
}

// Feed describes the events of one input topic.
type Feed struct {
	Name   string
	Key    []string   // fields; the first that is given is the message's key
	OneOf  [][]string // fields of which every event has at least one
	Fields []Field
}

// Field is one field of an event.
type Field struct {
	Name    string
	Kind    Kind
	Scale   string   // its definition in scales.schema.json; "" for none
	Members []string // of [Scales]
	// Required: every event has the field. Given: the event notes whether an optional field was given, because its zero is also a
	// value, or because the schema has x-given.
	Required, Given bool
	Apart           bool   // of [Scales]: each member has its own column (x-apart)
	Default         string // of [Name] and [ID]: the value of an event without the field
	Words           string // of [Name]: the configuration key under which an owner adds words; "" for a closed enumeration (x-words)
}

// Kind is the kind of a field's value.
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
	Integer                // a whole number within small bounds
	Count                  // 0 to 2,147,483,647
	Number                 // a decimal number within bounds
	Answers                // from question to a number, 1 to 10
	Attributes             // from name to text
)

// String returns the name of the constant.
func (k Kind) String() string {
	return [...]string{"ID", "Instant", "Text", "Scale", "Scales", "Name", "Set", "Integer", "Count", "Number", "Answers", "Attributes"}[k]
}

// ZeroIsValue reports whether an event may have a value that is 0 in Go.
func (k Kind) ZeroIsValue() bool { return k == Integer || k == Count || k == Number }

// Nullable reports whether the field's column is NULL where the field was not given.
func (f *Field) Nullable() bool { return f.Given && f.Kind.ZeroIsValue() }

// Columns returns the names of the columns that hold the field as received.
func (f *Field) Columns() (names []string) {
	if f.Apart {
		for _, m := range f.Members {
			names = append(names, m+"_"+f.Name)
		}
		return names
	}
	if f.Given && !f.Nullable() {
		return []string{f.Name, "has_" + f.Name}
	}
	return []string{f.Name}
}

// Telling returns the fields that no other feed has, and that every event has, or one of which every event has.
func (f *Feed) Telling() (names []string) {
	for _, field := range f.Fields {
		if (field.Required || f.oneOf(field.Name)) && !slices.ContainsFunc(All, func(other Feed) bool { return other.Name != f.Name && other.Has(field.Name) }) {
			names = append(names, field.Name)
		}
	}
	return names
}

func (f *Feed) oneOf(name string) bool {
	return slices.ContainsFunc(f.OneOf, func(names []string) bool { return slices.Contains(names, name) })
}

// Has reports whether the feed has a field.
func (f *Feed) Has(name string) bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.Name == name })
}
