package audit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// shape is the columns of a table as the pipeline writes them.
type shape struct {
	*table
	id      int
	empty   *pipeline.Rows // the columns' names and types
	weights *weights       // of panes
	kinds   *pane.Kinds
}

// newShapes finds the columns by having a task compute one event of each topic: what the pipeline writes is what is
// compared, without a second list of it.
func newShapes(set *pipeline.Settings) ([]*shape, error) {
	probe := *set
	probe.RawTables, probe.Placement = true, nil
	task := pipeline.NewTask(0, &probe, deaf{})
	for topic, value := range map[pipeline.Topic]string{
		pipeline.Responses:    `{"event_id":"1","occurred_at":"2026-01-01T00:00:00Z","customer_id":"c","grade":1}`,
		pipeline.Complaints:   `{"event_id":"1","occurred_at":"2026-01-01T00:00:00Z","customer_id":"c","complaint_id":"k","step":"opened"}`,
		pipeline.Purchases:    `{"event_id":"1","occurred_at":"2026-01-01T00:00:00Z","customer_id":"c","amount":1}`,
		pipeline.Observations: `{"event_id":"1","occurred_at":"2026-01-01T00:00:00Z","store_id":"c","kind":"mystery_visit"}`,
		pipeline.Departures:   `{"event_id":"1","occurred_at":"2026-01-01T00:00:00Z","customer_id":"c"}`,
	} {
		task.Apply(&pipeline.Record{Topic: topic, Key: []byte("c"), Value: []byte(value)})
	}
	shapes := make([]*shape, len(tables))
	for _, stage := range task.Flush().Stages() {
		for _, rows := range stage {
			id := tableOf(rows.Table)
			if id < 0 {
				continue
			}
			s := &shape{table: &tables[id], id: id, empty: &pipeline.Rows{Table: rows.Table}, kinds: set.Kinds}
			for _, c := range rows.Columns {
				none, err := emptyOf(c.Values)
				if err != nil {
					return nil, fmt.Errorf("table %s, column %s: %w", rows.Table, c.Name, err)
				}
				s.empty.Columns = append(s.empty.Columns, pipeline.Column{Name: c.Name, Values: none})
			}
			if s.kind == sums {
				s.weights = newWeights([]*pane.Layout{pipeline.Responses: pane.Satisfaction, pipeline.Complaints: pane.Recovery}[s.topic])
			}
			v, err := s.view(&rows)
			if err != nil {
				return nil, err
			}
			if err := v.complete(); err != nil {
				return nil, fmt.Errorf("table %s: %w", s.name, err)
			}
			shapes[id] = s
		}
	}
	for id, s := range shapes {
		if s == nil {
			return nil, fmt.Errorf("the pipeline of this release writes no table %s", tables[id].name)
		}
	}
	return shapes, nil
}

// emptyOf gives an empty slice of the type.
func emptyOf(values any) (any, error) {
	if _, err := encoderOf(values); err != nil {
		return nil, err
	}
	return reflect.MakeSlice(reflect.TypeOf(values), 0, 0).Interface(), nil
}

// deaf hears of events and does nothing.
type deaf struct{}

func (deaf) Record(pipeline.Topic, pipeline.Result, int)                      {}
func (deaf) Response(*event.Response)                                         {}
func (deaf) Complaint(*event.Complaint, *customer.Summary, *customer.Summary) {}
func (deaf) Breached(*customer.Summary)                                       {}

// view is a batch of a table's rows with their columns at hand.
type view struct {
	*shape
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

// view looks at a batch. Its columns must be those of the shape.
func (s *shape) view(rows *pipeline.Rows) (*view, error) {
	v := &view{shape: s, rows: rows, n: rows.Len()}
	if !slices.EqualFunc(rows.Columns, s.empty.Columns, func(a, b pipeline.Column) bool { return a.Name == b.Name }) {
		return nil, fmt.Errorf("table %s: a batch has other columns than those asked for", s.name)
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

// column gives the values of a column, nil if the table has none of this name and type.
func column[T any](rows *pipeline.Rows, name string) []T {
	for _, c := range rows.Columns {
		if c.Name == name {
			v, _ := c.Values.([]T)
			return v
		}
	}
	return nil
}

// complete says that a column is missing which the comparison of such rows needs.
func (v *view) complete() error {
	var has bool
	switch v.kind {
	case sums:
		has = v.marks != nil && v.versions != nil && v.starts != nil && v.scopes != nil && v.groups != nil && v.counters != nil
	case marked:
		has = v.marks != nil && v.versions != nil && v.customers != nil
	case asReceived:
		has = v.offsets != nil && v.appended != nil
	case versioned:
		has = v.versions != nil && v.customers != nil
	}
	switch v.name {
	case pipeline.TableCustomerResponses:
		has = has && v.kinds != nil && v.responses != nil && v.histories != nil
	case pipeline.TableMoments:
		has = has && v.kinds != nil && v.at != nil
	}
	if !has {
		return errors.New("the pipeline of this release does not write a column that the audit needs")
	}
	return nil
}
