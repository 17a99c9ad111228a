package pipelinetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pane"
)

// Difference returns the first difference between the contents of a table in two stores, "" if they
// agree; see [Store.Content].
func Difference(table string, want, got *Store) string {
	for key, e := range want.tables[table] {
		if isPane(table) && e.zero() {
			continue
		}
		g, has := got.tables[table][key]
		switch {
		case !has:
			return fmt.Sprintf("%s lacks the row %s: %s", table, key, e.text())
		case !same(e, g):
			return fmt.Sprintf("the row %s of %s is\n  %s\ninstead of\n  %s", key, table, g.text(), e.text())
		}
	}
	for key, g := range got.tables[table] {
		if _, has := want.tables[table][key]; !has && (!isPane(table) || !g.zero()) {
			return fmt.Sprintf("%s has a row %s that should not be: %s", table, key, g.text())
		}
	}
	return ""
}

// same compares without making texts, which few comparisons need.
func same(a, b entry) bool {
	for i, c := range a.rows.Columns {
		if slices.Contains(bookkeeping, c.Name) {
			continue
		}
		if i >= len(b.rows.Columns) || !sameCell(c.Values, a.i, b.rows.Columns[i].Values, b.i) {
			return a.text() == b.text()
		}
	}
	return true
}

func sameCell(a any, i int, b any, j int) bool {
	switch x := a.(type) {
	case []string:
		return x[i] == b.([]string)[j]
	case []uint32:
		return x[i] == b.([]uint32)[j]
	case []uint64:
		return x[i] == b.([]uint64)[j]
	case []int64:
		return x[i] == b.([]int64)[j]
	case []float64:
		return x[i] == b.([]float64)[j]
	case []uint8:
		return x[i] == b.([]uint8)[j]
	case []bool:
		return x[i] == b.([]bool)[j]
	case []time.Time:
		return x[i].Equal(b.([]time.Time)[j])
	case [][]int64:
		return slices.Equal(x[i], b.([][]int64)[j])
	case [][]int16:
		return slices.Equal(x[i], b.([][]int16)[j])
	}
	return reflect.DeepEqual(reflect.ValueOf(a).Index(i).Interface(), reflect.ValueOf(b).Index(j).Interface())
}

// zero reports whether all counters of a pane are 0.
func (e entry) zero() bool {
	for _, c := range e.rows.Columns {
		if v, ok := c.Values.([][]int64); ok && slices.ContainsFunc(v[e.i], func(n int64) bool { return n != 0 }) {
			return false
		}
	}
	return true
}

// text returns what a row says, a pane's with a column for each group of counters; a group without counters is one with
// zeros.
func (e entry) text() string {
	r := e.row()
	layout := map[string]*pane.Layout{pipeline.TableSatisfactionPanes: pane.Satisfaction, pipeline.TableRecoveryPanes: pane.Recovery}[e.rows.Table]
	if layout != nil {
		groups, err := layout.Split(r["groups"].(uint32), r["counters"].([]int64))
		if err != nil {
			panic(err) // the task that wrote it broke its own format
		}
		for g, name := range layout.Names {
			r[name] = groups[g]
		}
		delete(r, "groups")
		delete(r, "counters")
	}
	var names []string
	for n := range r {
		if !slices.Contains(bookkeeping, n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s=%s ", n, text(r[n]))
	}
	return b.String()
}

func text(v any) string {
	if sums, ok := v.([]int64); ok && !slices.ContainsFunc(sums, func(n int64) bool { return n != 0 }) {
		return "-" // a group without counters is one with zeros
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return "null"
		}
		v = r.Elem().Interface()
	}
	return fmt.Sprint(v)
}
