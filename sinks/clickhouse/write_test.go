package clickhouse

import (
	"context"
	"errors"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline"
)

// watched is a driver that keeps the contexts of inserts, which the real one watches a little longer than they last.
type watched struct {
	driver.Conn
	contexts []context.Context
	during   func(context.Context) error
}

func (w *watched) PrepareBatch(ctx context.Context, _ string, _ ...driver.PrepareBatchOption) (driver.Batch, error) {
	w.contexts = append(w.contexts, ctx)
	return &sent{insert: func() error { return w.during(ctx) }}, nil
}

type sent struct {
	driver.Batch
	insert func() error
}

func (s *sent) Columns() []column.Interface { return nil }
func (s *sent) Send() error                 { return s.insert() }
func (s *sent) Close() error                { return nil }

// TestNothingThatEndsAfterAnInsertClosesItsConnection: the driver puts the connection back for others to use, and closes it if it sees the
// context end after that.
func TestNothingThatEndsAfterAnInsertClosesItsConnection(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	conn := &watched{during: func(context.Context) error { return nil }}
	s := &Store{conn: conn}
	if err := s.Write(ctx, []pipeline.Rows{{Table: "moments"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(ctx, []pipeline.Rows{{Table: "states"}}); err != nil {
		t.Fatal(err)
	}
	cancel()
	for i, ctx := range conn.contexts {
		if ctx.Err() != nil {
			t.Errorf("the context of insert %d ended after it: %v", i, ctx.Err())
		}
	}
	if len(conn.contexts) != 2 {
		t.Errorf("%d inserts", len(conn.contexts))
	}
}

func TestAnInsertEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &Store{conn: &watched{during: func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}}}
	if err := s.Write(ctx, []pipeline.Rows{{Table: "moments"}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
