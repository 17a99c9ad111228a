package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"csatflow/deploy/simulate"
)

// views is what a ClickHouse user would build instead: raw events inserted as JSON, panes of eight scopes and of customers by
// materialized views. It only sums: a repeated event counts twice, and it has no histories, recovery or risk.
type views struct {
	bed      *testbed
	database string
	lines    bytes.Buffer
	events   int64
	panes    int64 // responses of the own brand that panes must count
}

// newViews makes the peer's database. raw keeps the events; without it they only pass through a Null table.
func (a *testbed) newViews(ctx context.Context, raw bool) (*views, error) {
	a.setups++
	v := &views{bed: a, database: fmt.Sprintf("views%d", a.setups)}
	for _, statement := range v.statements(raw) {
		if err := a.conn.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("making the views of a ClickHouse user: %w", err)
		}
	}
	return v, nil
}

func (v *views) statements(raw bool) []string {
	answers := []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}
	each := func(format string) string {
		list := make([]string, len(answers))
		for i, name := range answers {
			list[i] = strings.ReplaceAll(format, "%", name)
		}
		return strings.Join(list, ", ")
	}
	var columns, sums []string
	for g := 1; g <= 7; g++ {
		columns = append(columns, fmt.Sprintf("g%d UInt64", g))
		sums = append(sums, fmt.Sprintf("countIf(grade = %d) AS g%d", g, g))
	}
	engine := "Null"
	if raw {
		engine = "MergeTree ORDER BY (store_id, occurred_at)"
	}
	scopes := "('all', '')"
	for _, kind := range [][2]string{{"region", "region"}, {"store", "store_id"}, {"source", "source"}, {"employee", "employee_id"}, {"touchpoint", "touchpoint"}, {"product_category", "product_category"}, {"customer_type", "customer_type"}} {
		scopes += fmt.Sprintf(", ('%s', toString(%s))", kind[0], kind[1])
	}
	db := v.database
	return []string{
		"CREATE DATABASE " + db,
		`CREATE TABLE ` + db + `.raw (event_id String, occurred_at DateTime64(3, 'UTC'), customer_id String, grade UInt8, source LowCardinality(String), touchpoint LowCardinality(String),
			store_id LowCardinality(String), region LowCardinality(String), employee_id String, product_category LowCardinality(String), customer_type LowCardinality(String), order_id String,
			brand LowCardinality(String), expectation UInt8, performance UInt8, rater Tuple(` + each("% UInt8") + `), comment String) ENGINE = ` + engine,
		`CREATE TABLE ` + db + `.panes (resolution UInt32, pane_start DateTime('UTC'), scope_kind LowCardinality(String), scope_id String, n UInt64, ` + strings.Join(columns, ", ") +
			`, gap_sum Int64, gap_n UInt64, ` + each("%_sum UInt64, %_n UInt64") + `) ENGINE = SummingMergeTree ORDER BY (resolution, scope_kind, pane_start, scope_id)`,
		`CREATE MATERIALIZED VIEW ` + db + `.to_panes TO ` + db + `.panes AS
			SELECT resolution, toDateTime(intDiv(toUnixTimestamp(toDateTime(occurred_at)), resolution) * resolution, 'UTC') AS pane_start, s.1 AS scope_kind, s.2 AS scope_id,
				count() AS n, ` + strings.Join(sums, ", ") + `, sumIf(toInt64(performance) - expectation, performance > 0 AND expectation > 0) AS gap_sum, countIf(performance > 0 AND expectation > 0) AS gap_n, ` +
			each("sum(rater.%) AS %_sum, countIf(rater.% > 0) AS %_n") + `
			FROM (SELECT *, arrayJoin([` + scopes + `]) AS s FROM ` + db + `.raw WHERE brand = '') ARRAY JOIN [60, 3600, 86400] AS resolution
			WHERE s.2 != '' OR s.1 = 'all' GROUP BY resolution, pane_start, scope_kind, scope_id`,
		`CREATE TABLE ` + db + `.customers (customer_id String, n SimpleAggregateFunction(sum, UInt64), grade_sum SimpleAggregateFunction(sum, UInt64), last AggregateFunction(argMax, UInt8, DateTime64(3, 'UTC'))) ENGINE = AggregatingMergeTree ORDER BY customer_id`,
		`CREATE MATERIALIZED VIEW ` + db + `.to_customers TO ` + db + `.customers AS SELECT customer_id, count() AS n, sum(grade) AS grade_sum, argMaxState(grade, occurred_at) AS last FROM ` + db + `.raw WHERE brand = '' GROUP BY customer_id`,
	}
}

// add keeps a response for the next insert. The peer has no complaints, so they are left out.
func (v *views) add(e *simulate.Event) {
	if e.Complaint {
		return
	}
	v.events++
	if !bytes.Contains(e.Value, []byte(`"brand"`)) {
		v.panes++
	}
	v.lines.Write(e.Value)
	v.lines.WriteByte('\n')
}

// insert inserts what was added since the last insert, as one block.
func (v *views) insert(ctx context.Context) (err error) {
	if v.lines.Len() == 0 {
		return nil
	}
	query := url.Values{"query": {"INSERT INTO " + v.database + ".raw FORMAT JSONEachRow"}, "input_format_skip_unknown_fields": {"1"}, "input_format_defaults_for_omitted_fields": {"1"},
		"date_time_input_format": {"best_effort"}, "input_format_json_defaults_for_missing_elements_in_named_tuple": {"1"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+v.bed.engine.HTTPAddr()+"/?"+query.Encode(), bytes.NewReader(v.lines.Bytes()))
	if err != nil {
		return fmt.Errorf("inserting raw events: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("inserting raw events: %w", err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	said, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("inserting raw events: %s: %s", res.Status, tail(string(said))), err)
	}
	v.lines.Reset()
	return nil
}

// end checks that the panes are the sums of the events, and removes the database.
func (v *views) end(ctx context.Context) error {
	var n uint64
	if err := v.bed.conn.QueryRow(ctx, "SELECT sum(n) FROM "+v.database+".panes WHERE scope_kind = 'all' AND resolution = 60").Scan(&n); err != nil {
		return fmt.Errorf("summing the panes of views: %w", err)
	}
	if int64(n) != v.panes {
		return fmt.Errorf("the panes of views have %d responses, %d were inserted: their figures mean nothing", n, v.panes)
	}
	return v.bed.conn.Exec(ctx, "DROP DATABASE "+v.database)
}
