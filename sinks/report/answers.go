package report

import (
	"context"
	"time"
)

// Answers are those of the comprehensive survey of a period, by question, in a scope or, with no kind, in all.
func Answers(ctx context.Context, conn Conn, database string, from, to time.Time, kind, id string) (list []map[string]uint8, err error) {
	q := &reader{conn: conn, database: database}
	where, args := "", []any{utc(from), utc(to)}
	if c := columns[kind]; c != "" {
		where, args = " AND "+c+" = ?", append(args, id)
	}
	var rows []struct{ Answers map[string]uint8 }
	err = q.rows(ctx, &rows, "SELECT answers AS Answers FROM (SELECT * FROM "+q.view("responses")+" FINAL WHERE survey = 'comprehensive' AND brand = '' AND occurred_at >= toDateTime64(?, 3, 'UTC') AND occurred_at < toDateTime64(?, 3, 'UTC')"+where+
		" ORDER BY offset LIMIT 1 BY customer_id, event_id)", args...)
	for _, row := range rows {
		list = append(list, row.Answers)
	}
	return list, err
}
