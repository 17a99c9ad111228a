package report

import (
	"context"

	"csatflow/schemas"
	"csatflow/sinks/insight/explain"
)

// Answers reads the answers of the comprehensive survey in a period, by question, of a scope or, without a kind, of all.
func Answers(ctx context.Context, conn explain.Conn, o Options) (list []map[string]uint8, err error) {
	q := newReader(conn, &o)
	where, args := "", []any{schemas.DateTime(o.From), schemas.DateTime(o.To)}
	if c := q.Column(o.Kind); c != "" {
		where, args = " AND "+c+" = ?", append(args, o.ID)
	}
	var rows []struct{ Answers map[string]uint8 }
	err = q.Rows(ctx, &rows, "SELECT answers AS Answers FROM (SELECT * FROM "+q.View("responses")+" FINAL WHERE survey = 'comprehensive' AND brand = '' AND occurred_at >= toDateTime64(?, 3, 'UTC') AND occurred_at < toDateTime64(?, 3, 'UTC')"+where+
		" ORDER BY offset LIMIT 1 BY customer_id, event_id) ORDER BY customer_id, event_id", args...) // a bootstrap draws rows by index: their order must be fixed
	for _, row := range rows {
		list = append(list, row.Answers)
	}
	return list, err
}
