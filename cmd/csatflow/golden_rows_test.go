package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// leftOut returns the columns of a table that the feed does not determine.
func leftOut(table string) []string {
	switch table {
	case "churn": // its version is the number of events
		return []string{"partition"}
	case "satisfaction_panes", "recovery_panes":
		return []string{"mark", "version"}
	case "csi_estimates", "csi":
		return []string{"version", "low", "high"}
	}
	return []string{"partition", "offset", "mark", "version", "appended_at", "applied_at", "noted_at", "checked_at"}
}

// viewParameters are the parameters for views that have some.
var viewParameters = map[string]string{
	"from": "'2026-03-03 00:00:00'", "to": "'2026-03-05 12:00:00'", "resolution": "3600", "step_s": "7200", "window_s": "14400",
	"scope_kind": "'store'", "scope_id": "'store-003'",
}

func goldenDefinitions(t *testing.T, conn driver.Conn, database string) []part {
	t.Helper()
	const columns = `SELECT concat(c.table, '.', c.name, ' ', c.type, if(c.default_expression = '', '', concat(' ', c.default_kind, ' ', c.default_expression)),
		if(c.is_in_sorting_key, ' KEY', ''), if(c.comment = '', '', concat(' -- ', c.comment))) FROM system.columns AS c WHERE c.database = ? ORDER BY c.table, c.position`
	const tables = `SELECT concat(name, ' ', if(engine = 'View', engine, engine_full), if(sorting_key = '', '', concat(' KEY (', sorting_key, ')')), if(comment = '' OR engine = 'View', '', concat(' -- ', comment)))
		FROM system.tables WHERE database = ? ORDER BY name`
	return []part{{name: "tables", lines: texts(t, conn, tables, database), whole: true}, {name: "columns", lines: texts(t, conn, columns, database), whole: true}}
}

func texts(t *testing.T, conn driver.Conn, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSuffix(s, "\n"))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return list
}

func goldenTables(t *testing.T, conn driver.Conn, database string) (parts []part) {
	t.Helper()
	for _, name := range texts(t, conn, "SELECT name FROM system.tables WHERE database = ? AND engine != 'View' ORDER BY name", database) {
		if name == "positions" { // a line without a key may be in any partition
			const sums = "SELECT concat(topic, ' ', toString(sum(next)), ' of ', toString(any(partitions)), ' partitions') FROM positions FINAL GROUP BY topic ORDER BY topic"
			parts = append(parts, part{name: name, lines: texts(t, conn, sums), placed: true})
			continue
		}
		placed := strings.HasSuffix(name, "_panes") || name == "settings"
		parts = append(parts, part{name: name, lines: canonical(t, conn, name, name, "FINAL"), placed: placed})
	}
	return parts
}

// goldenViews returns the rows of every view.
func goldenViews(t *testing.T, conn driver.Conn, database string) (parts []part) {
	t.Helper()
	const views = `SELECT concat(name, ' ', arrayStringConcat(arraySort(arrayDistinct(extractAll(as_select, '\\{([a-z_]+):'))), ' ')) FROM system.tables WHERE database = ? AND engine = 'View' ORDER BY name`
	customer := texts(t, conn, "SELECT customer_id FROM churn_risk WHERE complaints > 0 ORDER BY responses DESC, customer_id LIMIT 1")
	for _, line := range texts(t, conn, views, database) {
		name, parameters, _ := strings.Cut(line, " ")
		from, condition := name, ""
		var bound []string
		for _, p := range strings.Fields(parameters) {
			value, known := viewParameters[p]
			if p == "customer" {
				value, known = "'"+customer[0]+"'", true
			}
			if !known {
				t.Errorf("view %s has a parameter that the golden files know no value of: %s", name, p)
			}
			bound = append(bound, p+" = "+value)
		}
		if len(bound) > 0 {
			from += "(" + strings.Join(bound, ", ") + ")"
		}
		if len(bound) == 0 && (strings.HasPrefix(name, "satisfaction") || name == "recovery" || name == "service_type") {
			condition = "WHERE resolution > 60"
		}
		if name == "freshness" { // its progress depends on when panes of minutes were written
			from = "(SELECT events, latest_minute FROM freshness)"
		}
		parts = append(parts, part{name: name, lines: canonical(t, conn, name, from, condition)})
	}
	return parts
}

// canonical returns sorted rows as text: floats with as many digits as the audit compares.
func canonical(t *testing.T, conn driver.Conn, name, from, more string) []string {
	t.Helper()
	skip := leftOut(name)
	var columns []string
	none, err := conn.Query(t.Context(), fmt.Sprintf("SELECT * FROM %s LIMIT 0", from))
	if err != nil {
		t.Fatalf("%s: %v", from, err)
	}
	defer func() { _ = none.Close() }()
	for _, c := range none.ColumnTypes() {
		column, kind := c.Name(), c.DatabaseTypeName()
		if slices.Contains(skip, column) {
			continue
		}
		quoted := "`" + column + "`"
		switch {
		case column == "history":
			quoted = "hex(" + quoted + ")"
		case kind == "Float64" || kind == "Nullable(Float64)" || kind == "Float32" || kind == "Nullable(Float32)":
			quoted = rounded(quoted)
		case kind == "Array(Float64)" || kind == "Array(Nullable(Float64))":
			quoted = "arrayMap(x -> " + rounded("x") + ", " + quoted + ")"
		case strings.HasPrefix(kind, "Map("): // entries come in any order
			quoted = "mapSort(" + quoted + ")"
		case strings.Contains(kind, "Float"):
			t.Errorf("%s.%s is %s: say how it is rounded", name, column, kind)
		}
		columns = append(columns, quoted)
	}
	return texts(t, conn, fmt.Sprintf("SELECT formatRow('TSV', %s) AS row FROM %s %s ORDER BY row", strings.Join(columns, ", "), from, more))
}

func rounded(x string) string { return "printf('%.8e', " + x + " + 0)" }
