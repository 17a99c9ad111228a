package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/pipeline"
)

// syncTime is how long a replica has to catch up before another is asked.
const syncTime = time.Minute

// Reader returns a store that reads from a single replica, after that has fetched every row acknowledged so far: a lagging
// replica might have a position without its rows. If tables are not replicated and there is one address, it is the store
// itself.
func (s *Store) Reader(ctx context.Context) (pipeline.Store, func(), error) {
	r, done, err := s.Synced(ctx)
	return r, done, err
}

// Synced is [Store.Reader] with all methods of a store.
func (s *Store) Synced(ctx context.Context) (*Store, func(), error) {
	if len(s.config.Address) == 1 {
		tables, err := s.replicated(ctx)
		if err != nil {
			return nil, nil, err
		}
		if len(tables) == 0 {
			return s, func() {}, nil
		}
	}
	var failed []error
	for i := range s.config.Address {
		first := int(s.first.Load())
		r, err := s.synced(ctx, s.config.Address[(first+i)%len(s.config.Address)])
		if err == nil {
			return r, func() { _ = r.Close() }, nil // only read
		}
		failed = append(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	s.first.Add(1) // next time, try another first
	return nil, nil, errors.Join(failed...)
}

// synced connects to one replica and waits until it has caught up.
func (s *Store) synced(ctx context.Context, address string) (*Store, error) {
	r, err := s.pinned(address)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	tables, err := r.replicated(within)
	for _, table := range tables {
		// LIGHTWEIGHT waits for the queue entries that bring rows. STRICT would wait for an empty queue, which never comes
		// while others write and parts are merged.
		if err == nil {
			err = final(r.conn.Exec(within, "SYSTEM SYNC REPLICA "+r.table(table)+" LIGHTWEIGHT"))
		}
	}
	if err != nil {
		_ = r.Close() // the other error is returned
		return nil, fmt.Errorf("waiting for the replica %s to catch up: %w", address, err)
	}
	return r, nil
}

// replicated names the tables of the database that are replicated.
func (s *Store) replicated(ctx context.Context) (names []string, err error) {
	q := "SELECT arraySort(groupArray(name)) FROM system.tables WHERE database = ? AND match(engine, '^(Replicated|Shared).*MergeTree$')"
	if err := s.conn.QueryRow(ctx, q, s.database).Scan(&names); err != nil {
		return nil, fmt.Errorf("looking for replicated tables: %w", final(err))
	}
	return names, nil
}

// passing are errors of a cluster that end by themselves, so that trying again helps.
var passing = map[int32]string{
	242: "TABLE_IS_READ_ONLY", 285: "TOO_FEW_LIVE_REPLICAS", 286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", 289: "REPLICA_IS_NOT_IN_QUORUM",
	319: "UNKNOWN_STATUS_OF_INSERT", 517: "CANNOT_ASSIGN_ALTER", 999: "KEEPER_EXCEPTION",
}

// Passing reports whether trying again later may help.
func Passing(err error) bool {
	var e *clickhouse.Exception
	return errors.As(err, &e) && passing[e.Code] != ""
}

// patiently runs an idempotent statement, again and again while its error is passing.
func (s *Store) patiently(ctx context.Context, query string, args ...any) error {
	const tries, pause = 40, 500 * time.Millisecond
	for i := 1; ; i++ {
		err := s.conn.Exec(ctx, query, args...)
		if err == nil || !Passing(err) || i == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}
