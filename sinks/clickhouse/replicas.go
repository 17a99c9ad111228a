package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/pipeline"
)

// syncTime is how long a replica has to catch up before another one is asked.
const syncTime = time.Minute

// Reader gives a store to read from, all from one replica, which has first fetched what was acknowledged before; a lagging
// replica would show a position without the rows that it speaks of. Where tables are not replicated and there is one
// address, that is the store itself.
func (s *Store) Reader(ctx context.Context) (pipeline.Store, func(), error) {
	r, done, err := s.Synced(ctx)
	return r, done, err
}

// Synced is [Store.Reader] with all that a store can be asked.
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
	s.first.Add(1) // another one first, the next time
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
		// Those entries of the replication queue that bring rows. STRICT would wait until the queue is empty, which it never is
		// while others write and parts are merged.
		if err == nil {
			err = final(r.conn.Exec(within, "SYSTEM SYNC REPLICA "+r.table(table)+" LIGHTWEIGHT"))
		}
	}
	if err != nil {
		_ = r.Close() // what is wrong is said
		return nil, fmt.Errorf("reading from the replica %s, once it has caught up: %w", address, err)
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

// passing are answers that a cluster gives for a while: no further try is in vain.
var passing = map[int32]string{
	242: "TABLE_IS_READ_ONLY", 285: "TOO_FEW_LIVE_REPLICAS", 286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", 289: "REPLICA_IS_NOT_IN_QUORUM",
	319: "UNKNOWN_STATUS_OF_INSERT", 517: "CANNOT_ASSIGN_ALTER", 999: "KEEPER_EXCEPTION",
}

// Passing says that a cluster will answer otherwise in a while.
func Passing(err error) bool {
	var e *clickhouse.Exception
	return errors.As(err, &e) && passing[e.Code] != ""
}

// patiently runs a statement that may be run again, until a cluster has no reason in passing to refuse it.
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
