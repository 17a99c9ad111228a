package watch

import (
	"context"
	"fmt"
	"time"

	"csatflow/schemas"
)

// atOnce is how long a time is read by one query: it holds the ids of all events of it, since an event may come twice.
const atOnce = 4 * 24 * time.Hour

// Purchases implements [Source], from purchases as received.
func (v *Views) Purchases(ctx context.Context, from, to time.Time, kinds []string) ([]HourCell, error) {
	return v.hours(ctx, from, to, scopesOf(v.PurchaseScopes, kinds), "(SELECT * FROM "+v.name("purchases")+" WHERE %s ORDER BY offset LIMIT 1 BY customer_id, event_id) WHERE amount > 0")
}

// Asked implements [Source], from invitations as received.
func (v *Views) Asked(ctx context.Context, from, to time.Time, kinds []string) ([]HourCell, error) {
	return v.hours(ctx, from, to, scopesOf(v.Scopes, kinds), "(SELECT * FROM "+v.name("asked")+" WHERE %s ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id)")
}

// hours counts events by scope and hour. of is SQL with a place for the condition on time.
func (v *Views) hours(ctx context.Context, from, to time.Time, scopes, of string) (list []HourCell, err error) {
	query := fmt.Sprintf(`SELECT scope.1 AS Kind, scope.2 AS ID, Hour, count() AS N
FROM (SELECT arrayJoin(%s) AS scope, intDiv(toInt64(toUnixTimestamp(occurred_at)), 3600) AS Hour FROM %s)
GROUP BY Kind, ID, Hour`, scopes, fmt.Sprintf(of, "occurred_at >= toDateTime(?, 'UTC') AND occurred_at < toDateTime(?, 'UTC')"))
	for ; from.Before(to); from = from.Add(atOnce) {
		var rows []struct {
			Kind, ID string
			Hour     int64
			N        uint64
		}
		end := from.Add(atOnce)
		if end.After(to) {
			end = to
		}
		if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(from), schemas.DateTime(end)); err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, HourCell{Scope: Scope{r.Kind, r.ID}, Start: time.Unix(r.Hour*3600, 0).UTC(), N: int(r.N)})
		}
	}
	return list, nil
}
