package audit

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// text returns a value of row i in a form for people.
func (v *view) text(column, i int) string {
	c := &v.rows.Columns[column]
	value := reflect.ValueOf(c.Values).Index(i)
	if c.Name == "history" {
		return historyText(value.String())
	}
	return valueText(value)
}

func valueText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format("2006-01-02T15:04:05.999Z07:00")
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case string:
		return x
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "null"
		}
		return valueText(v.Elem())
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = valueText(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}

// historyText tells stored histories apart: they are binary, and their other columns say what is in them.
func historyText(h string) string {
	return fmt.Sprintf("%d bytes, xxHash64 %016x", len(h), xxhash.Sum64String(h))
}

// counterDifferences lists the counters of a pane that differ, in the order of the layout.
func (p *partition) counterDifferences(at *pair) []ColumnDifference {
	values := func(w *whole) map[string]int64 {
		if w == nil {
			return nil
		}
		return w.counters
	}
	stored, computed := values(at.stored), values(at.computed)
	if at.stored != nil && at.stored.bad != "" {
		return []ColumnDifference{}
	}
	list := []ColumnDifference{}
	told := map[string]bool{}
	tell := func(name string) {
		if told[name] || stored[name] == computed[name] {
			return
		}
		told[name] = true
		list = append(list, ColumnDifference{name, strconv.FormatInt(stored[name], 10), strconv.FormatInt(computed[name], 10)})
	}
	layout := p.schemas[at.id].weights.layout
	for g, size := range layout.Sizes {
		for i := range size {
			tell(counterName(layout.Names[g], i))
		}
	}
	var others []string // histogram buckets
	for _, m := range []map[string]int64{stored, computed} {
		for name := range m {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	for _, name := range others {
		tell(name)
	}
	return list
}
