package watch

import (
	"context"
	"fmt"
	"time"

	"csatflow/schemas"
)

// purchasesAtOnce is how long a time is read by one query: it holds the ids of all its purchases, since an event may come twice.
const purchasesAtOnce = 4 * 24 * time.Hour

// Purchases implements [Source], from purchases as received.
func (v *Views) Purchases(ctx context.Context, from, to time.Time, kinds []string) (list []PurchaseCell, err error) {
	query := fmt.Sprintf(`SELECT scope.1 AS Kind, scope.2 AS ID, Hour, count() AS Purchases
FROM (SELECT arrayJoin(%s) AS scope, intDiv(toInt64(toUnixTimestamp(occurred_at)), 3600) AS Hour
	FROM (SELECT occurred_at, region, store_id, product_category, amount FROM %s WHERE occurred_at >= toDateTime(?, 'UTC') AND occurred_at < toDateTime(?, 'UTC') ORDER BY offset LIMIT 1 BY customer_id, event_id)
	WHERE amount > 0)
GROUP BY Kind, ID, Hour`, scopesOf(v.PurchaseScopes, kinds), v.name("purchases"))
	for ; from.Before(to); from = from.Add(purchasesAtOnce) {
		var rows []struct {
			Kind, ID  string
			Hour      int64
			Purchases uint64
		}
		end := from.Add(purchasesAtOnce)
		if end.After(to) {
			end = to
		}
		if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(from), schemas.DateTime(end)); err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, PurchaseCell{Scope: Scope{r.Kind, r.ID}, Start: time.Unix(r.Hour*3600, 0).UTC(), Purchases: int(r.Purchases)})
		}
	}
	return list, nil
}
