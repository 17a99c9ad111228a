package tables

import (
	"fmt"
	"strings"
)

// freeDisk is how many bytes must be free for an insert: ClickHouse 26.7 was seen to lose acknowledged rows when a merge ran out
// of space, since it keeps a part with empty marks and drops it at its next start.
const freeDisk = 256 << 20

// Create is the statement that makes the table in a database, which is given as it is quoted. rawDays is how long events as
// received are kept.
func (t *Table) Create(database string, rawDays int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE IF NOT EXISTS %s.%s (", database, t.Name)
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n    " + c.ddl())
	}
	for _, index := range t.Indexes {
		b.WriteString(",\n    INDEX " + index)
	}
	fmt.Fprintf(&b, "\n) ENGINE = ReplacingMergeTree%s\nORDER BY (%s)", t.Version, strings.Join(t.Key, ", "))
	days := t.Keep.Days
	if t.Keep.Raw {
		days = rawDays
	}
	if days > 0 {
		fmt.Fprintf(&b, "\nTTL toDateTime(%s) + toIntervalDay(%d)", t.Keep.Column, days)
	}
	fmt.Fprintf(&b, "\nSETTINGS min_free_disk_bytes_to_perform_insert = %d", freeDisk)
	return b.String()
}

// Add is the statement that adds a column which older tables lack, where it belongs.
func (t *Table) Add(database string, column int) string {
	where := "FIRST"
	if column > 0 {
		where = "AFTER " + t.Columns[column-1].Name
	}
	return fmt.Sprintf("ALTER TABLE %s.%s ADD COLUMN IF NOT EXISTS %s %s", database, t.Name, t.Columns[column].ddl(), where)
}

func (c *Column) ddl() string {
	text := c.Name + " " + c.Type
	if c.Default != "" {
		text += " DEFAULT " + c.Default
	}
	if c.Comment != "" {
		text += " COMMENT '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(c.Comment) + "'"
	}
	if c.Codec != "" {
		text += " " + c.Codec
	}
	return text
}
