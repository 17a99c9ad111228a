package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// pageRaw inserts responses over the days up to now, by time; each customer has a store. DB, N, STORES and DAYS are replaced.
const pageRaw = `INSERT INTO DB.responses (partition, offset, appended_at, event_id, occurred_at, customer_id, grade, source, survey, touchpoint, store_id, region, employee_id, product_category, expectation, performance, rater, factors)
SELECT cityHash64(c) % 8, number, now64(), concat('e', toString(number)), now64(3) - toIntervalMillisecond(toUInt64(86400000. * DAYS * (N - number) / N)), concat('c-', leftPad(toString(c), 7, '0')), g, 'pos', 'instant',
    arrayElement(['till', 'advice', 'returns', 'call', 'parking', 'delivery'], 1 + cityHash64(number, 3) % 6), concat('store-', leftPad(toString(s), 3, '0')), concat('region-', toString(s % 10)),
    concat('e-', leftPad(toString(s * 10 + cityHash64(number, 4) % 10), 4, '0')), arrayElement(['food', 'drink', 'home', 'toys', 'garden'], 1 + cityHash64(number, 5) % 5), 5, g, if(number % 10 = 0, [g, 5, 5, 5, g], []), if(number % 10 = 1, [g, 5, g, 5, 5, 5, 4, g, 5, 5], [])
FROM (SELECT number, cityHash64(number, 1) % 300000 AS c, c % STORES AS s, NORMAL7 AS g FROM numbers(N))`

// normal7 is a normal grade with mean 5.3 and deviation 1.3, from the hash of the row's number (Box and Muller 1958).
const normal7 = `least(7, greatest(1, toUInt8(round(5.3 + 1.3 * sqrt(-2 * log((1 + cityHash64(number, 7) % 1000000) / 1000001)) * cos(6.2831853 * (cityHash64(number, 8) % 1000000) / 1000000)))))`

// pagePanes inserts the panes of the responses, with the groups of grades and RATER.
const pagePanes = `INSERT INTO DB.satisfaction_panes (resolution, pane_start, scope_kind, scope_id, partition, mark, version, survey, brand, groups, counters)
SELECT %d, toDateTime(%s(occurred_at), 'UTC') AS start, '%s', %s AS id, partition, max(offset), 1, 'instant', '', 17, [countIf(grade = 1), countIf(grade = 2), countIf(grade = 3), countIf(grade = 4), countIf(grade = 5), countIf(grade = 6), countIf(grade = 7), RATER]
FROM DB.responses %s GROUP BY partition, start, id`

var pageRest = []string{
	`INSERT INTO DB.moments (partition, customer_id, kind, moment_id, version, occurred_at, region, store_id, source, touchpoint, employee_id, product_category, customer_type, grade, voiced, complained, valid)
SELECT partition, customer_id, 'response', toString(offset), 1, occurred_at, region, store_id, source, touchpoint, employee_id, product_category, '', grade, offset % 5 = 0, offset % 5 = 0, true FROM DB.responses WHERE grade <= 3`,
	`INSERT INTO DB.complaints (partition, customer_id, complaint_id, mark, version, state, opened_at, resolved_at, first_response_at, breached_at, last_step_at, recovery_seconds, promise_seconds, contacts, handoffs, category, region, store_id, source, employee_id, open_from, open_to)
SELECT partition, customer_id, concat('k', toString(offset)), offset, 1, if(still, 'open', 'resolved'), occurred_at, if(still, NULL, occurred_at + toIntervalSecond(took)), occurred_at + 600, if(still OR took > 86400, occurred_at + 86400, NULL), occurred_at, if(still, NULL, took), 86400, 1 + offset % 3, offset % 4 = 0,
    arrayElement(['apathy', 'brush_off', 'coldness', 'product', 'price', 'delivery'], 1 + offset % 6), region, store_id, source, employee_id, [occurred_at], [if(still, toDateTime64('2106-01-01 00:00:00', 3), occurred_at + toIntervalSecond(took))]
FROM (SELECT *, occurred_at > now() - 172800 AND offset % 3 = 0 AS still, toInt64(600 + 7200 * (cityHash64(offset, 7) % 1000) / 100) AS took FROM DB.responses WHERE grade <= 3 AND offset % 9 = 0)`,
	`INSERT INTO DB.recovery_panes (resolution, pane_start, scope_kind, scope_id, partition, mark, version, buckets, bucket_counts, groups, counters)
SELECT p.1, p.2, s.1, s.2, partition, max(mark), 1, [450], [countIf(state = 'resolved')], 3, [count(), countIf(state = 'resolved'), 0, 0, countIf(state = 'resolved'), sum(ifNull(recovery_seconds, 0))]
FROM (SELECT *, arrayJoin([(toUInt32(3600), toDateTime(toStartOfHour(assumeNotNull(opened_at)), 'UTC')), (toUInt32(86400), toDateTime(toStartOfDay(assumeNotNull(opened_at)), 'UTC'))]) AS p, arrayJoin([('all', ''), ('store', store_id), ('region', toString(region)), ('employee', employee_id)]) AS s FROM DB.complaints)
GROUP BY p, s, partition`,
	`INSERT INTO DB.churn (partition, customer_id, version, responses, latest_grade, latest_at, ewma_grade, complaints, churn_risk, churn_band, reasons, contributions, leave_reason)
SELECT partition, customer_id, 1, count(), argMax(grade, occurred_at) AS latest, max(occurred_at), avg(grade), 0, 1 / (1 + exp(latest - 4.5)) AS r, if(r < 0.3, 'low', if(r <= 0.7, 'medium', 'high')), ['latest_grade'], [1.2], 'indifference' FROM DB.responses GROUP BY partition, customer_id`,
	`INSERT INTO DB.customer_purchases (partition, customer_id, mark, version, absorbed, purchases, amount_cents, unmargined_cents, service_cost_cents, first_at, last_at, months, month_purchases, month_amount_cents, month_margin_cents, month_unmargined_cents, month_service_cost_cents)
SELECT partition, customer_id, 1, 1, 12, 12, 120000 + h % 900000, 120000, 100, now() - 31104000, now() - 86400 * (h % 30), arrayMap(m -> toYYYYMM(addMonths(now(), -m)), range(12)), arrayMap(m -> 1, range(12)), arrayMap(m -> toInt64(h % 90000), range(12)), arrayMap(m -> 0, range(12)), arrayMap(m -> toInt64(h % 90000), range(12)), arrayMap(m -> 10, range(12))
FROM (SELECT partition, customer_id, cityHash64(customer_id) AS h FROM DB.churn)`,
}

// fillPage writes a year of a large chain, and prints each step.
func fillPage(ctx context.Context, conn driver.Conn, database string, cmd *pageCommand) error {
	rater := "countIf(notEmpty(rater)) AS marked, sumIf(rater[1], notEmpty(rater)), marked, sumIf(rater[2], notEmpty(rater)), marked, sumIf(rater[3], notEmpty(rater)), marked, sumIf(rater[4], notEmpty(rater)), marked, sumIf(rater[5], notEmpty(rater))"
	replaced := strings.NewReplacer("DB.", database+".", "RATER", rater, "NORMAL7", normal7, "DAYS", fmt.Sprint(cmd.Days), "STORES", fmt.Sprint(cmd.PageStores))
	step := func(name, sql string) error {
		begun := time.Now()
		if err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("filling %s: %w", name, err)
		}
		fmt.Printf("filled %s in %s\n", name, time.Since(begun).Round(100*time.Millisecond))
		return nil
	}
	raw := strings.ReplaceAll(replaced.Replace(pageRaw), "(N - number) / N", fmt.Sprintf("(%d - number) / %d", cmd.PageResponses, cmd.PageResponses))
	if err := step("responses", strings.ReplaceAll(raw, "numbers(N)", fmt.Sprintf("numbers(%d)", cmd.PageResponses))); err != nil {
		return err
	}
	for _, scope := range [][2]string{{"all", "''"}, {"region", "region"}, {"store", "store_id"}, {"touchpoint", "touchpoint"}, {"source", "source"}, {"product_category", "product_category"}, {"employee", "employee_id"}} {
		for _, pane := range []struct {
			seconds int
			start   string
			where   string
		}{{86400, "toStartOfDay", ""}, {3600, "toStartOfHour", ""}, {60, "toStartOfMinute", "WHERE occurred_at > now() - 259200"}} {
			if err := step(fmt.Sprintf("panes of %d s, %s", pane.seconds, scope[0]), replaced.Replace(fmt.Sprintf(pagePanes, pane.seconds, pane.start, scope[0], scope[1], pane.where))); err != nil {
				return err
			}
		}
	}
	for _, sql := range pageRest {
		table, _, _ := strings.Cut(strings.TrimPrefix(sql, "INSERT INTO DB."), " ")
		if err := step(table, replaced.Replace(sql)); err != nil {
			return err
		}
	}
	return settled(ctx, conn)
}

// settled waits until ClickHouse has merged its parts: in reality a year of data takes a year to arrive.
func settled(ctx context.Context, conn driver.Conn) error {
	begun := time.Now()
	for quiet := 0; quiet < 10; {
		var merges uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM system.merges").Scan(&merges); err != nil {
			return fmt.Errorf("waiting for merges: %w", err)
		}
		if quiet++; merges > 0 {
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(500 * time.Millisecond):
		}
	}
	fmt.Printf("merged in %s\n", time.Since(begun).Round(time.Second))
	return nil
}
