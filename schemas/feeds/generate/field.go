package main

import (
	"fmt"
	"strconv"
	"strings"

	"csatflow/schemas/feeds"
)

// field is a field with its code in Go.
type field struct {
	feeds.Field
	Number int // its bit in the check for repeated fields
	of     *document
}

// Fields returns the fields for the templates.
func (f *feed) Fields() []*field { return f.fields }

// Said returns the description of an event without the name of the topic.
func (f *feed) Said() string {
	return strings.TrimSuffix(f.About, " Topic csat."+f.Name+".")
}

// Event returns the Go name of an event.
func (f *feed) Event() string { return goName(strings.TrimSuffix(f.Name, "s")) }

// Var returns the name of the scratch event in the decoder.
func (f *feed) Var() string { return strings.TrimSuffix(f.Name, "s") }

// Table returns the Go name of the builder of its rows.
func (f *feed) Table() string {
	if f.Name == "complaints" { // the table complaints has the states that follow from the steps
		return "ComplaintEvents"
	}
	return goName(f.Name)
}

// Missing returns the required fields.
func (f *feed) Missing() (list []*field) {
	for _, name := range f.required {
		list = append(list, f.field(name))
	}
	return list
}

func (f *feed) field(name string) *field {
	for _, one := range f.fields {
		if one.Name == name {
			return one
		}
	}
	return &field{Field: feeds.Field{Name: name}}
}

// OneOf returns the two fields of which one is required.
func (f *feed) OneOf() (list []*field) {
	for _, name := range f.Either {
		list = append(list, f.field(name))
	}
	return list
}

// Keys returns the fields of the key.
func (f *feed) Keys() (list []*field) {
	for _, name := range f.Key {
		list = append(list, f.field(name))
	}
	return list
}

// Kept returns the fields whose memory is reused.
func (f *feed) Kept() (list []*field) {
	for _, one := range f.fields {
		if one.Kind == feeds.Answers || one.Kind == feeds.Attributes {
			list = append(list, one)
		}
	}
	return list
}

// Defaults returns the fields with a default.
func (f *feed) Defaults() (list []*field) {
	for _, one := range f.fields {
		if one.Default != "" {
			list = append(list, one)
		}
	}
	return list
}

// IsName reports whether it is an enumeration.
func (f *field) IsName() bool { return f.Kind == feeds.Name }

// Go returns its name in Go.
func (f *field) Go() string { return goName(f.Name) }

// Text returns the constant of its kind.
func (f *field) Text() string {
	return "feeds." + []string{"ID", "Instant", "Text", "Scale", "Scales", "Name", "Set", "Integer", "Count", "Number", "Answers", "Attributes"}[f.Kind]
}

// Type returns its Go type, with a comment.
func (f *field) Type() string {
	switch f.Kind {
	case feeds.ID, feeds.Text:
		return "[]byte"
	case feeds.Instant:
		return "int64 // event time, ms since 1970-01-01T00:00:00Z, finer digits cut off"
	case feeds.Scales:
		return fmt.Sprintf("[%d]uint8 // by [%s]", len(f.Members), f.Names())
	case feeds.Set:
		return "uint8 // bit i is " + f.Names() + "[i]"
	case feeds.Name:
		return "uint8 // by [" + f.Names() + "]"
	case feeds.Integer:
		return "int8"
	case feeds.Count:
		return "uint32"
	case feeds.Number:
		return "float64"
	case feeds.Answers:
		return "[]Answer"
	case feeds.Attributes:
		return "[]Attribute // of the owner's own"
	}
	return "uint8"
}

// zeroIsValue reports whether an event may have a value that is 0 in Go.
func (f *field) zeroIsValue() bool {
	return f.Kind == feeds.Integer || f.Kind == feeds.Count || f.Kind == feeds.Number
}

// Names returns the Go variable with the names of its scale (pipeline/event/scales.go).
func (f *field) Names() string {
	name := goName(f.Scale)
	switch {
	case f.Kind == feeds.Name && strings.HasSuffix(name, "ry"):
		return strings.TrimSuffix(name, "y") + "ies"
	case f.Kind == feeds.Name:
		return name + "s"
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "yNames"
	case strings.HasSuffix(name, "ss"):
		return name + "Names"
	}
	return strings.TrimSuffix(name, "s") + "Names"
}

// Read returns the call that reads it.
func (f *field) Read() string {
	into := "&e." + f.Go()
	switch f.Kind {
	case feeds.ID:
		return "d.id(" + into + ")"
	case feeds.Instant:
		return "d.s.when(" + into + ")"
	case feeds.Text:
		return fmt.Sprintf("d.text(%s, 0, %d)", into, f.of.MaxLength)
	case feeds.Scales:
		return "d.scales(e." + f.Go() + "[:], " + f.Names() + ")"
	case feeds.Set:
		return "d.set(" + into + ", " + f.Names() + ")"
	case feeds.Name:
		return "d.enum(" + into + ", " + f.Names() + ")"
	case feeds.Integer:
		return fmt.Sprintf("d.small(%s, %d, %d)", into, int(*f.of.Minimum), int(*f.of.Maximum))
	case feeds.Count:
		return "d.count(" + into + ")"
	case feeds.Number:
		return fmt.Sprintf("d.within(%s, %d, %d, %q)", into, int64(*f.of.Minimum), int64(*f.of.Maximum), bound(*f.of.Minimum)+" to "+bound(*f.of.Maximum))
	case feeds.Answers:
		return "d.answers(" + into + ")"
	case feeds.Attributes:
		return "d.attributes(" + into + ")"
	}
	return "d.scale(" + into + ")"
}

// bound returns a number for people to read: 86400, 1e12.
func bound(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "e+", "e", 1)
}

// column is a column of the rows as received, with the Go expression of its value.
type column struct{ Go, Value string }

// Columns returns the columns of a field.
func (f *field) Columns() []column {
	e := "e." + f.Go()
	value := e
	switch f.Kind {
	case feeds.ID, feeds.Text:
		value = "string(" + e + ")"
	case feeds.Instant:
		value = "time.UnixMilli(" + e + ").UTC()"
	case feeds.Scales:
		if f.Apart {
			var list []column
			for i, m := range f.Members {
				list = append(list, column{goName(m + "_" + f.Name), fmt.Sprintf("%s[%d]", e, i)})
			}
			return list
		}
		value = "given(" + e + "[:])"
	case feeds.Set:
		value = "event.Names(event." + f.Names() + ", " + e + ")"
	case feeds.Name:
		value = "event.Name(event." + f.Names() + ", " + e + ")"
	case feeds.Count:
		value = "int64(" + e + ")"
	case feeds.Answers:
		value = "answersOf(" + e + ")"
	case feeds.Attributes:
		value = "attributesOf(" + e + ")"
	}
	switch {
	case f.Given && f.zeroIsValue():
		value = "optional(" + value + ", e.Has" + f.Go() + ")"
	case f.Given:
		return []column{{columnName(f.Name), value}, {columnName("has_" + f.Name), "e.Has" + f.Go()}}
	}
	return []column{{columnName(f.Name), value}}
}

// goName returns the Go name of a field.
func goName(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(name, "_") {
		switch part {
		case "id", "tcs":
			b.WriteString(strings.ToUpper(part))
		case "":
		default:
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// columnName returns the name of a column in the builders of rows (schemas/tables/generate).
func columnName(name string) string { return strings.ReplaceAll(goName(name), "TCS", "Tcs") }
