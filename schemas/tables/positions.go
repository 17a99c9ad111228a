package tables

import "csatflow/schemas/feeds"

// Positions is the table positions.
var Positions = &Table{
	Name:  "positions",
	About: "The checkpoint: how far all rows of a partition are in the log of a topic. Written after all rows of a flush: every event below next is in every row that it concerns, whichever process wrote it. Committed offsets only show progress.",
	Kind:  Position, Topics: feeds.Names(), Stage: PositionsStage,
	Key: []string{"partition", "topic"}, Version: "version",
	Columns: []Column{
		{Name: "partition", Type: "UInt32"},
		{Name: "topic", Type: "LowCardinality(String)", Comment: "responses or complaints"},
		{Name: "next", Type: "Int64"},
		{Name: "seen", Type: "Int64", Comment: "offset of a record by which the log is known again, -1 for none"},
		{Name: "fingerprint", Type: "UInt64", Comment: "of that record"},
		{Name: "partitions", Type: "UInt32", Comment: "that the topic had"},
		{Name: "version", Type: "UInt64", Comment: "logic version << 48 | next"},
	},
}

// Settings is the table settings.
var Settings = &Table{
	Name:  "settings",
	About: "The settings on which rows depend. The first process notes them, and a process with other settings is refused. The earliest value of each name counts.",
	Kind:  Record,
	Key:   []string{"name", "noted_at", "value"},
	Columns: []Column{
		{Name: "name", Type: "String", Comment: "key of the configuration"},
		{Name: "value", Type: "String"},
		{Name: "fingerprint", Type: "UInt64", Comment: "of all names and values that the process went by"},
		{Name: "noted_at", Type: "DateTime64(6, 'UTC')", Default: "now64(6)"},
	},
}
