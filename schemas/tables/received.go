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

// columnsOf gives the columns of a field.
func columnsOf(f *feeds.Field) []Column {
	c := Column{Name: f.Name}
	switch f.Kind {
	case feeds.ID, feeds.Text:
		c.Type = "String"
	case feeds.Instant:
		c.Type = "DateTime64(3, 'UTC')"
	case feeds.Scale:
		c.Type = "UInt8"
	case feeds.Scales:
		if f.Apart {
			var list []Column
			for _, m := range f.Members {
				list = append(list, Column{Name: m + "_" + f.Name, Type: "UInt8"})
			}
			return list
		}
		c.Type = "Array(UInt8)"
	case feeds.Name:
		c.Type = fewNames
	case feeds.Set:
		c.Type = "Array(" + fewNames + ")"
		if f.Given {
			return []Column{c, {Name: "has_" + f.Name, Type: "Bool"}}
		}
	case feeds.Integer:
		c.Type = "Int8"
	case feeds.Count:
		c.Type = "Int64"
	case feeds.Number:
		c.Type = "Float64"
	case feeds.Answers:
		c.Type = "Map(String, UInt8)"
	case feeds.Attributes:
		c.Type, c.Comment = "Map("+fewNames+", String)", "properties that the owner added, by name"
	}
	if f.Given {
		c.Type = "Nullable(" + c.Type + ")"
	}
	return []Column{c}
}
