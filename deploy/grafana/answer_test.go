package grafana

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// answer is the result of a query.
type answer struct {
	columns []string
	rows    [][]any
}

func ask(t *testing.T, conn driver.Conn, p *picked, rawSQL string) (a answer) {
	t.Helper()
	sql, err := p.expand(rawSQL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer func() { _ = rows.Close() }()
	a.columns = rows.Columns()
	for rows.Next() {
		row := make([]any, len(a.columns))
		for i, c := range rows.ColumnTypes() {
			row[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		for i := range row {
			row[i] = plain(row[i])
		}
		a.rows = append(a.rows, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	if len(a.rows) == 0 {
		t.Fatalf("no rows:\n%s", sql)
	}
	return a
}

// plain follows pointers; a NULL is nil.
func plain(v any) any {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil
		}
		r = r.Elem()
	}
	return r.Interface()
}

// number reports whether v is a finite number.
func number(v any) bool {
	r := reflect.ValueOf(v)
	return r.IsValid() && (r.CanInt() || r.CanUint() || r.CanFloat() && !math.IsNaN(r.Float()) && !math.IsInf(r.Float(), 0))
}

// timeSeries requires time first, then numbers; a text between them names the curve, and then times may repeat.
func (a *answer) timeSeries(t *testing.T) {
	t.Helper()
	if a.columns[0] != "time" || len(a.columns) < 2 {
		t.Fatalf("columns %q: want time first, then numbers", a.columns)
	}
	_, labelled := a.rows[0][1].(string)
	seen := make([]bool, len(a.columns))
	var last time.Time
	for _, row := range a.rows {
		at, ok := row[0].(time.Time)
		if !ok || at.Before(last) || !labelled && at.Equal(last) {
			t.Fatalf("time %v after %v: want times that rise", row[0], last)
		}
		last = at
		for i, v := range row[1:] {
			if _, text := v.(string); labelled && i == 0 && text {
				continue
			} else if v != nil && !number(v) {
				t.Fatalf("%s is %v, not a number", a.columns[i+1], v)
			}
			seen[i+1] = seen[i+1] || v != nil
		}
	}
	for i, column := range a.columns[1:] {
		if !seen[i+1] && (!labelled || i > 0) {
			t.Errorf("%s is always NULL", column)
		}
	}
}

func (a *answer) stat(t *testing.T) {
	t.Helper()
	if len(a.rows) != 1 || len(a.columns) != 1 || !number(a.rows[0][0]) {
		t.Errorf("%q: %v: want one number", a.columns, a.rows)
	}
}

func (a *answer) table(t *testing.T) {
	t.Helper()
	if len(a.columns) < 2 {
		t.Errorf("columns %q: want at least two", a.columns)
	}
}

// bars requires distinct names, then one or more numbers, of which the first is not NULL.
func (a *answer) bars(t *testing.T) {
	t.Helper()
	if len(a.columns) < 2 {
		t.Fatalf("columns %q: want a name and numbers", a.columns)
	}
	names := map[string]bool{}
	for _, row := range a.rows {
		name, ok := row[0].(string)
		if !ok || name == "" || names[name] || !number(row[1]) {
			t.Errorf("%v: want a name of its own and numbers", row)
		}
		names[name] = true
		for _, v := range row[2:] {
			if v != nil && !number(v) {
				t.Errorf("%v: want numbers", row)
			}
		}
	}
}

// marks requires time ranges with a text.
func (a *answer) marks(t *testing.T) {
	t.Helper()
	if !slices.Equal(a.columns, []string{"time", "timeEnd", "text", "tags"}) {
		t.Fatalf("columns %q", a.columns)
	}
	for _, row := range a.rows {
		from, ok := row[0].(time.Time)
		to, both := row[1].(time.Time)
		if text, named := row[2].(string); !ok || !both || !to.After(from) || !named || text == "" {
			t.Errorf("%v: want a stretch of time and a text", row)
		}
	}
}
