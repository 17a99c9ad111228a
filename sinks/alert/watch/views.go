package watch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/detect"
)

// Views is the [Source] of a database. A late event counts where it belongs, even if it was not known yet at the time
// asked for. One goroutine uses it.
type Views struct {
	Conn     clickhouse.Conn
	Database string
	// Satisfaction are the counters of panes of responses.
	Satisfaction schemas.Groups
	// Scopes are those whose dimensions responses and invitations have.
	Scopes []schemas.Scope
	// ComplaintScopes are the scopes whose dimensions complaints have.
	ComplaintScopes []schemas.Scope
	// PurchaseScopes are the scopes whose dimensions purchases have.
	PurchaseScopes []schemas.Scope

	read scalesRead
}

func (v *Views) name(view string) string { return schemas.QuoteName(v.Database) + "." + view }

// Grades implements [Source].
func (v *Views) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	resolution, seconds := 60, int(length/time.Second)
	if length >= time.Hour {
		resolution = 3600
	}
	// A cell that has not ended would show the future.
	list, err := v.cells(ctx, []counted{{"grades", "%s"}}, resolution, seconds, from, to.Truncate(length), kinds)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// counted is a group of counters of answers.
type counted struct {
	group  string
	grades string // a format of SQL that makes grades of the sums of its counters
}

// cells reads the answers of instant responses about the own brand between two instants, in cells of so many seconds, for each of the groups of counters: of
// panes of a resolution in seconds. It asks the table, as the views of panes are about everything else too.
func (v *Views) cells(ctx context.Context, groups []counted, resolution, seconds int, from, to time.Time, kinds []string) ([][]GradeCell, error) {
	var with, grades []string
	for _, g := range groups {
		counters, err := v.Satisfaction.Counters(g.group)
		if err != nil {
			return nil, err
		}
		with = append(with, fmt.Sprintf("sumForEach(%s) AS %s_answers", counters, g.group))
		grades = append(grades, fmt.Sprintf("if(arraySum(%[1]s_answers) = 0, [], arrayMap(n -> toUInt64(n), %[2]s))", g.group, fmt.Sprintf(g.grades, g.group+"_answers")))
	}
	query := fmt.Sprintf(`WITH %s
SELECT toString(scope_kind) AS Kind, toString(scope_id) AS ID, intDiv(toInt64(toUnixTimestamp(pane_start)), %d) AS Slot, [%s] AS Grades
FROM %s FINAL WHERE resolution = %d AND survey = 'instant' AND brand = '' AND pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC') AND scope_kind IN (%s)
GROUP BY Kind, ID, Slot HAVING notEmpty(arrayFlatten(Grades))`, strings.Join(with, ", "), seconds, strings.Join(grades, ", "), v.name("satisfaction_panes"), resolution, schemas.QuoteTexts(kinds))
	var rows []struct {
		Kind, ID string
		Slot     int64
		Grades   [][]uint64
	}
	if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(from), schemas.DateTime(to)); err != nil {
		return nil, err
	}
	lists := make([][]GradeCell, len(groups))
	for i := range rows {
		r := &rows[i]
		for j, counts := range r.Grades {
			switch len(counts) {
			case 0: // nobody answered
			case detect.Levels:
				cell := GradeCell{Scope: Scope{r.Kind, r.ID}, Start: time.Unix(r.Slot*int64(seconds), 0).UTC()}
				for g := range cell.Grades {
					cell.Grades[g] = uint32(counts[g])
				}
				lists[j] = append(lists[j], cell)
			default:
				return nil, fmt.Errorf("%s %s has answers of %d values, and there are %d", r.Kind, r.ID, len(counts), detect.Levels)
			}
		}
	}
	return lists, nil
}

// Respondents implements [Source], from responses as received.
func (v *Views) Respondents(ctx context.Context, s Scope, from, to time.Time, most int) ([]Respondent, error) {
	return v.respondents(ctx, "responses_between", "grade", s, from, to, most)
}

// respondents sums the marks, of SQL that is NULL for none, of the responses of a view.
func (v *Views) respondents(ctx context.Context, view, mark string, s Scope, from, to time.Time, most int) ([]Respondent, error) {
	var rows []struct {
		ID       string
		Terminal bool
		N, Sum   uint64
	}
	query := fmt.Sprintf(`SELECT if(customer_id = '', terminal_id, customer_id) AS ID, customer_id = '' AS Terminal, count() AS N, toUInt64(sum(assumeNotNull(%s))) AS Sum
FROM %s(from = %s, to = %s, scope_kind = %s, scope_id = %s) WHERE isNotNull(%s) GROUP BY ID, Terminal ORDER BY N DESC, ID LIMIT %d`, mark, v.name(view),
		schemas.QuoteText(schemas.DateTime(from)), schemas.QuoteText(schemas.DateTime(to)), schemas.QuoteText(s.Kind), schemas.QuoteText(s.ID), mark, most)
	if err := v.Conn.Select(ctx, &rows, query); err != nil {
		return nil, err
	}
	list := make([]Respondent, len(rows))
	for i, r := range rows {
		list[i] = Respondent{r.ID, r.Terminal, int(r.N), int(r.Sum)}
	}
	return list, nil
}

// scopesOf returns the SQL of an event's scopes, of these kinds. It leaves out kinds whose dimensions such events do not have.
func scopesOf(scopes []schemas.Scope, kinds []string) string {
	var parts []string
	for _, kind := range kinds {
		if kind == dimension.All {
			parts = append(parts, "('all', '')")
		}
		for _, s := range scopes {
			if s.Kind == kind {
				parts = append(parts, fmt.Sprintf("('%s', %s)", s.Kind, s.Expr))
			}
		}
	}
	return "arrayFilter(s -> s.1 = 'all' OR s.2 != '', CAST([" + strings.Join(parts, ", ") + "], 'Array(Tuple(String, String))'))"
}

// Complaints implements [Source].
func (v *Views) Complaints(ctx context.Context, from, to time.Time, kinds []string) ([]ComplaintCell, error) {
	var rows []struct {
		Kind, ID, Category string
		Hour               int64
		Opened             uint64
	}
	query := fmt.Sprintf(`SELECT scope.1 AS Kind, scope.2 AS ID, Category, Hour, count() AS Opened
FROM (SELECT arrayJoin(%s) AS scope, toString(category) AS Category, intDiv(toInt64(toUnixTimestamp(assumeNotNull(opened_at))), 3600) AS Hour
	FROM %s WHERE opened_at >= toDateTime(?, 'UTC') AND opened_at < toDateTime(?, 'UTC'))
GROUP BY Kind, ID, Category, Hour`, scopesOf(v.ComplaintScopes, kinds), v.name("complaint_state"))
	if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(from), schemas.DateTime(to)); err != nil {
		return nil, err
	}
	list := make([]ComplaintCell, len(rows))
	for i, r := range rows {
		list[i] = ComplaintCell{Scope: Scope{r.Kind, r.ID}, Category: r.Category, Start: time.Unix(r.Hour*3600, 0).UTC(), Opened: int(r.Opened)}
	}
	return list, nil
}

// Promises implements [Source]. The promised time of a reopened complaint counts from its first opening; its resolution is
// the last one.
func (v *Views) Promises(ctx context.Context, from, to time.Time, kinds []string) ([]PromiseCell, error) {
	var rows []struct {
		Kind, ID                      string
		Due, Breached, Resolved, Slow uint64
	}
	query := fmt.Sprintf(`SELECT scope.1 AS Kind, scope.2 AS ID, countIf(due) AS Due, countIf(due AND broken) AS Breached, countIf(done) AS Resolved, countIf(done AND slow) AS Slow
FROM (SELECT arrayJoin(%s) AS scope, due_at >= from_at AND due_at < to_at AS due, isNotNull(breached_at) AS broken,
		ifNull(resolved_at >= from_at AND resolved_at < to_at, false) AS done, ifNull(recovery_seconds > promise_seconds, false) AS slow
	FROM (SELECT *, assumeNotNull(opened_at) + toIntervalSecond(promise_seconds) AS due_at, toDateTime(?, 'UTC') AS from_at, toDateTime(?, 'UTC') AS to_at
		FROM %s WHERE isNotNull(opened_at))
	WHERE due OR done)
GROUP BY Kind, ID`, scopesOf(v.ComplaintScopes, kinds), v.name("complaint_state"))
	if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(from), schemas.DateTime(to)); err != nil {
		return nil, err
	}
	list := make([]PromiseCell, len(rows))
	for i, r := range rows {
		list[i] = PromiseCell{Scope: Scope{r.Kind, r.ID}, Due: int(r.Due), Breached: int(r.Breached), Resolved: int(r.Resolved), Slow: int(r.Slow)}
	}
	return list, nil
}

// riskKnown is the age from which a known risk no longer counts.
const riskKnown = 48 * time.Hour

// Risk implements [Source], from what [alert.Log.NoteRisk] stored.
func (v *Views) Risk(ctx context.Context, at time.Time, kinds []string) ([]RiskCell, error) {
	var rows []struct {
		Kind, ID        string
		Customers, High uint64
		Value           float64
	}
	query := fmt.Sprintf(`SELECT toString(scope_kind) AS Kind, scope_id AS ID, argMax(customers, at) AS Customers, argMax(high, at) AS High, argMax(value_at_risk, at) AS Value
FROM %s WHERE at <= toDateTime(?, 'UTC') AND at > toDateTime(?, 'UTC') AND scope_kind IN (%s) GROUP BY Kind, ID`, v.name("risk_over_time"), schemas.QuoteTexts(append([]string{""}, kinds...)))
	if err := v.Conn.Select(ctx, &rows, query, schemas.DateTime(at), schemas.DateTime(at.Add(-riskKnown))); err != nil {
		return nil, err
	}
	list := make([]RiskCell, len(rows))
	for i, r := range rows {
		list[i] = RiskCell{Scope: Scope{r.Kind, r.ID}, Customers: int(r.Customers), High: int(r.High), Value: r.Value}
	}
	return list, nil
}

// Troubled implements [Source]. churn_risk has only the present.
func (v *Views) Troubled(ctx context.Context, tiers []string, risk float64, most int, named []string) ([]Troubled, error) {
	var rows []struct {
		Customer, Tier, Reason string
		Responses              uint64
		Risk, Value            float64
	}
	query := fmt.Sprintf(`SELECT r.customer_id AS Customer, toString(t.tier) AS Tier, toString(r.leave_reason) AS Reason, toUInt64(r.responses) AS Responses, r.churn_risk AS Risk, ifNull(r.value_at_risk, 0) AS Value
FROM %s AS r INNER JOIN %s AS t ON r.customer_id = t.customer_id
WHERE (t.tier IN (%s) AND r.churn_risk >= ? AND NOT ifNull(r.churned, false)) OR r.customer_id IN (%s)
ORDER BY Value DESC, Customer LIMIT %d`, v.name("churn_risk"), v.name("customer_strategy"), schemas.QuoteTexts(append([]string{""}, tiers...)), schemas.QuoteTexts(append([]string{""}, named...)), most+len(named))
	if err := v.Conn.Select(ctx, &rows, query, risk); err != nil {
		return nil, err
	}
	list := make([]Troubled, len(rows))
	for i, r := range rows {
		list[i] = Troubled{Customer: r.Customer, Tier: r.Tier, Reason: r.Reason, Responses: int(r.Responses), Risk: r.Risk, Value: r.Value}
	}
	return list, nil
}

// Known returns the watermark of responses of each partition that has any, as far as hours are written too: panes of minutes may be
// ahead of the position. At most an hour after now.
func (v *Views) Known(ctx context.Context) (map[uint32]time.Time, error) {
	var rows []struct{ Partition, Last uint32 }
	// Ask the table: the view would aggregate everything.
	query := "SELECT partition AS Partition, toUnixTimestamp(max(pane_start)) AS Last FROM " + v.name("satisfaction_panes") +
		" INNER JOIN (SELECT partition, next FROM " + v.name("positions") + " FINAL WHERE topic = 'responses') AS p USING partition" +
		" WHERE resolution = 60 AND scope_kind = 'all' AND pane_start <= now() + 3600 AND mark < next GROUP BY Partition"
	if err := v.Conn.Select(ctx, &rows, query); err != nil {
		return nil, fmt.Errorf("asking until when events are known: %w", err)
	}
	known := map[uint32]time.Time{}
	for _, r := range rows {
		known[r.Partition] = time.Unix(int64(r.Last), 0).UTC().Add(time.Minute)
	}
	return known, nil
}

// First returns the earliest time of responses, zero without any.
func (v *Views) First(ctx context.Context) (time.Time, error) {
	var rows []struct{ First uint32 }
	query := "SELECT toUnixTimestamp(min(pane_start)) AS First FROM " + v.name("satisfaction_panes") + " WHERE resolution = 3600 AND scope_kind = 'all'"
	if err := v.Conn.Select(ctx, &rows, query); err != nil {
		return time.Time{}, fmt.Errorf("asking since when events are known: %w", err)
	}
	if len(rows) == 0 || rows[0].First == 0 {
		return time.Time{}, nil
	}
	return time.Unix(int64(rows[0].First), 0).UTC(), nil
}

var _ History = (*Views)(nil)
