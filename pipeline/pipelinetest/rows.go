package pipelinetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
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
