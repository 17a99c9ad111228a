// Package pipelinetest holds the rows of the pipeline in memory, as the tables would: for tests of a whole task without
// a server.
package pipelinetest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pane"
)

// keys are the sorting keys of the tables: rows of one key replace each other, the highest version stays, and of equal
// ones the last.
var keys = map[string][]string{
	pipeline.TableResponses:         {"partition", "offset"},
	pipeline.TableComplaintEvents:   {"partition", "offset"},
	pipeline.TableSatisfactionPanes: {"partition", "resolution", "scope_kind", "pane_start", "scope_id", "survey", "brand"},
	pipeline.TableRecoveryPanes:     {"partition", "resolution", "scope_kind", "pane_start", "scope_id"},
	pipeline.TableCustomerResponses: {"partition", "kind", "customer_id"},
	pipeline.TableCustomerComplaint: {"partition", "customer_id"},
	pipeline.TableComplaints:        {"partition", "customer_id", "complaint_id"},
	pipeline.TableMoments:           {"partition", "customer_id", "kind", "moment_id"},
	pipeline.TableChurn:             {"partition", "customer_id"},
	pipeline.TablePositions:         {"partition", "topic"},
}

// Row is one row by column name.
type Row map[string]any

// Store keeps rows by table and key. Many goroutines may use it.
type Store struct {
	mu     sync.Mutex
	tables map[string]map[string]Row
}

// NewStore is an empty store.
func NewStore() *Store { return &Store{tables: map[string]map[string]Row{}} }

// Table gives the rows of a table by key.
func (s *Store) Table(name string) map[string]Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tables[name]
}

// Write inserts rows.
func (s *Store) Write(_ context.Context, list []pipeline.Rows) error {
	for _, rows := range list {
		for i := range rows.Len() {
			if err := s.Put(rows.Table, RowAt(&rows, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// RowAt gives one row.
func RowAt(rows *pipeline.Rows, i int) Row {
	r := Row{}
	for _, c := range rows.Columns {
		r[c.Name] = reflect.ValueOf(c.Values).Index(i).Interface()
	}
	return r
}

// Put inserts one row.
func (s *Store) Put(table string, r Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names, known := keys[table]
	if !known {
		return fmt.Errorf("no table %s", table)
	}
	key := ""
	for _, n := range names {
		v, has := r[n]
		if !has {
			return fmt.Errorf("a row of %s lacks %s", table, n)
		}
		key += fmt.Sprintf("%v|", v)
	}
	t := s.tables[table]
	if t == nil {
		t = map[string]Row{}
		s.tables[table] = t
	}
	if old, has := t[key]; has {
		if v, versioned := r["version"]; versioned && v.(uint64) < old["version"].(uint64) {
			return nil
		}
	}
	t[key] = r
	return nil
}

func (s *Store) each(table string, partition int, f func(Row) error) error {
	s.mu.Lock()
	var list []Row
	for _, r := range s.tables[table] {
		if r["partition"] == uint32(partition) {
			list = append(list, r)
		}
	}
	s.mu.Unlock()
	for _, r := range list {
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// Positions reads the positions of all partitions.
func (s *Store) Positions(_ context.Context, each func(pipeline.PositionRow) error) error {
	s.mu.Lock()
	list := slices.Collect(maps.Values(s.tables[pipeline.TablePositions]))
	s.mu.Unlock()
	for _, r := range list {
		row := pipeline.PositionRow{Partition: int(r["partition"].(uint32)), Partitions: int(r["partitions"].(uint32)),
			Position: pipeline.Position{Next: r["next"].(int64), Seen: r["seen"].(int64), Fingerprint: r["fingerprint"].(uint64)}}
		row.Topic, _ = pipeline.TopicOf(r["topic"].(string))
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

// Histories reads the histories of a topic.
func (s *Store) Histories(_ context.Context, partition int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error {
	table := pipeline.TableCustomerResponses
	if topic == pipeline.Complaints {
		table = pipeline.TableCustomerComplaint
	}
	return s.each(table, partition, func(r Row) error {
		return each(pipeline.HistoryRow{ID: r["customer_id"].(string), Terminal: r["kind"] == "terminal", Mark: r["mark"].(int64),
			Absorbed: r["absorbed"].(uint64), History: r["history"].(string)})
	})
}

// Scores reads the churn rows.
func (s *Store) Scores(_ context.Context, partition int, each func(pipeline.ScoreRow) error) error {
	return s.each(pipeline.TableChurn, partition, func(r Row) error {
		return each(pipeline.ScoreRow{CustomerID: r["customer_id"].(string), Version: r["version"].(uint64), Model: r["model"].(uint64), Band: r["churn_band"].(string)})
	})
}

func paneRow(topic pipeline.Topic, r Row) pipeline.PaneRow {
	p := pipeline.PaneRow{PaneID: pipeline.PaneID{Resolution: r["resolution"].(uint32), Start: r["pane_start"].(time.Time).Unix(),
		Series: pane.Series{ScopeKind: r["scope_kind"].(string), ScopeID: r["scope_id"].(string)}}, Mark: r["mark"].(int64)}
	p.Groups, p.Counters = r["groups"].(uint32), r["counters"].([]int64)
	if topic == pipeline.Complaints {
		p.Buckets, p.Counts = r["buckets"].([]int16), r["bucket_counts"].([]int64)
	} else {
		p.Survey, p.Brand = r["survey"].(string), r["brand"].(string)
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
	var ends []int64
	collect := func(r Row) error {
		ends = append(ends, r["pane_start"].(time.Time).Unix()+int64(r["resolution"].(uint32)))
		return nil
	}
	if err := s.each(paneTable(topic), partition, collect); err != nil {
		return 0, err
	}
	left := int64(0)
	if len(ends) >= limit {
		left = nthLargest(ends, limit)
	}
	return left, s.each(paneTable(topic), partition, func(r Row) error {
		p := paneRow(topic, r)
		if p.Start+int64(p.Resolution) < left {
			return nil
		}
		return each(p)
	})
}

// PanesAt reads these panes.
func (s *Store) PanesAt(_ context.Context, partition int, topic pipeline.Topic, panes []pipeline.PaneID, each func(pipeline.PaneRow) error) error {
	wanted := map[pipeline.PaneID]bool{}
	for _, p := range panes {
		wanted[p] = true
	}
	return s.each(paneTable(topic), partition, func(r Row) error {
		if p := paneRow(topic, r); wanted[p.PaneID] {
			return each(p)
		}
		return nil
	})
}

// OlderLogic is false: there is one logic in memory.
func (s *Store) OlderLogic(context.Context, int) (bool, error) { return false, nil }
