package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"csatflow/schemas/feeds"
	"csatflow/schemas/internal/gocode"
)

// field is a field with its code in Go.
type field struct {
	feeds.Field
	Number int // its bit in the check for repeated fields
	of     *document
}

// Said returns the description of an event without the name of the topic.
func (f *feed) Said() string {
	return strings.TrimSuffix(f.About, " Topic csat."+f.Name+".")
}

// Event returns the Go name of an event.
func (f *feed) Event() string { return gocode.Name(strings.TrimSuffix(f.Name, "s")) }

// Var returns the name of the scratch event in the decoder.
func (f *feed) Var() string { return strings.TrimSuffix(f.Name, "s") }

// Table returns the Go name of the builder of its rows.
func (f *feed) Table() string {
	if f.Name == "complaints" { // the table complaints has the states that follow from the steps
		return "ComplaintEvents"
	}
	return gocode.Name(f.Name)
}

// named returns fields by their names.
func (f *feed) named(names []string) (list []*field, err error) {
	for _, name := range names {
		i := slices.IndexFunc(f.Fields, func(one *field) bool { return one.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no property %q", name)
		}
		list = append(list, f.Fields[i])
	}
	return list, nil
}

// Kept returns the fields whose memory is reused.
func (f *feed) Kept() (list []*field) {
	for _, one := range f.Fields {
		if one.Kind == feeds.Answers || one.Kind == feeds.Attributes {
			list = append(list, one)
		}
	}
	return list
}

// Defaults returns the fields with a default.
func (f *feed) Defaults() (list []*field) {
	for _, one := range f.Fields {
		if one.Default != "" {
			list = append(list, one)
		}
	}
	return list
}

// IsName reports whether it is an enumeration.
func (f *field) IsName() bool { return f.Kind == feeds.Name }

// Go returns its name in Go.
func (f *field) Go() string { return gocode.Name(f.Name) }

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

// Names returns the Go variable with the names of its scale (pipeline/event/scales.go).
func (f *field) Names() string {
	name := gocode.Name(f.Scale)
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
		if f.Words != "" {
			return fmt.Sprintf("d.word(%s, &e.Own%s, %s, %q)", into, f.Go(), f.Names(), f.Words)
		}
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

// Received returns the columns of a field.
func (f *field) Received() (list []column) {
	for i, name := range f.Columns() {
		value := f.value()
		switch {
		case f.Apart:
			value = fmt.Sprintf("e.%s[%d]", f.Go(), i)
		case i > 0:
			value = "e.Has" + f.Go()
		case f.Nullable():
			value = "optional(" + value + ", e.Has" + f.Go() + ")"
		}
		list = append(list, column{gocode.Name(name), value})
	}
	return list
}

// value returns the Go expression of what a column holds.
func (f *field) value() string {
	e := "e." + f.Go()
	switch f.Kind {
	case feeds.ID, feeds.Text:
		return "string(" + e + ")"
	case feeds.Instant:
		return "time.UnixMilli(" + e + ").UTC()"
	case feeds.Scales:
		return "given(" + e + "[:])"
	case feeds.Set:
		return "event.Names(event." + f.Names() + ", " + e + ")"
	case feeds.Name:
		if f.Words != "" {
			return fmt.Sprintf("event.NameOf(e.Own%s, event.%s, %s)", f.Go(), f.Names(), e)
		}
		return "event.Name(event." + f.Names() + ", " + e + ")"
	case feeds.Count:
		return "int64(" + e + ")"
	case feeds.Answers:
		return "answersOf(" + e + ")"
	case feeds.Attributes:
		return "attributesOf(" + e + ")"
	}
	return e
}
