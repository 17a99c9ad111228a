package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"csatflow/pipeline"
)

// Combined joins what several partitions write at about the same time into one insert for each table. An insert costs
// ClickHouse mostly per insert, not per row: with 8 partitions there is an eighth of the parts, and of their merges. A
// failed insert fails for every partition whose rows it had; each tries again.
type Combined struct {
	*Store
	linger time.Duration
	insert func(ctx context.Context, rows []pipeline.Rows) error

	mu    sync.Mutex
	round *round // that others may still join, nil for none
}

// round is the writes of one insert.
type round struct {
	rows   []pipeline.Rows
	owners int // still waiting for it
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Combine returns a store that delays a write by linger, so that others may join it.
func Combine(s *Store, linger time.Duration) *Combined {
	return &Combined{Store: s, linger: linger, insert: s.Write}
}

// Write inserts rows of several tables, together with those of others. When the context ends it returns at once; the rows
// may still be written.
func (c *Combined) Write(ctx context.Context, rows []pipeline.Rows) error {
	r := c.join(rows)
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.owners--; r.owners == 0 {
		r.cancel()
	}
	return context.Cause(ctx)
}

func (c *Combined) join(rows []pipeline.Rows) *round {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.round == nil {
		ctx, cancel := context.WithCancel(context.Background()) // not of a single owner
		r := &round{cancel: cancel, done: make(chan struct{})}
		c.round = r
		time.AfterFunc(c.linger, func() { c.send(ctx, r) })
	}
	c.round.rows = append(c.round.rows, rows...)
	c.round.owners++
	return c.round
}

func (c *Combined) send(ctx context.Context, r *round) {
	c.mu.Lock()
	c.round = nil
	c.mu.Unlock()
	defer r.cancel()
	r.err = c.insertAll(ctx, r.rows)
	close(r.done)
}

// insertAll concatenates the rows of each table and inserts them.
func (c *Combined) insertAll(ctx context.Context, rows []pipeline.Rows) error {
	var order []string
	tables := map[string][]pipeline.Rows{}
	for _, r := range rows {
		if tables[r.Table] == nil {
			order = append(order, r.Table)
		}
		tables[r.Table] = append(tables[r.Table], r)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, table := range order {
		g.Go(func() error {
			all, err := concat(tables[table])
			if err != nil {
				return &pipeline.FinalError{Err: err}
			}
			return c.insert(ctx, []pipeline.Rows{all})
		})
	}
	return g.Wait()
}

// concat concatenates rows of one table. All have the same columns, in any order.
func concat(list []pipeline.Rows) (pipeline.Rows, error) {
	if len(list) == 1 {
		return list[0], nil
	}
	all := pipeline.Rows{Table: list[0].Table}
	for _, c := range list[0].Columns {
		n := 0
		for i := range list {
			n += list[i].Len()
		}
		values := reflect.MakeSlice(reflect.TypeOf(c.Values), 0, n)
		for i := range list {
			j := slices.IndexFunc(list[i].Columns, func(o pipeline.Column) bool { return o.Name == c.Name })
			if j < 0 || len(list[i].Columns) != len(list[0].Columns) || reflect.TypeOf(list[i].Columns[j].Values) != values.Type() {
				return all, fmt.Errorf("rows for %s do not all have the column %s as %T", all.Table, c.Name, c.Values)
			}
			values = reflect.AppendSlice(values, reflect.ValueOf(list[i].Columns[j].Values))
		}
		all.Columns = append(all.Columns, pipeline.Column{Name: c.Name, Values: values.Interface()})
	}
	return all, nil
}
