package api

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/schemas/catalogue"
)

// Answer is the answer to a question: columns, rows, and their SQL.
type Answer struct {
	Question string    `json:"question"`
	SQL      string    `json:"sql"` // as a person would run it
	Period   *Period   `json:"period,omitempty"`
	AsOf     time.Time `json:"as_of"` // when ClickHouse was asked
	Columns  []Column  `json:"columns"`
	Rows     [][]any   `json:"rows"`
	More     bool      `json:"more"`  // there are rows beyond this page
	Stale    bool      `json:"stale"` // events have been applied since: ask again shortly

	tag string // see [tagOf]
}

// Column is a column of an answer.
type Column struct {
	Name    string `json:"name"`
	Type    string `json:"type"`              // ClickHouse's
	Measure string `json:"measure,omitempty"` // of the catalogue
	Unit    string `json:"unit,omitempty"`    // a value of the catalogue's scale "unit"
	Scale   string `json:"scale,omitempty"`   // whose values it holds
}

// units of columns that are not measures.
var units = map[string]string{"change": "difference_of_index", "change_low": "difference_of_index", "change_high": "difference_of_index", "change_sure": "flag", "leaving": "count", "leaving_low": "count", "leaving_high": "count", "age_seconds": "seconds", "promise_used": "share", "up_to_seconds": "seconds",
	"complaints": "count", "open": "count", "answered": "count", "remedied": "count", "graded": "count", "overdue": "count", "customers": "count", "opened": "count",
	"course": "index", "amount": "currency", "p": "share", "p_placebo": "share", "value": "of_measure", "expected": "of_measure", "low": "of_measure", "high": "of_measure"}

// instantLayout writes instants in answers.
const instantLayout = "2006-01-02T15:04:05.999Z07:00"

const (
	timeout = 20 * time.Second
	// mostRows bounds every answer, whatever its question says.
	mostRows = 20_000
)

// put asks ClickHouse when its turn has come.
func (s *Server) put(ctx context.Context, b *bound) (*Answer, error) {
	leave, err := s.admit.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ctx = chgo.Context(ctx, chgo.WithParameters(b.asked()), chgo.WithSettings(chgo.Settings{
		"readonly": 2, "max_execution_time": int(timeout / time.Second), "max_result_rows": mostRows, "max_memory_usage": questionMemory, "join_use_nulls": 1,
	}))
	a := &Answer{Question: b.question.ID, SQL: b.written(), Period: b.period, AsOf: time.Now().UTC().Truncate(time.Millisecond), Rows: [][]any{}}
	rows, err := s.Conn.Query(ctx, b.sql)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has any error
	types := rows.ColumnTypes()
	for _, t := range types {
		a.Columns = append(a.Columns, columnOf(b.question, t.Name(), t.DatabaseTypeName()))
	}
	for rows.Next() {
		if b.question.Most > 0 && len(a.Rows) == b.limit {
			a.More = true
			continue
		}
		into := make([]any, len(types))
		for i, t := range types {
			into[i] = reflect.New(t.ScanType()).Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("reading the answer to %s: %w", b.question.ID, err)
		}
		for i := range into {
			into[i] = plain(reflect.ValueOf(into[i]).Elem())
		}
		a.Rows = append(a.Rows, into)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	s.hide(a)
	a.tag = tagOf(a)
	return a, nil
}

func columnOf(q *Question, name, kind string) Column {
	c := Column{Name: name, Type: kind, Unit: units[name]}
	for _, view := range q.Views {
		if m := catalogue.MustLoad().MeasureAt(view, name); m != nil {
			c.Measure, c.Unit, c.Scale = m.ID, m.Unit, m.Scale
			return c
		}
	}
	c.Scale = catalogue.MustLoad().ScaleOf(name)
	return c
}

// plain converts a value of the driver to one that JSON has: instants to text, NaN and infinities to null.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return nil
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		return list
	}
	if t, ok := v.Interface().(time.Time); ok {
		return t.UTC().Format(instantLayout)
	}
	return v.Interface()
}
