package audit

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
	declared "csatflow/schemas/tables"
)

// schema is the columns of a table as the pipeline writes them.
type schema struct {
	*table
	id      int
	empty   *pipeline.Rows // the columns' names and types
	weights *weights       // of panes
	kinds   *pane.Kinds
}

// newSchemas takes the columns from the declarations of the tables, as the pipeline does.
func newSchemas(set *pipeline.Settings) ([]*schema, error) {
	schemas := make([]*schema, len(tables))
	for id := range tables {
		empty, ok := rows.Empty(tables[id].name)
		if !ok {
			return nil, fmt.Errorf("no rows can be built of table %s", tables[id].name)
		}
		s := &schema{table: &tables[id], id: id, empty: &empty, kinds: set.Kinds}
		if s.kind == declared.Sums {
			s.weights = newWeights([]*pane.Layout{pipeline.Responses: pane.Satisfaction, pipeline.Complaints: pane.Recovery}[s.topic])
		}
		v, err := s.view(&empty)
		if err == nil {
			err = v.complete()
		}
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", s.name, err)
		}
		schemas[id] = s
	}
	return schemas, nil
}

// view is a batch of a table's rows, with typed access to the columns that the audit uses.
type view struct {
	*schema
	rows    *pipeline.Rows
	n       int
	encode  []encoder // by column
	key     []int     // columns, in the order of the table's key
	content []int     // columns that are neither key nor bookkeeping
	buf     []byte

	marks, offsets   []int64
	versions         []uint64
	appended, at     []time.Time // of events as received; of moments
	kinds, customers []string    // of moments and histories
	starts           []time.Time // of panes
	scopes           []string    // their scope kinds
	groups           []uint32
	counters, counts [][]int64
	buckets          [][]int16
	responses        []uint64 // of histories
	histories        []string
}

// view looks at a batch. Its columns must be those of the schema.
func (s *schema) view(rows *pipeline.Rows) (*view, error) {
	v := &view{schema: s, rows: rows, n: rows.Len()}
	if !slices.EqualFunc(rows.Columns, s.empty.Columns, func(a, b pipeline.Column) bool { return a.Name == b.Name }) {
		return nil, fmt.Errorf("table %s: a batch has columns that were not asked for", s.name)
	}
	for i, c := range rows.Columns {
		e, err := encoderOf(c.Values)
		if err != nil {
			return nil, fmt.Errorf("table %s, column %s: %w", s.name, c.Name, err)
		}
		if list, ok := c.Values.([]string); ok && c.Name == "history" {
			h := newHistories(s.name, s.kinds)
			e = func(b []byte, i int) []byte { return h.encode(b, list[i]) }
		}
		v.encode = append(v.encode, e)
		if !slices.Contains(s.key, c.Name) && !s.bookkeeping(c.Name) {
			v.content = append(v.content, i)
		}
	}
	for _, name := range s.key {
		i := slices.IndexFunc(rows.Columns, func(c pipeline.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("table %s has no column %s", s.name, name)
		}
		v.key = append(v.key, i)
	}
	v.marks, v.versions, v.offsets = column[int64](rows, "mark"), column[uint64](rows, "version"), column[int64](rows, "offset")
	v.appended, v.at, v.starts = column[time.Time](rows, "appended_at"), column[time.Time](rows, "occurred_at"), column[time.Time](rows, "pane_start")
	v.scopes = column[string](rows, "scope_kind")
	v.kinds, v.customers = column[string](rows, "kind"), column[string](rows, "customer_id")
	v.groups, v.counters, v.counts, v.buckets = column[uint32](rows, "groups"), column[[]int64](rows, "counters"), column[[]int64](rows, "bucket_counts"), column[[]int16](rows, "buckets")
	v.responses, v.histories = column[uint64](rows, "responses"), column[string](rows, "history")
	return v, nil
}

// column returns the values of a column, nil if the table has none of this name and type.
func column[T any](rows *pipeline.Rows, name string) []T {
	for _, c := range rows.Columns {
		if c.Name == name {
			v, _ := c.Values.([]T)
			return v
		}
	}
	return nil
}

// complete returns an error if a column that the comparison needs is missing.
func (v *view) complete() error {
	var has bool
	switch v.kind {
	case declared.Sums:
		has = v.marks != nil && v.versions != nil && v.starts != nil && v.scopes != nil && v.groups != nil && v.counters != nil
	case declared.Marked:
		has = v.marks != nil && v.versions != nil && v.customers != nil
	case declared.AsReceived:
		has = v.offsets != nil && v.appended != nil
	case declared.Versioned:
		has = v.versions != nil && v.customers != nil
	}
	switch v.name {
	case pipeline.TableCustomerResponses:
		has = has && v.kinds != nil && v.responses != nil && v.histories != nil
	case pipeline.TableMoments:
		has = has && v.kinds != nil && v.at != nil
	}
	if !has {
		return errors.New("this release does not write a column that the audit needs")
	}
	return nil
}
