package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/simulate"
)

// rawInvitations are the distinct invitations: of equal event ids, the first.
const rawInvitations = `(SELECT *, if(customer_id != '', customer_id, terminal_id) AS who FROM asked FINAL ORDER BY partition, offset LIMIT 1 BY who, event_id)`

// rawAnswered are customers' invitations with an answer: each response is tried with each invitation of its customer. Those of the simulator name none.
const rawAnswered = `(SELECT customer_id, argMax(invitation, (asked_at, invitation)) AS invitation FROM (
	SELECT r.customer_id AS customer_id, r.event_id AS reply, i.event_id AS invitation, i.occurred_at AS asked_at
	FROM ` + rawResponses + ` AS r JOIN ` + rawInvitations + ` AS i ON r.customer_id = i.customer_id
	WHERE r.customer_id != '' AND r.survey = 'instant' AND r.brand = '' AND r.store_id = i.store_id AND r.occurred_at >= i.occurred_at AND r.occurred_at <= i.occurred_at + INTERVAL 7 DAY)
	GROUP BY customer_id, reply)`

// compareAsked compares who was asked, and who of them answered, with SQL over the events as received, and their number with the simulator's.
func compareAsked(t *testing.T, conn driver.Conn, truth *simulate.Truth) {
	t.Helper()
	from := truth.Config.Start.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	view := fmt.Sprintf("(SELECT toUInt32(3600) AS resolution, step_start AS pane_start, * FROM asked_between(resolution = 3600, step_s = 3600, from = '%s', to = '%s'))", from.Format(time.DateTime), from.AddDate(0, 0, 30).Format(time.DateTime))
	reference := `SELECT toUInt32(3600) AS resolution, start, scope.1 AS scope_kind, scope.2 AS scope_id, sum(n) AS asked, sum(k + if(terminal = '', 0, least(n - k, m))) AS asked_answered, asked_answered / asked AS asked_response_rate, sumIf(n, terminal != '') AS asked_counted
		FROM (SELECT toUInt32(toUnixTimestamp(toStartOfHour(at, 'UTC'))) AS start, arrayJoin([('all', ''), ('store', store)]) AS scope, terminal, countIf(what = 'asked') AS n, countIf(what = 'asked' AND answered) AS k, countIf(what = 'said') AS m
			FROM (SELECT 'asked' AS what, occurred_at AS at, store_id AS store, if(customer_id = '', terminal_id, '') AS terminal, (customer_id, event_id) IN ` + rawAnswered + ` AS answered FROM ` + rawInvitations + `
				UNION ALL SELECT 'said', occurred_at, store_id, if(customer_id = '', terminal_id, ''), false FROM ` + rawResponses + ` WHERE survey = 'instant' AND brand = '')
			GROUP BY start, scope, terminal)
		GROUP BY start, scope HAVING asked > 0`
	n := differences(t, conn, view, "scope_kind IN ('all', 'store')", reference, []string{"asked", "asked_answered", "asked_response_rate", "asked_counted"}, 1e-9)
	t.Logf("invitations: %d cells agree", n)
	var asked, answered uint64
	query(t, conn, "SELECT sum(asked) FROM "+view+" WHERE scope_kind = 'all'", &asked)
	query(t, conn, "SELECT toUInt64(sum(asked_answered)) FROM "+view+" WHERE scope_kind = 'all'", &answered)
	if told := truth.Side[simulate.TopicAsked]; int64(asked) != told.Distinct || told.Duplicates == 0 || told.Late == 0 || answered == 0 || answered >= asked {
		t.Errorf("%d were asked and %d answered, the simulator made %+v", asked, answered, told.Totals)
	}
}
