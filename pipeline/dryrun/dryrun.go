// Package dryrun has the sinks of a run that writes nothing: a store that stays empty, and counts of what would be written.
package dryrun

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

var _ pipeline.Store = Store{}

// Counter counts the rows of flushes, and passes everything on to a meter.
type Counter struct {
	worker.Meter
	mu   sync.Mutex
	rows map[string]int
}

// Count returns a counter in front of a meter.
func Count(m worker.Meter) *Counter { return &Counter{Meter: m, rows: map[string]int{}} }

// Rows returns the number of rows of each table, sorted by table.
func (c *Counter) Rows() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, table := range slices.Sorted(maps.Keys(c.rows)) {
			if !yield(table, c.rows[table]) {
				return
			}
		}
	}
}

// Flushed counts the rows.
func (c *Counter) Flushed(partition int, took time.Duration, rows map[string]int, err error) {
	c.mu.Lock()
	for table, n := range rows {
		c.rows[table] += n
	}
	c.mu.Unlock()
	c.Meter.Flushed(partition, took, rows, err)
}

// Letters counts dead letters.
type Letters struct{ n atomic.Int64 }

// Count is the number of dead letters.
func (c *Letters) Count() int64 { return c.n.Load() }

// Send counts the letters.
func (c *Letters) Send(_ context.Context, letters []pipeline.DeadLetter) error {
	c.n.Add(int64(len(letters)))
	return nil
}

// Store reads as empty tables, and stays empty.
type Store struct{}

func (Store) Write(context.Context, []pipeline.Rows) error                      { return nil }
func (Store) Positions(context.Context, func(pipeline.PositionRow) error) error { return nil }
func (Store) Scores(context.Context, int, func(pipeline.ScoreRow) error) error  { return nil }
func (Store) OlderLogic(context.Context, int) (bool, error)                     { return false, nil }
func (Store) Histories(context.Context, int, pipeline.Topic, func(pipeline.HistoryRow) error) error {
	return nil
}

func (Store) Panes(context.Context, int, pipeline.Topic, int, func(pipeline.PaneRow) error) (int64, error) {
	return 0, nil
}

func (Store) PanesAt(context.Context, int, pipeline.Topic, []pipeline.PaneID, func(pipeline.PaneRow) error) error {
	return nil
}
