package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"csatflow/schemas/tables"

	"csatflow/pipeline/rows"
	"csatflow/schemas"
)

// Insert writes a few rows of a table, for commands and the watch of alerts, in one statement, which ClickHouse takes whole or
// not at all. Partitions use [Store.Write].
func Insert(ctx context.Context, conn Conn, database string, r rows.Rows) error {
	n := r.Len()
	if n == 0 {
		return nil
	}
	names := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i] = schemas.QuoteName(c.Name)
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ") + ")"
	query := "INSERT INTO " + schemas.QuoteName(database) + "." + schemas.QuoteName(r.Table) + " (" + strings.Join(names, ", ") + ") VALUES " +
		strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
	args := make([]any, 0, n*len(names))
	for i := range n {
		for _, c := range r.Columns {
			args = append(args, bound(r.Table, c.Name, reflect.ValueOf(c.Values).Index(i)))
		}
	}
	if err := conn.Exec(ctx, query, args...); err != nil {
		return fmt.Errorf("writing to %s: %w", r.Table, err)
	}
	return nil
}

// bound converts a value for the driver to bind. Instants become text with the digits that their column keeps: the driver would
// drop milliseconds.
func bound(table, column string, v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	at, is := v.Interface().(time.Time)
	if !is {
		return v.Interface()
	}
	layout := time.DateTime
	if strings.Contains(tables.Of(table).Column(column).Type, "DateTime64") {
		layout += ".000"
	}
	return at.UTC().Format(layout)
}
