package tables

import (
	"fmt"
	"slices"
	"strings"
)

// freeDisk is how many bytes must be free for an insert: when a merge runs out of space, ClickHouse 26.7 can lose acknowledged
// rows, since it keeps a part with empty marks and drops it at its next start.
const freeDisk = 256 << 20

// Create returns the statement that makes the table. database is quoted already; rawDays is how many days events as
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
	version := ""
	if t.Version != "" {
		version = "(" + t.Version + ")"
	}
	key := strings.Join(t.Key, ", ")
	if len(t.Key) > 1 {
		key = "(" + key + ")"
	}
	fmt.Fprintf(&b, "\n) ENGINE = ReplacingMergeTree%s\nORDER BY %s", version, key)
	days := t.Keep.Days
	if t.Keep.Raw {
		days = rawDays
	}
	if days > 0 {
		fmt.Fprintf(&b, "\nTTL toDateTime(%s) + toIntervalDay(%d)", t.Keep.Column, days)
	}
	b.WriteString("\nSETTINGS " + setting())
	return b.String()
}

// Add returns the statement that adds a column which older tables lack, at its position.
func (t *Table) Add(database string, column int) string {
	where := "FIRST"
	if column > 0 {
		where = "AFTER " + t.Columns[column-1].Name
	}
	return fmt.Sprintf("ALTER TABLE %s.%s ADD COLUMN IF NOT EXISTS %s %s", database, t.Name, t.Columns[column].ddl(), where)
}

// Bring returns the statements that add to an older release's table what is not a column: codecs, indexes, and the setting
// if it is not set. has are the codecs of its columns, indexes the names of its indexes, and engine its full engine, as
// ClickHouse reports them.
func (t *Table) Bring(database string, has map[string]string, indexes []string, engine string) (statements []string) {
	alter := "ALTER TABLE " + database + "." + t.Name + " "
	for _, c := range t.Columns {
		if codec, known := has[c.Name]; known && codec != c.Codec && c.Codec != "" {
			statements = append(statements, alter+"MODIFY COLUMN "+c.Name+" "+c.Type+" "+c.Codec)
		}
	}
	for _, index := range t.Indexes {
		if name, _, _ := strings.Cut(index, " "); !slices.Contains(indexes, name) {
			statements = append(statements, alter+"ADD INDEX IF NOT EXISTS "+index)
		}
	}
	if name, _, _ := strings.Cut(setting(), " "); !strings.Contains(engine, name) {
		statements = append(statements, alter+"MODIFY SETTING "+setting())
	}
	return statements
}

func setting() string {
	return fmt.Sprintf("min_free_disk_bytes_to_perform_insert = %d", freeDisk)
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
