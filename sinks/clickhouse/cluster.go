package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"csatflow/pipeline"
)

// lagTime is the delay from which a replica is reported as behind.
const lagTime = 5 * time.Minute

// Finding is something about a cluster that an owner should know.
type Finding struct {
	Wrong bool // inserts or restores fail; otherwise csatflow works, but less well
	Text  string
}

// replicaRow is a row of system.replicas.
type replicaRow struct {
	Table    string `ch:"table"`
	ReadOnly uint8  `ch:"is_readonly"`
	Total    uint32 `ch:"total_replicas"`
	Active   uint32 `ch:"active_replicas"`
	Delay    uint64 `ch:"absolute_delay"`
	Queue    uint32 `ch:"queue_size"`
}

// Cluster looks at every address for faults of replicated tables. A single server has no findings.
func (s *Store) Cluster(ctx context.Context) ([]Finding, error) {
	var all []Finding
	for _, address := range s.config.Address {
		found, err := s.clusterAt(ctx, address)
		if err != nil {
			var refused *pipeline.FinalError
			found = []Finding{{errors.As(err, &refused), fmt.Sprintf("%v: is it running, and has the user the right SYSTEM SYNC REPLICA?", err)}}
		}
		for _, f := range found {
			if f.Text = address + ": " + f.Text; !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	return all, ctx.Err()
}

func (s *Store) clusterAt(ctx context.Context, address string) ([]Finding, error) {
	r, err := s.pinned(address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // only read
	var plain []string
	q := "SELECT arraySort(groupArray(name)) FROM system.tables WHERE database = ? AND match(engine, '^[A-Za-z]*MergeTree$') AND NOT match(engine, '^(Replicated|Shared)')"
	if err := r.conn.QueryRow(ctx, q, s.database).Scan(&plain); err != nil {
		return nil, fmt.Errorf("looking for tables: %w", err)
	}
	tables, err := r.replicated(ctx)
	if err != nil || len(tables) == 0 {
		if err == nil && len(plain) > 0 && len(s.config.Address) > 1 {
			return []Finding{{true, fmt.Sprintf("clickhouse.address names %d servers, but the tables are not replicated, so each server would have its own rows: name one server, or make the tables ReplicatedReplacingMergeTree", len(s.config.Address))}}, nil
		}
		return nil, err
	}
	var found []Finding
	if len(plain) > 0 {
		found = append(found, Finding{true, fmt.Sprintf("the tables %s are replicated, and %s are not: the other replicas lack the rows of those", strings.Join(tables, ", "), strings.Join(plain, ", "))})
	}
	var rows []replicaRow
	if err := r.conn.Select(ctx, &rows, "SELECT table, is_readonly, total_replicas, toUInt32(active_replicas) AS active_replicas, absolute_delay, queue_size FROM system.replicas WHERE database = ? ORDER BY table", s.database); err != nil {
		return nil, fmt.Errorf("reading system.replicas: %w", err)
	}
	found = append(found, judge(rows, s.config.InsertQuorum)...)
	if len(found) == 0 {
		within, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		synced, err := s.synced(within, address)
		if errors.Is(err, context.DeadlineExceeded) {
			return []Finding{{false, "the replica does not catch up within 10 s: a restore reads from another, or waits"}}, nil
		}
		if err != nil {
			return nil, err
		}
		return nil, synced.Close()
	}
	return found, nil
}

// judge finds faults of replicas; a fault of several tables is one finding.
func judge(rows []replicaRow, quorum string) (found []Finding) {
	at := map[Finding][]string{}
	var order []Finding
	note := func(table string, wrong bool, format string, args ...any) {
		f := Finding{wrong, fmt.Sprintf(format, args...)}
		if at[f] == nil {
			order = append(order, f)
		}
		at[f] = append(at[f], table)
	}
	for _, r := range rows {
		need := r.Total/2 + 1
		if n, err := strconv.ParseUint(quorum, 10, 16); err == nil {
			need = uint32(n)
		}
		switch {
		case r.Total == 1:
			note(r.Table, false, "there is only one replica: make three")
		case need == 0:
			note(r.Table, false, "clickhouse.insert_quorum is 0: an acknowledged row may be lost with the only replica that has it, and counts end too low; set it to auto")
		case need > r.Total:
			note(r.Table, true, "clickhouse.insert_quorum is %d, and there are %d replicas: every insert fails; set it to auto", need, r.Total)
		case r.Active < need:
			note(r.Table, true, "%d of %d replicas are active, and inserts need %d: they fail until more are back", r.Active, r.Total, need)
		case r.Total == need:
			note(r.Table, false, "inserts need all of the %d replicas, and wait while one is away: make three, of which two are enough", r.Total)
		case r.Active < r.Total:
			note(r.Table, false, "%d of %d replicas are active", r.Active, r.Total)
		}
		if r.ReadOnly != 0 {
			note(r.Table, true, "the replica is read-only: it has lost its Keeper, or its table there (SYSTEM RESTORE REPLICA)")
		}
		if d := time.Duration(r.Delay) * time.Second; d >= lagTime {
			note(r.Table, false, "the replica is more than %v behind: a restore reads from another, or waits", lagTime)
		}
	}
	for _, f := range order {
		found = append(found, Finding{f.Wrong, f.Text + " (" + strings.Join(at[f], ", ") + ")"})
	}
	return found
}
