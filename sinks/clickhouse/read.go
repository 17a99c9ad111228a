package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline"
	"csatflow/pipeline/rows"
)

// each runs a query and hands every row to scan.
func (s *Store) each(ctx context.Context, query string, args []any, scan func(driver.Rows) error) error {
	rows, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return final(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return final(rows.Err())
}

// Positions reads how far the rows of each partition are.
func (s *Store) Positions(ctx context.Context, each func(pipeline.PositionRow) error) error {
	q := "SELECT partition, topic, next, seen, fingerprint, partitions, version FROM " + s.table(pipeline.TablePositions) + " FINAL WHERE version >= ?"
	return s.each(ctx, q, []any{rows.MinVersion()}, func(from driver.Rows) error {
		var r pipeline.PositionRow
		var partition, partitions uint32
		var topic string
		var version uint64
		if err := from.Scan(&partition, &topic, &r.Next, &r.Seen, &r.Fingerprint, &partitions, &version); err != nil {
			return err
		}
		r.Partition, r.Partitions, r.Logic = int(partition), int(partitions), rows.LogicOf(version)
		var known bool
		if r.Topic, known = pipeline.TopicOf(topic); !known {
			return fmt.Errorf("the table positions names a topic %q, which this release does not know", topic)
		}
		return each(r)
	})
}

// Histories reads the newest rows of a topic's histories.
func (s *Store) Histories(ctx context.Context, partition int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error {
	kind, table := "'customer'", pipeline.HistoryTable(topic)
	if topic == pipeline.Responses {
		kind = "toString(kind)"
	}
	q := fmt.Sprintf("SELECT customer_id, %s, mark, absorbed, history FROM %s FINAL WHERE partition = ? AND version >= ?", kind, s.table(table))
	return s.each(ctx, q, []any{uint32(partition), rows.MinVersion()}, func(rows driver.Rows) error {
		var r pipeline.HistoryRow
		var kind string
		if err := rows.Scan(&r.ID, &kind, &r.Mark, &r.Absorbed, &r.History); err != nil {
			return err
		}
		r.Terminal = kind == "terminal"
		return each(r)
	})
}

// Scores reads how far each customer's churn row is.
func (s *Store) Scores(ctx context.Context, partition int, each func(pipeline.ScoreRow) error) error {
	q := "SELECT customer_id, version, made_of, model, churn_band FROM " + s.table(pipeline.TableChurn) + " FINAL WHERE partition = ? AND version >= ?"
	return s.each(ctx, q, []any{uint32(partition), rows.MinVersion()}, func(rows driver.Rows) error {
		var r pipeline.ScoreRow
		if err := rows.Scan(&r.CustomerID, &r.Version, &r.MadeOf, &r.Model, &r.Band); err != nil {
			return err
		}
		return each(r)
	})
}

// paneTable names a topic's pane table and its columns in the order in which they are scanned.
func (s *Store) paneTable(topic pipeline.Topic) (table, columns string) {
	const common = "resolution, pane_start, scope_kind, scope_id, mark, groups, toString(counters), "
	if topic == pipeline.Complaints {
		return s.table(pipeline.TableRecoveryPanes), common + "'', '', buckets, bucket_counts"
	}
	return s.table(pipeline.TableSatisfactionPanes), common + "survey, brand, CAST([], 'Array(Int16)'), CAST([], 'Array(Int64)')"
}

// numbers parses an Array(Int64) that was selected as text, "[1,-2]": the driver reads an array element by element through
// reflection.
func numbers(text string) ([]int64, error) {
	inner, begins := strings.CutPrefix(text, "[")
	inner, ends := strings.CutSuffix(inner, "]")
	if !begins || !ends {
		return nil, fmt.Errorf("%q is not an array of numbers", text)
	}
	if inner == "" {
		return nil, nil
	}
	list := make([]int64, 0, 1+strings.Count(inner, ","))
	for one := range strings.SplitSeq(inner, ",") {
		n, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("an array of numbers: %w", err)
		}
		list = append(list, n)
	}
	return list, nil
}

func scanPane(rows driver.Rows) (r pipeline.PaneRow, err error) {
	var start time.Time
	var counters string
	if err := rows.Scan(&r.Resolution, &start, &r.ScopeKind, &r.ScopeID, &r.Mark, &r.Groups, &counters, &r.Survey, &r.Brand, &r.Buckets, &r.Counts); err != nil {
		return r, err
	}
	r.Start = start.Unix()
	r.Counters, err = numbers(counters)
	return r, err
}

// Panes reads about limit panes, those that end last.
func (s *Store) Panes(ctx context.Context, partition int, topic pipeline.Topic, limit int, each func(pipeline.PaneRow) error) (left int64, err error) {
	table, columns := s.paneTable(topic)
	var n uint64
	bound := "SELECT count(), toInt64(min(e)) FROM (SELECT toUnixTimestamp(pane_start) + resolution AS e FROM " + table + " WHERE partition = ? AND version >= ? ORDER BY e DESC LIMIT ?)"
	if err := s.conn.QueryRow(ctx, bound, uint32(partition), rows.MinVersion(), uint64(limit)).Scan(&n, &left); err != nil {
		return 0, final(err)
	}
	if n < uint64(limit) {
		left = 0
	}
	q := "SELECT " + columns + " FROM " + table + " FINAL WHERE partition = ? AND version >= ? AND toUnixTimestamp(pane_start) + resolution >= ?"
	return left, s.each(ctx, q, []any{uint32(partition), rows.MinVersion(), left}, func(rows driver.Rows) error {
		r, err := scanPane(rows)
		if err != nil {
			return err
		}
		return each(r)
	})
}

// OlderLogic reports whether there are rows of an older logic and none of this one.
func (s *Store) OlderLogic(ctx context.Context, partition int) (bool, error) {
	var older, current uint64
	q := "SELECT countIf(version < ?), countIf(version >= ?) FROM (SELECT partition, version FROM " + s.table(pipeline.TableCustomerResponses) +
		" UNION ALL SELECT partition, version FROM " + s.table(pipeline.TableCustomerComplaint) +
		" UNION ALL SELECT partition, version FROM " + s.table(pipeline.TableCustomerPurchases) + ") WHERE partition = ?"
	v := rows.MinVersion()
	if err := s.conn.QueryRow(ctx, q, v, v, uint32(partition)).Scan(&older, &current); err != nil {
		return false, final(err)
	}
	return older > 0 && current == 0, nil
}
