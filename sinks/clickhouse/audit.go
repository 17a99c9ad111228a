package clickhouse

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/schemas"
)

// batchRows is how many rows a batch of an audit has.
const batchRows = 8192

// Rows reads the newest row of each key of a query, in batches. It sees every write acknowledged so far. With
// Partitions, HistorySizes and Split it implements [audit.Tables].
func (s *Store) Rows(ctx context.Context, q *audit.Query, each func(*pipeline.Rows) error) error {
	from, done, err := s.Synced(ctx)
	if err != nil {
		return err
	}
	defer done()
	return from.auditRows(ctx, q, each)
}

func (s *Store) auditRows(ctx context.Context, q *audit.Query, each func(*pipeline.Rows) error) error {
	columns := make([]cells, len(q.Schema.Columns))
	expressions := make([]string, len(columns))
	for i, c := range q.Schema.Columns {
		var err error
		if columns[i], err = cellsFor(c.Values); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		expressions[i] = columns[i].expression(schemas.QuoteName(c.Name))
	}
	where, args := conditions(q)
	give := func() error {
		batch := pipeline.Rows{Table: q.Schema.Table, Columns: make([]pipeline.Column, len(columns))}
		for i, c := range columns {
			batch.Columns[i] = pipeline.Column{Name: q.Schema.Columns[i].Name, Values: c.take()}
		}
		return each(&batch)
	}
	targets := make([]any, len(columns))
	n := 0
	err := s.each(ctx, "SELECT "+strings.Join(expressions, ", ")+" FROM "+s.table(q.Schema.Table)+" FINAL WHERE "+where, args, func(rows driver.Rows) error {
		for i, c := range columns {
			targets[i] = c.next()
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, c := range columns {
			if err := c.scanned(); err != nil {
				return fmt.Errorf("column %s: %w", q.Schema.Columns[i].Name, err)
			}
		}
		if n++; n < batchRows {
			return nil
		}
		n = 0
		return give()
	})
	if err == nil && n > 0 {
		err = give()
	}
	return err
}

// conditions returns a query's WHERE clause. Its column names come from the program, never from a user.
func conditions(q *audit.Query) (where string, args []any) {
	where, args = "partition = ?", []any{uint32(q.Partition)}
	if q.Share != math.MaxUint64 {
		id := schemas.QuoteName(q.Customer[len(q.Customer)-1])
		for i := len(q.Customer) - 2; i >= 0; i-- {
			name := schemas.QuoteName(q.Customer[i])
			id = "if(" + name + " != '', " + name + ", " + id + ")"
		}
		where, args = where+" AND xxHash64("+id+") <= ?", append(args, q.Share)
	}
	if q.FromOffset != math.MinInt64 {
		where, args = where+" AND offset >= ?", append(args, q.FromOffset)
	}
	if q.AfterPane != math.MinInt64 {
		where, args = where+" AND toUnixTimestamp(pane_start) > ?", append(args, q.AfterPane)
	}
	return where, args
}

// Partitions returns the partition numbers that the rows of these tables have.
func (s *Store) Partitions(ctx context.Context, tables []string) (list []int, err error) {
	selects := make([]string, len(tables))
	for i, t := range tables {
		selects[i] = "SELECT DISTINCT partition FROM " + s.table(t)
	}
	err = s.each(ctx, "SELECT DISTINCT partition FROM ("+strings.Join(selects, " UNION ALL ")+") ORDER BY partition", nil, func(rows driver.Rows) error {
		var p uint32
		err := rows.Scan(&p)
		list = append(list, int(p))
		return err
	})
	return list, err
}

// HistorySizes returns how many customers and terminals of a partition have histories, and how many bytes these
// take over all topics.
func (s *Store) HistorySizes(ctx context.Context, partition int) (customers, bytes uint64, err error) {
	q := "SELECT uniqCombined(customer_id), sum(length(history)) FROM (SELECT customer_id, history FROM " + s.table(pipeline.TableCustomerResponses) +
		" FINAL WHERE partition = ? UNION ALL SELECT customer_id, history FROM " + s.table(pipeline.TableCustomerComplaint) +
		" FINAL WHERE partition = ? UNION ALL SELECT customer_id, history FROM " + s.table(pipeline.TableCustomerPurchases) + " FINAL WHERE partition = ?)"
	err = s.conn.QueryRow(ctx, q, uint32(partition), uint32(partition), uint32(partition)).Scan(&customers, &bytes)
	return customers, bytes, final(err)
}

// Split counts customers and terminals with histories in several partitions.
func (s *Store) Split(ctx context.Context, most int) (total int64, some []audit.SplitCustomer, err error) {
	q := "SELECT kind, customer_id, arraySort(groupUniqArray(partition)) AS partitions, count() OVER () FROM (SELECT toString(kind) AS kind, customer_id, partition FROM " + s.table(pipeline.TableCustomerResponses) +
		" UNION ALL SELECT 'customer', customer_id, partition FROM " + s.table(pipeline.TableCustomerComplaint) +
		" UNION ALL SELECT 'customer', customer_id, partition FROM " + s.table(pipeline.TableCustomerPurchases) +
		") GROUP BY kind, customer_id HAVING length(partitions) > 1 ORDER BY kind, customer_id LIMIT ? SETTINGS max_bytes_before_external_group_by = 268435456"
	err = s.each(ctx, q, []any{uint64(max(most, 1))}, func(rows driver.Rows) error {
		var c audit.SplitCustomer
		var partitions []uint32
		var n uint64
		if err := rows.Scan(&c.Kind, &c.ID, &partitions, &n); err != nil {
			return err
		}
		for _, p := range partitions {
			c.Partitions = append(c.Partitions, int(p))
		}
		total = int64(n)
		if len(some) < most {
			some = append(some, c)
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("looking for customers in several partitions: %w", err)
	}
	return total, some, nil
}

// cells collects the values of one column.
type cells interface {
	// expression is what to select for the column.
	expression(column string) string
	// next makes room for one more value, and returns where to scan it.
	next() any
	// scanned converts the value that was scanned.
	scanned() error
	// take returns the values and begins anew; they are valid until the next call of next.
	take() any
}

func cellsFor(values any) (cells, error) {
	switch values.(type) {
	case []bool:
		return &plain[bool]{}, nil
	case []uint8:
		return &plain[uint8]{}, nil
	case []uint32:
		return &plain[uint32]{}, nil
	case []uint64:
		return &plain[uint64]{}, nil
	case []int64:
		return &plain[int64]{}, nil
	case []float64:
		return &plain[float64]{}, nil
	case []string:
		return &plain[string]{}, nil
	case []time.Time:
		return &plain[time.Time]{}, nil
	case []*int8:
		return &plain[*int8]{}, nil
	case []*int64:
		return &plain[*int64]{}, nil
	case []*float64:
		return &plain[*float64]{}, nil
	case []*time.Time:
		return &plain[*time.Time]{}, nil
	case [][]float64:
		return &plain[[]float64]{}, nil
	case [][]string:
		return &plain[[]string]{}, nil
	case [][]time.Time:
		return &plain[[]time.Time]{}, nil
	case []map[string]string:
		return &plain[map[string]string]{}, nil
	case []map[string]uint8:
		return &plain[map[string]uint8]{}, nil
	case [][]uint32:
		return &integers[uint32]{}, nil
	case [][]uint64:
		return &integers[uint64]{}, nil
	case [][]uint8:
		return &integers[uint8]{}, nil
	case [][]int16:
		return &integers[int16]{}, nil
	case [][]int64:
		return &integers[int64]{}, nil
	}
	return nil, fmt.Errorf("cannot read values of type %T", values)
}

type plain[T any] struct{ list []T }

func (c *plain[T]) expression(column string) string { return column }
func (c *plain[T]) scanned() error                  { return nil }

func (c *plain[T]) next() any {
	var none T
	c.list = append(c.list, none)
	return &c.list[len(c.list)-1]
}

func (c *plain[T]) take() any {
	list := c.list
	c.list = c.list[:0]
	return list
}

// integers reads arrays of integers as text: the driver scans an array by reflection, which takes several times as
// long.
type integers[T uint8 | uint32 | uint64 | int16 | int64] struct {
	plain[[]T]
	text   string
	values []T // of all arrays
}

func (c *integers[T]) expression(column string) string { return "toString(" + column + ")" }
func (c *integers[T]) next() any                       { return &c.text }

func (c *integers[T]) take() any {
	c.values = c.values[:0]
	return c.plain.take()
}

func (c *integers[T]) scanned() error {
	from := len(c.values)
	body, opened := strings.CutPrefix(c.text, "[")
	body, closed := strings.CutSuffix(body, "]")
	if !opened || !closed {
		return fmt.Errorf("%q is not an array of integers", c.text)
	}
	for body != "" {
		var word string
		word, body, _ = strings.Cut(body, ",")
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil || int64(T(n)) != n || T(n) < 0 != (n < 0) {
			return fmt.Errorf("%q is not an array of integers of this type", c.text)
		}
		c.values = append(c.values, T(n))
	}
	c.list = append(c.list, c.values[from:len(c.values):len(c.values)])
	return nil
}
