// Package pipelinetest keeps the pipeline's rows in memory, like the tables, for tests of a whole task without a
// server.
package pipelinetest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
	"csatflow/schemas/tables"
)

// Row is one row by column name.
type Row map[string]any

// entry is a stored row: an index into rows that never change.
type entry struct {
	rows    *pipeline.Rows
	i       int
	version uint64
}

// cell returns a column's value.
func cell[T any](e entry, name string) T {
	for _, c := range e.rows.Columns {
		if c.Name == name {
			return c.Values.([]T)[e.i]
		}
	}
	panic("no column " + name + " in " + e.rows.Table)
}

func (e entry) row() Row {
	r := Row{}
	for _, c := range e.rows.Columns {
		r[c.Name] = reflect.ValueOf(c.Values).Index(e.i).Interface()
	}
	return r
}

// Store keeps rows by table and key. Many goroutines may use it.
type Store struct {
	mu     sync.Mutex
	tables map[string]map[string]entry
}

// NewStore is an empty store.
func NewStore() *Store { return &Store{tables: map[string]map[string]entry{}} }

// Clone is the store as it is now.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := NewStore()
	for name, t := range s.tables {
		c.tables[name] = maps.Clone(t)
	}
	return c
}

// Table returns the rows of a table by key.
func (s *Store) Table(name string) map[string]Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[string]Row{}
	for key, e := range s.tables[name] {
		list[key] = e.row()
	}
	return list
}

// Truncate empties a table.
func (s *Store) Truncate(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tables, name)
}

// Write inserts rows.
func (s *Store) Write(_ context.Context, list []pipeline.Rows) error {
	for i := range list {
		if err := s.Put(&list[i], func(string) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// Put inserts those rows of a table whose key is wanted.
func (s *Store) Put(rows *pipeline.Rows, wanted func(key string) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	declared := tables.Of(rows.Table)
	if declared == nil {
		return fmt.Errorf("no table %s", rows.Table)
	}
	names := declared.Key
	var versions []uint64
	parts := make([]any, len(names))
	for _, c := range rows.Columns {
		if c.Name == "version" {
			versions = c.Values.([]uint64)
		}
		if i := slices.Index(names, c.Name); i >= 0 {
			parts[i] = c.Values
		}
	}
	if i := slices.Index(parts, nil); i >= 0 {
		return fmt.Errorf("rows of %s lack %s", rows.Table, names[i])
	}
	t := s.tables[rows.Table]
	if t == nil {
		t = map[string]entry{}
		s.tables[rows.Table] = t
	}
	var b []byte
	for i := range rows.Len() {
		b = b[:0]
		for _, p := range parts {
			b = append(appendPart(b, p, i), '|')
		}
		if !wanted(string(b)) {
			continue
		}
		e := entry{rows: rows, i: i}
		if versions != nil {
			e.version = versions[i]
		}
		if old, has := t[string(b)]; !has || e.version >= old.version {
			t[string(b)] = e
		}
	}
	return nil
}

func appendPart(b []byte, column any, i int) []byte {
	switch c := column.(type) {
	case []string:
		return append(b, c[i]...)
	case []uint32:
		return strconv.AppendUint(b, uint64(c[i]), 10)
	case []int64:
		return strconv.AppendInt(b, c[i], 10)
	case []time.Time:
		return strconv.AppendInt(b, c[i].Unix(), 10)
	}
	panic(fmt.Sprintf("a key of type %T", column))
}

// each calls f for every current row of a partition, in any order.
func (s *Store) each(table string, partition int, f func(entry) error) error {
	s.mu.Lock()
	var list []entry
	for _, e := range s.tables[table] {
		if partition < 0 || cell[uint32](e, "partition") == uint32(partition) {
			list = append(list, e)
		}
	}
	s.mu.Unlock()
	for _, e := range list {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// Positions reads the positions of all partitions.
func (s *Store) Positions(_ context.Context, each func(pipeline.PositionRow) error) error {
	return s.each(pipeline.TablePositions, -1, func(e entry) error {
		topic, _ := pipeline.TopicOf(cell[string](e, "topic"))
		return each(pipeline.PositionRow{Partition: int(cell[uint32](e, "partition")), Topic: topic, Partitions: int(cell[uint32](e, "partitions")), Logic: rows.LogicOf(e.version),
			Position: pipeline.Position{Next: cell[int64](e, "next"), Seen: cell[int64](e, "seen"), Fingerprint: cell[uint64](e, "fingerprint")}})
	})
}

// Histories reads the histories of a topic.
func (s *Store) Histories(_ context.Context, partition int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error {
	return s.each(pipeline.HistoryTable(topic), partition, func(e entry) error {
		return each(pipeline.HistoryRow{ID: cell[string](e, "customer_id"), Terminal: topic == pipeline.Responses && cell[string](e, "kind") == "terminal",
			Mark: cell[int64](e, "mark"), Absorbed: cell[uint64](e, "absorbed"), History: cell[string](e, "history")})
	})
}

// Scores reads the churn rows.
func (s *Store) Scores(_ context.Context, partition int, each func(pipeline.ScoreRow) error) error {
	return s.each(pipeline.TableChurn, partition, func(e entry) error {
		return each(pipeline.ScoreRow{CustomerID: cell[string](e, "customer_id"), Version: e.version, MadeOf: cell[uint64](e, "made_of"), Model: cell[uint64](e, "model"), Band: cell[string](e, "churn_band")})
	})
}

func paneRow(topic pipeline.Topic, e entry) pipeline.PaneRow {
	p := pipeline.PaneRow{PaneID: pipeline.PaneID{Resolution: cell[uint32](e, "resolution"), Start: cell[time.Time](e, "pane_start").Unix(),
		Series: pane.Series{ScopeKind: cell[string](e, "scope_kind"), ScopeID: cell[string](e, "scope_id")}}, Mark: cell[int64](e, "mark")}
	p.Groups, p.Counters = cell[uint32](e, "groups"), cell[[]int64](e, "counters")
	if topic == pipeline.Complaints {
		p.Buckets, p.Counts = cell[[]int16](e, "buckets"), cell[[]int64](e, "bucket_counts")
	} else {
		p.Survey, p.Brand = cell[string](e, "survey"), cell[string](e, "brand")
	}
	return p
}

func paneTable(topic pipeline.Topic) string {
	if topic == pipeline.Complaints {
		return pipeline.TableRecoveryPanes
	}
	return pipeline.TableSatisfactionPanes
}

// Panes leaves out panes that end before those of the limit, as the contract allows.
func (s *Store) Panes(_ context.Context, partition int, topic pipeline.Topic, limit int, each func(pipeline.PaneRow) error) (int64, error) {
	var list []pipeline.PaneRow
	var ends []int64
	collect := func(e entry) error {
		p := paneRow(topic, e)
		list, ends = append(list, p), append(ends, p.Start+int64(p.Resolution))
		return nil
	}
	if err := s.each(paneTable(topic), partition, collect); err != nil {
		return 0, err
	}
	left := int64(0)
	if len(ends) >= limit {
		slices.Sort(ends)
		left = ends[len(ends)-limit]
	}
	for _, p := range list {
		if p.Start+int64(p.Resolution) < left {
			continue
		}
		if err := each(p); err != nil {
			return left, err
		}
	}
	return left, nil
}

// PanesAt reads these panes.
func (s *Store) PanesAt(_ context.Context, partition int, topic pipeline.Topic, panes []pipeline.PaneID, each func(pipeline.PaneRow) error) error {
	wanted := map[pipeline.PaneID]bool{}
	for _, p := range panes {
		wanted[p] = true
	}
	return s.each(paneTable(topic), partition, func(e entry) error {
		if p := paneRow(topic, e); wanted[p.PaneID] {
			return each(p)
		}
		return nil
	})
}

// OlderLogic is false: there is one logic in memory.
func (s *Store) OlderLogic(context.Context, int) (bool, error) { return false, nil }

// bookkeeping are columns that say how far a row is, not what it says.
var bookkeeping = []string{"mark", "version"}

// Content returns the rows of a table as text, by key, without marks and versions, and with panes whose counters are
// all zero left out: two runs over the same events must agree in it.
func (s *Store) Content(table string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := map[string]string{}
	for key, e := range s.tables[table] {
		if !isPane(table) || !e.zero() {
			content[key] = e.text()
		}
	}
	return content
}

func isPane(table string) bool { return strings.HasSuffix(table, "_panes") }
