package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline"
)

// Departures returns the latest known departure of each customer.
func (s *Store) Departures(ctx context.Context) (map[string]time.Time, error) {
	left := map[string]time.Time{}
	err := s.each(ctx, "SELECT customer_id, max(occurred_at) FROM "+s.table(pipeline.TableDepartures)+" FINAL GROUP BY customer_id", nil, func(rows driver.Rows) error {
		var id string
		var at time.Time
		err := rows.Scan(&id, &at)
		left[id] = at
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading departures: %w", err)
	}
	return left, nil
}

// Known returns the period from which there are responses and purchases, up to now at most; zero times if there are none.
func (s *Store) Known(ctx context.Context) (from, to time.Time, err error) {
	q := "SELECT min(a), least(max(b), now()) FROM (" +
		"SELECT min(pane_start) AS a, max(pane_start) + 60 AS b, count() AS n FROM " + s.table(pipeline.TableSatisfactionPanes) + " WHERE resolution = 60 AND scope_kind = 'all' UNION ALL " +
		"SELECT toDateTime(min(first_at), 'UTC'), toDateTime(max(last_at), 'UTC'), countIf(isNotNull(first_at)) FROM " + s.table(pipeline.TableCustomerPurchases) + ") WHERE n > 0"
	var first, last *time.Time
	if err := s.conn.QueryRow(ctx, q).Scan(&first, &last); err != nil {
		return from, to, fmt.Errorf("finding the period of the known events: %w", final(err))
	}
	if first == nil || last == nil {
		return from, to, nil
	}
	return *first, *last, nil
}

// TierSpend returns the boundaries of the view tiers: the least spend of twelve months of a middleweight, heavyweight and
// super heavyweight; zeros if nobody has bought anything.
func (s *Store) TierSpend(ctx context.Context) (from [3]float64, err error) {
	names := map[string]int{"middleweight": 0, "heavyweight": 1, "super_heavyweight": 2}
	err = s.each(ctx, "SELECT tier, from_spend FROM "+s.table("tiers"), nil, func(rows driver.Rows) error {
		var tier string
		var spend float64
		if err := rows.Scan(&tier, &spend); err != nil {
			return err
		}
		if i, found := names[tier]; found {
			from[i] = spend
		}
		return nil
	})
	if err != nil {
		return from, fmt.Errorf("reading tiers: %w", err)
	}
	return from, nil
}

// HistoryPartitions returns the partitions that have histories.
func (s *Store) HistoryPartitions(ctx context.Context) ([]int, error) {
	return s.Partitions(ctx, []string{pipeline.TableCustomerResponses, pipeline.TableCustomerComplaint, pipeline.TableCustomerPurchases})
}

// Table is the full name of a table or view.
func (s *Store) Table(name string) string { return s.table(name) }
