package pipelinetest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"csatflow/pipeline"
	"csatflow/pipeline/pane"
)

func nthLargest(list []int64, n int) int64 {
	slices.Sort(list)
	return list[len(list)-n]
}

// bookkeeping are columns that say how far a row is, not what it says.
var bookkeeping = []string{"mark", "version"}

// Content gives the rows of a table as text, by key, without marks and versions, and with panes whose counters are all
// zero left out: what two runs over the same events must have in common.
func (s *Store) Content(table string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := map[string]string{}
	for key, r := range s.tables[table] {
		r = named(table, r)
		var names []string
		empty := strings.HasSuffix(table, "_panes")
		for n, v := range r {
			if slices.Contains(bookkeeping, n) {
				continue
			}
			names = append(names, n)
			if sums, ok := v.([]int64); ok {
				empty = empty && !slices.ContainsFunc(sums, func(x int64) bool { return x != 0 })
			}
		}
		if empty {
			continue
		}
		slices.Sort(names)
		var b strings.Builder
		for _, n := range names {
			fmt.Fprintf(&b, "%s=%s ", n, text(r[n]))
		}
		content[key] = b.String()
	}
	return content
}

// named gives a pane's row with a column for each group of counters; a group without counters is one with zeros.
func named(table string, r Row) Row {
	layout := map[string]*pane.Layout{pipeline.TableSatisfactionPanes: pane.Satisfaction, pipeline.TableRecoveryPanes: pane.Recovery}[table]
	if layout == nil {
		return r
	}
	out := maps.Clone(r)
	delete(out, "groups")
	delete(out, "counters")
	var c pane.Counters
	if err := c.Set(layout, r["groups"].(uint32), r["counters"].([]int64)); err != nil {
		panic(err) // the task that wrote it broke its own format
	}
	for g, name := range layout.Names {
		out[name] = c.Group(layout, pane.Group(g))
	}
	return out
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
