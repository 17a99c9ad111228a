package tables

import (
	"fmt"
	"slices"

	"csatflow/schemas/feeds"
)

const (
	fewNames = "LowCardinality(String)" // of columns that have few values
	notSaid  = "1 to 7, 0 not said"
)

// asReceived gives the columns of the events of a feed as received: one per field, in the order of its schema. Where a column is
// given, its type and comment hold.
func asReceived(feed string, special ...Column) []Column {
	list := []Column{
		{Name: "partition", Type: "UInt32"},
		{Name: "offset", Type: "Int64"},
		{Name: "appended_at", Type: "DateTime64(3, 'UTC')", Comment: "time of the Kafka message"},
		{Name: "mapping", Type: fewNames, Comment: "version of the feed's mapping that made the event (header x-csatflow-mapping); empty for none"},
	}
	for _, f := range feeds.Of(feed).Fields {
		list = append(list, columnsOf(&f)...)
	}
	for _, s := range special {
		i := slices.IndexFunc(list, func(c Column) bool { return c.Name == s.Name })
		if i < 0 {
			panic(fmt.Sprintf("events of %s have no field %s", feed, s.Name)) // the declarations do not fit the schema
		}
		if s.Type != "" {
			list[i].Type = s.Type
		}
		list[i].Comment = s.Comment
	}
	return append(list, Column{Name: "unknown_fields", Type: "UInt32"})
}

// columnsOf returns the columns of a field.
func columnsOf(f *feeds.Field) (list []Column) {
	for i, name := range f.Columns() {
		c := Column{Name: name, Type: typeOf(f)}
		switch {
		case f.Apart:
			c.Type = "UInt8"
		case i > 0:
			c.Type = "Bool" // whether it was given
		case f.Nullable():
			c.Type = "Nullable(" + c.Type + ")"
		case f.Kind == feeds.Attributes:
			c.Comment = "properties that the owner added, by name"
		}
		list = append(list, c)
	}
	return list
}

// typeOf returns the type of the values of a field.
func typeOf(f *feeds.Field) string {
	switch f.Kind {
	case feeds.Instant:
		return "DateTime64(3, 'UTC')"
	case feeds.Scale:
		return "UInt8"
	case feeds.Scales:
		return "Array(UInt8)"
	case feeds.Name:
		return fewNames
	case feeds.Set:
		return "Array(" + fewNames + ")"
	case feeds.Integer:
		return "Int8"
	case feeds.Count:
		return "Int64"
	case feeds.Number:
		return "Float64"
	case feeds.Answers:
		return "Map(String, UInt8)"
	case feeds.Attributes:
		return "Map(" + fewNames + ", String)"
	}
	return "String"
}
