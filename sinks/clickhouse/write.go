package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/sync/errgroup"

	"csatflow/pipeline"
	"csatflow/schemas"
)

// Write inserts rows of several tables in parallel. The insert of one table is one block, which ClickHouse takes whole
// or not at all.
func (s *Store) Write(ctx context.Context, rows []pipeline.Rows) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, r := range rows {
		g.Go(func() error { return s.insert(ctx, &r) })
	}
	return g.Wait()
}

func (s *Store) insert(ctx context.Context, r *pipeline.Rows) error {
	names := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i] = schemas.QuoteName(c.Name)
	}
	ctx, done := until(ctx)
	defer done()
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+s.table(r.Table)+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return final(fmt.Errorf("inserting into %s: %w", r.Table, err))
	}
	defer batch.Close()
	f := fillers.Get().(*filler) // not returned to the pool after an error: it may hold leftovers
	columns := batch.Columns()
	for i, c := range r.Columns {
		if err := f.fill(columns[i], c.Values); err != nil {
			return &pipeline.FinalError{Err: fmt.Errorf("inserting into %s: column %s: %w", r.Table, c.Name, err)}
		}
	}
	fillers.Put(f)
	if err := batch.Send(); err != nil {
		return final(fmt.Errorf("inserting %d rows into %s: %w", r.Len(), r.Table, err))
	}
	return nil
}

// until gives an insert a context that ends with its caller's, but not once the insert is done. The driver watches an insert's context in a
// goroutine that may see it end after the insert, and then closes the connection, which may be another insert's by that time.
func until(caller context.Context) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(caller))
	stop := context.AfterFunc(caller, cancel)
	return ctx, func() { stop() }
}

func (s *Store) table(name string) string {
	return schemas.QuoteName(s.database) + "." + schemas.QuoteName(name)
}

// finalCodes are errors of the server that no further try changes: a table or a column is missing or different.
var finalCodes = map[int32]string{
	16: "NO_SUCH_COLUMN_IN_TABLE", 47: "UNKNOWN_IDENTIFIER", 53: "TYPE_MISMATCH", 60: "UNKNOWN_TABLE", 81: "UNKNOWN_DATABASE",
	62: "SYNTAX_ERROR", 497: "ACCESS_DENIED", 516: "AUTHENTICATION_FAILED",
}

// final marks errors that trying again cannot fix, and says what can.
func final(err error) error {
	var e *clickhouse.Exception
	if errors.As(err, &e) && finalCodes[e.Code] != "" {
		return &pipeline.FinalError{Err: fmt.Errorf("%w (csatflow migrate brings the tables up to this release; csatflow check tells more)", err)}
	}
	return err
}
