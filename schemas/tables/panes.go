package tables

// SatisfactionPanes is the table satisfaction_panes.
var SatisfactionPanes = &Table{
	Name:  "satisfaction_panes",
	About: "What one partition of csat.responses adds to one pane of one scope (section 3). Integers only, so that panes add exactly.",
	Kind:  Sums, Topics: []string{"responses"}, Stage: FactsStage,
	Key: []string{"partition", "resolution", "scope_kind", "pane_start", "scope_id", "survey", "brand"}, Version: "version",
	Columns: []Column{
		{Name: "resolution", Type: "UInt32", Comment: "length in seconds: 60, 3600, 86400"},
		{Name: "pane_start", Type: "DateTime('UTC')"},
		{Name: "scope_kind", Type: "LowCardinality(String)"},
		{Name: "scope_id", Type: "String"},
		{Name: "partition", Type: "UInt32", Comment: "of the topic"},
		{Name: "mark", Type: "Int64", Comment: "offset up to which the row has absorbed the topic's partition"},
		{Name: "version", Type: "UInt64", Comment: "logic version << 48 | mark + 1"},
		{Name: "survey", Type: "LowCardinality(String)", Comment: "instant or comprehensive"},
		{Name: "brand", Type: "LowCardinality(String)", Comment: "empty for the own brand"},
		{Name: "groups", Type: "UInt32", Comment: "bit set of the groups of counters that the row has, see pipeline/pane/satisfaction.go"},
		{Name: "counters", Type: "Array(Int64)", Codec: "CODEC(T64, LZ4)", Comment: "of those groups, one after another; the views name them"},
	},
}

// RecoveryPanes is the table recovery_panes.
var RecoveryPanes = &Table{
	Name:  "recovery_panes",
	About: "What one partition of csat.complaints adds to one pane of one scope (section 4).",
	Kind:  Sums, Topics: []string{"complaints"}, Stage: FactsStage,
	Key: []string{"partition", "resolution", "scope_kind", "pane_start", "scope_id"}, Version: "version",
	Columns: []Column{
		{Name: "resolution", Type: "UInt32", Comment: "length in seconds: 60, 3600, 86400"},
		{Name: "pane_start", Type: "DateTime('UTC')"},
		{Name: "scope_kind", Type: "LowCardinality(String)"},
		{Name: "scope_id", Type: "String"},
		{Name: "partition", Type: "UInt32", Comment: "of the topic"},
		{Name: "mark", Type: "Int64", Comment: "offset up to which the row has absorbed the topic's partition"},
		{Name: "version", Type: "UInt64", Comment: "logic version << 48 | mark + 1"},
		{Name: "buckets", Type: "Array(Int16)", Comment: "of the histogram of recovery seconds: bucket i is [g^i, g^(i+1)), g = 1.01 / 0.99; -1 is under a second"},
		{Name: "bucket_counts", Type: "Array(Int64)", Codec: "CODEC(T64, LZ4)"},
		{Name: "groups", Type: "UInt32", Comment: "bit set of the groups of counters that the row has, see pipeline/pane/recovery.go"},
		{Name: "counters", Type: "Array(Int64)", Codec: "CODEC(T64, LZ4)", Comment: "of those groups, one after another; the views name them"},
	},
}
