package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline/event"
)

// The measures in independent SQL over events as received: every cell of a view must agree with them.

// rawResponses are the distinct responses: of equal event ids, the first.
const rawResponses = `(SELECT *, if(customer_id != '', customer_id, terminal_id) AS who FROM responses FINAL ORDER BY partition, offset LIMIT 1 BY who, event_id)`

// rawSteps are the distinct steps of complaints, with their order in the course of a complaint.
const rawSteps = `(SELECT *, indexOf(['opened', 'contacted', 'handed_off', 'remedied', 'resolved', 'withdrawn', 'reopened'], toString(step)) AS rank FROM complaint_events FINAL ORDER BY partition, offset LIMIT 1 BY customer_id, event_id)`

// panesOf is SQL for the three panes of an instant.
func panesOf(at string) string {
	return fmt.Sprintf("arrayJoin([(60, toUInt32(intDiv(toUnixTimestamp(%[1]s), 60) * 60)), (3600, toUInt32(intDiv(toUnixTimestamp(%[1]s), 3600) * 3600)), (86400, toUInt32(toUnixTimestamp(toStartOfDay(%[1]s, 'Asia/Kolkata'))))])", at)
}

const responseScopes = `arrayJoin(arrayFilter(x -> x.3, [('all', '', true), ('region', toString(region), region != ''), ('store', store_id, store_id != ''), ('source', toString(source), source != ''), ('touchpoint', toString(touchpoint), touchpoint != ''), ('employee', employee_id, employee_id != ''), ('product_category', toString(product_category), product_category != ''), ('customer_type', toString(customer_type), customer_type != ''), ('store*source', store_id || '*' || toString(source), store_id != '' AND source != '')]))`
const complaintScopes = `arrayJoin(arrayFilter(x -> x.3, [('all', '', true), ('region', toString(region), region != ''), ('store', store_id, store_id != ''), ('source', toString(source), source != ''), ('employee', employee_id, employee_id != ''), ('store*source', store_id || '*' || toString(source), store_id != '' AND source != '')]))`

// measure is a column of a view and how to compute it over the rows of its scope and pane.
type measure struct{ column, expr string }

func satisfactionMeasures() []measure {
	list := []measure{
		{"responses", "count()"}, {"mean_grade", "avg(grade)"}, {"csat_index", "(avg(grade) - 1) / 6 * 100"},
		{"satisfied_share", "countIf(grade IN (6, 7)) / count()"}, {"dissatisfied_share", "avg(grade <= 3)"},
		{"disconfirmation", "avgOrNullIf(toInt16(performance) - expectation, performance > 0 AND expectation > 0)"},
		{"mean_expectation", "avgOrNullIf(expectation, expectation > 0)"}, {"mean_performance", "avgOrNullIf(performance, performance > 0)"},
		{"performance_effect", "if(uniqExactIf(performance, performance > 0) < 2, NULL, simpleLinearRegressionIf(toFloat64(performance), toFloat64(grade), performance > 0).1)"},
		{"equity_effect", "if(uniqExactIf(equity, isNotNull(equity)) < 2, NULL, simpleLinearRegressionIf(toFloat64(ifNull(equity, 0)), toFloat64(grade), isNotNull(equity)).1)"},
		{"mean_equity", "avgOrNull(equity)"}, {"mean_perceived_price", "avgOrNullIf(perceived_price, perceived_price > 0)"},
		{"repurchase_likely_share", "countIf(repurchase = 'likely') / nullIf(countIf(repurchase != ''), 0)"},
		{"recommend_net", "(countIf(recommend = 'very_likely') - countIf(recommend = 'unlikely')) / nullIf(countIf(recommend != ''), 0)"},
		{"loyalty_index", "if(countIf(repurchase != '' AND recommend != '') = count(), 100 * avg(((grade - 1) / 6 + transform(toString(repurchase), ['likely', 'possible', 'unlikely'], [0.85, 0.5, 0.15], 0.) + transform(toString(recommend), ['very_likely', 'possible', 'unlikely'], [1., 0.5, 0.], 0.)) / 3), NULL)"},
		{"dissatisfied_customers", "uniqExactIf(customer_id, customer_id != '' AND grade <= 3)"},
		{"voice_rate", "uniqExactIf(customer_id, voiced) / nullIf(uniqExactIf(customer_id, customer_id != '' AND grade <= 3), 0)"},
		{"silent_dissatisfied", "uniqExactIf(customer_id, customer_id != '' AND grade <= 3) - uniqExactIf(customer_id, voiced)"},
	}
	for g := 1; g <= 7; g++ {
		list = append(list, measure{fmt.Sprintf("grade_%d", g), fmt.Sprintf("countIf(grade = %d)", g)})
	}
	singular := map[string]string{"rater": "rater", "factors": "factor", "facets": "facet", "scorecard": "scorecard", "tcs": "tcs"}
	for column, names := range map[string][]string{"rater": event.RaterNames, "factors": event.FactorNames, "facets": event.FacetNames, "scorecard": event.ScorecardNames, "tcs": event.TCSNames} {
		for i, n := range names {
			list = append(list, measure{singular[column] + "_" + n, fmt.Sprintf("avgOrNullIf(%[1]s[%[2]d], %[1]s[%[2]d] > 0)", column, i+1)})
		}
	}
	var weighted, weights []string
	for i, w := range []float64{.32, .19, .11, .16, .22} {
		weighted = append(weighted, fmt.Sprintf("ifNull(avgOrNullIf(rater[%[1]d], rater[%[1]d] > 0), 0) * %[2]v", i+1, w))
		weights = append(weights, fmt.Sprintf("if(countIf(rater[%d] > 0) > 0, %v, 0)", i+1, w))
	}
	list = append(list, measure{"rater_index", fmt.Sprintf("(%s) / nullIf(%s, 0)", strings.Join(weighted, " + "), strings.Join(weights, " + "))})
	for _, n := range event.Emotions {
		list = append(list, measure{"emotion_" + n, fmt.Sprintf("countIf(emotion = '%s') / nullIf(countIf(emotion != ''), 0)", n)})
	}
	for _, n := range event.NeedLevels {
		list = append(list, measure{"need_" + n, fmt.Sprintf("countIf(need_level = '%s') / nullIf(countIf(need_level != ''), 0)", n)})
	}
	for _, n := range event.ExperienceNames {
		list = append(list, measure{"experience_" + n, fmt.Sprintf("countIf(has(experience, '%s')) / nullIf(countIf(has_experience), 0)", n)})
	}
	return list
}

// paulson is the 2.5 % quantile of a beta distribution by Paulson 1942: that of F with 2a and 2b degrees of freedom, whose cube root is nearly
// normal.
func paulson(a, b float64) float64 {
	const z = 1.959963984540054
	u, v := 1/(9*a), 1/(9*b)
	// ((1 - v) r - (1 - u)) / √(v r² + u) = -z, a quadratic equation in the cube root r.
	p, q, c := (1-v)*(1-v)-z*z*v, -2*(1-u)*(1-v), (1-u)*(1-u)-z*z*u
	r := max(0, (-q-math.Sqrt(q*q-4*p*c))/(2*p))
	f := r * r * r
	return a * f / (b + a*f)
}

// intervalMeasures are the ends of the shares' intervals: Clopper and Pearson's below ten responses, else Wilson's as the roots of
// (p - k/n)² = z² p (1 - p) / n.
func intervalMeasures() (list []measure) {
	var exact []string // by responses, the lower end by how many of them
	for n := range 10 {
		lows := []string{"0."}
		for k := 1; k <= n; k++ {
			lows = append(lows, fmt.Sprint(paulson(float64(k), float64(n-k+1))))
		}
		exact = append(exact, "["+strings.Join(lows, ", ")+"]")
	}
	of := "[" + strings.Join(exact, ", ") + "][least(count(), 9) + 1]"
	for name, k := range map[string]string{"satisfied": "countIf(grade >= 6)", "dissatisfied": "countIf(grade <= 3)"} {
		for side, sign := range map[string]string{"low": "-", "high": "+"} {
			few := fmt.Sprintf("%s[%s + 1]", of, k)
			if side == "high" {
				few = fmt.Sprintf("1 - %s[count() - %s + 1]", of, k)
			}
			list = append(list, measure{name + "_" + side, fmt.Sprintf("if(count() < 10, %[3]s, (2 * %[1]s + 3.841458820694124 %[2]s 1.959963984540054 * sqrt(3.841458820694124 + 4 * %[1]s * (1 - %[1]s / count()))) / (2 * (count() + 3.841458820694124)))", k, sign, few)})
		}
	}
	return list
}

// scaleMeasures are those of answers in scales of their own.
func scaleMeasures() []measure {
	return []measure{
		{"nps_responses", "countIf(nps >= 0)"}, {"promoters", "countIf(nps >= 9)"}, {"passives", "countIf(nps IN (7, 8))"}, {"detractors", "countIf(nps <= 6)"},
		{"ces_responses", "countIf(ces > 0)"}, {"ces_mean", "avgOrNullIf(ces, ces > 0)"}, {"ces_easy_share", "countIf(ces >= 5) / nullIf(countIf(ces > 0), 0)"},
		{"stars_responses", "countIf(stars >= 1)"}, {"stars_mean", "avgOrNull(stars)"}, {"stars_top_share", "countIf(stars >= 4) / nullIf(countIf(stars >= 1), 0)"},
	}
}

// scalesReference has a row where anybody answers in a scale of its own.
func scalesReference() string {
	return "SELECT *, 100 * (promoters - detractors) / nullIf(nps_responses, 0) AS nps FROM (" + satisfactionReference(scaleMeasures()) + ") WHERE nps_responses + ces_responses + stars_responses > 0"
}

// openings are the instants at which each customer opened complaints.
const openings = `(SELECT customer_id, groupArray(occurred_at) AS opened FROM ` + rawSteps + ` WHERE step = 'opened' GROUP BY customer_id)`

func satisfactionReference(measures []measure) string {
	var columns []string
	for _, m := range measures {
		columns = append(columns, m.expr+" AS "+m.column)
	}
	return `SELECT toUInt32(pane.1) AS resolution, pane.2 AS start, scope.1 AS scope_kind, scope.2 AS scope_id, ` + strings.Join(columns, ", ") + `
FROM (
	SELECT r.*, r.customer_id != '' AND r.grade <= 3 AND arrayExists(t -> t >= r.occurred_at AND t <= r.occurred_at + INTERVAL 7 DAY, o.opened) AS voiced,
		` + panesOf("r.occurred_at") + ` AS pane, ` + responseScopes + ` AS scope
	FROM ` + rawResponses + ` AS r LEFT JOIN ` + openings + ` AS o ON r.customer_id = o.customer_id
	WHERE survey = 'instant' AND brand = ''
) WHERE ` + kept + ` GROUP BY resolution, start, scope_kind, scope_id`
}

// kept leaves out the minutes of employees, of which there are no panes.
const kept = `NOT (pane.1 = 60 AND scope.1 = 'employee')`

// journeyReference is the clean-journey count: customer, day and scope first.
func journeyReference() string {
	return `SELECT toUInt32(86400) AS resolution, start, scope_kind, scope_id, count() AS journey_customers, avg(clean) AS clean_journey_share FROM (
	SELECT toUInt32(toUnixTimestamp(toStartOfDay(occurred_at, 'Asia/Kolkata'))) AS start, ` + responseScopes + ` AS scope, scope.1 AS scope_kind, scope.2 AS scope_id, customer_id, min(grade) > 3 AS clean
	FROM ` + rawResponses + ` WHERE survey = 'instant' AND brand = '' AND customer_id != '' GROUP BY start, scope, customer_id
) GROUP BY start, scope_kind, scope_id`
}

// complaintsReference is every complaint, from its steps.
const complaintsReference = `(SELECT *, first_region AS region, first_store_id AS store_id, first_source AS source, first_employee_id AS employee_id, first_category AS category FROM (
	SELECT customer_id, complaint_id, countIf(step = 'opened') > 0 AS has_opened, minIf(occurred_at, step = 'opened') AS opened_at,
		arraySort(groupArray((occurred_at, rank, toString(step), employee_id, remedies))) AS steps,
		arrayFilter(s -> s.3 = 'resolved' AND (NOT has_opened OR s.1 >= opened_at), steps) AS resolutions,
		notEmpty(resolutions) AS has_resolved, arrayMax(arrayMap(s -> s.1, arrayPushBack(resolutions, (toDateTime64(0, 3, 'UTC'), 0, '', '', [])))) AS resolved_at,
		arrayLast(s -> s.3 IN ('opened', 'reopened', 'resolved', 'withdrawn'), steps) AS latest,
		multiIf(latest.3 = 'resolved', 'resolved', latest.3 = 'withdrawn', 'withdrawn', 'open') AS state,
		arrayFilter(s -> s.3 IN ('contacted', 'remedied', 'resolved') AND s.1 >= opened_at, steps) AS answers,
		countIf(step = 'contacted') AS contacts, countIf(step = 'handed_off') AS handoffs, countIf(step = 'reopened') AS times_reopened,
		uniqExactIf(employee_id, employee_id != '') AS met, length(groupUniqArrayArray(remedies)) AS remedy_depth,
		argMaxIf(outcome_fairness, (occurred_at, rank), outcome_fairness > 0) AS outcome, maxIf(occurred_at, outcome_fairness > 0) AS outcome_at,
		argMaxIf(process_fairness, (occurred_at, rank), process_fairness > 0) AS process, maxIf(occurred_at, process_fairness > 0) AS process_at,
		argMinIf(toString(region), (occurred_at, rank), region != '') AS first_region, argMinIf(store_id, (occurred_at, rank), store_id != '') AS first_store_id,
		argMinIf(toString(source), (occurred_at, rank), source != '') AS first_source, argMinIf(employee_id, (occurred_at, rank), employee_id != '') AS first_employee_id,
		argMinIf(toString(category), (occurred_at, rank), category != '') AS first_category,
		intDiv(toUnixTimestamp64Milli(resolved_at) - toUnixTimestamp64Milli(opened_at), 1000) AS recovery_seconds,
		intDiv(toUnixTimestamp64Milli(answers[1].1) - toUnixTimestamp64Milli(opened_at), 1000) AS response_seconds,
		if(first_category = 'price', 172800, 86400) AS promise,
		opened_at + toIntervalSecond(promise) AS deadline,
		has_opened AND (state = 'open' OR (state = 'resolved' AND resolved_at > deadline) OR (state = 'withdrawn' AND latest.1 > deadline)) AS breached
	FROM ` + rawSteps + ` GROUP BY customer_id, complaint_id
))`

// presentReference is the end of the latest minute in which something happened: deadlines after it are still to come.
var presentReference = `(SELECT toStartOfMinute(max(at)) + INTERVAL 1 MINUTE FROM (SELECT max(occurred_at) AS at FROM ` + rawResponses + ` UNION ALL SELECT max(occurred_at) FROM ` + rawSteps + `))`

// recoveryReference lists what each complaint adds at which instant, and sums by pane and scope.
func recoveryReference() string {
	var shares []string
	for _, c := range event.Categories {
		shares = append(shares, fmt.Sprintf("countIf(what = 'opened' AND category = '%[1]s') / nullIf(countIf(what = 'opened'), 0) AS category_%[1]s_share", c))
	}
	quantile := func(q string) string {
		return fmt.Sprintf("if(countIf(what = 'recovery') = 0, NULL, arraySort(groupArrayIf(v1, what = 'recovery'))[toUInt64(ceil(%s * countIf(what = 'recovery')))])", q)
	}
	return `SELECT toUInt32(pane.1) AS resolution, pane.2 AS start, scope.1 AS scope_kind, scope.2 AS scope_id,
	countIf(what = 'opened') AS opened, countIf(what = 'resolved') AS resolved, countIf(what = 'reopened') AS reopened, countIf(what = 'withdrawn') AS withdrawn, countIf(what = 'breached') AS breached,
	avgOrNullIf(v1, what = 'recovery') AS mean_recovery_seconds, ` + quantile("0.5") + ` AS recovery_p50, ` + quantile("0.9") + ` AS recovery_p90, ` + quantile("0.99") + ` AS recovery_p99,
	avgOrNullIf(v1, what = 'answer') AS mean_first_response_seconds,
	avgOrNullIf(contacts, what = 'resolved') AS mean_contacts, avgOrNullIf(handoffs, what = 'resolved') AS mean_handoffs, avgOrNullIf(met, what = 'resolved') AS mean_employees_met, avgOrNullIf(remedy_depth, what = 'resolved') AS remedy_depth,
	avgOrNullIf(has_opened AND contacts <= 1 AND handoffs = 0 AND times_reopened = 0, what = 'resolved') AS first_contact_resolution,
	avgOrNullIf(v1, what = 'outcome') AS outcome_fairness, avgOrNullIf(v1, what = 'process') AS process_fairness,
	countIf(what = 'followed' AND v1 >= 5) / nullIf(countIf(what = 'followed'), 0) AS recovered,
	avgOrNullIf(v1, what = 'followed') - avgOrNullIf(v1, what = 'innocent') AS recovery_paradox,
	1000 * countIf(what = 'opened') / nullIf(countIf(what IN ('innocent', 'complainer')), 0) AS complaints_per_1000_responses, ` + strings.Join(shares, ", ") + `
FROM (
	SELECT item.1 AS what, item.3 AS v1, contacts, handoffs, met, remedy_depth, has_opened, times_reopened, category, ` + panesOf("item.2") + ` AS pane, ` + complaintScopes + ` AS scope
	FROM (
		SELECT c.*, arrayJoin(arrayConcat(
			if(has_opened, [('opened', opened_at, toInt64(0))], []), if(has_resolved, [('resolved', resolved_at, toInt64(0))], []),
			arrayMap(s -> ('reopened', s.1, toInt64(0)), arrayFilter(s -> s.3 = 'reopened', steps)),
			if(state = 'withdrawn', [('withdrawn', latest.1, toInt64(0))], []), if(breached AND deadline <= ` + presentReference + `, [('breached', deadline, toInt64(0))], []),
			if(has_opened AND has_resolved, [('recovery', resolved_at, recovery_seconds)], []),
			if(has_opened AND notEmpty(answers), [('answer', answers[1].1, response_seconds)], []),
			if(outcome > 0, [('outcome', outcome_at, toInt64(outcome))], []), if(process > 0, [('process', process_at, toInt64(process))], []),
			if(has_resolved AND arrayExists(g -> g.1 > resolved_at, g.grades), [('followed', resolved_at, toInt64(arrayFirst(g -> g.1 > resolved_at, g.grades).2))], []))) AS item
		FROM ` + complaintsReference + ` AS c
		LEFT JOIN (SELECT customer_id, arraySort(groupArray((occurred_at, grade))) AS grades FROM ` + rawResponses + ` WHERE survey = 'instant' AND brand = '' AND customer_id != '' GROUP BY customer_id) AS g ON c.customer_id = g.customer_id
	)
	UNION ALL
	SELECT if(customer_id != '' AND customer_id IN (SELECT customer_id FROM complaint_events), 'complainer', 'innocent'), toInt64(grade), 0, 0, 0, 0, false, 0, '', ` + panesOf("occurred_at") + `, ` + responseScopes + `
	FROM ` + rawResponses + ` WHERE survey = 'instant' AND brand = ''
) WHERE ` + kept + ` GROUP BY resolution, start, scope_kind, scope_id HAVING countIf(what NOT IN ('innocent', 'complainer')) > 0`
}

// backlogReference counts, one by one, the complaints open at the ends of panes of one scope kind.
func backlogReference(kind, id string) string {
	return `SELECT toUInt32(60) AS resolution, p.start AS start, '` + kind + `' AS scope_kind, p.scope_id AS scope_id,
	uniqExactIf((customer_id, complaint_id), f < at AND t >= at) AS backlog, maxOrNullIf(dateDiff('second', opened, at), f < at AND t >= at) AS backlog_age
FROM (SELECT toUInt32(toUnixTimestamp(pane_start)) AS start, scope_id, toDateTime64(pane_start + INTERVAL 1 MINUTE, 3, 'UTC') AS at FROM recovery WHERE resolution = 60 AND scope_kind = '` + kind + `') AS p
INNER JOIN (
	SELECT customer_id, complaint_id, ` + id + ` AS scope_id, froms[1] AS opened, arrayJoin(arrayZip(froms, tos)) AS stretch, stretch.1 AS f, stretch.2 AS t FROM (
		SELECT *, arrayFilter(s -> s.3 IN ('opened', 'reopened', 'resolved', 'withdrawn'), steps) AS turns,
			arrayFilter((s, i) -> s.3 IN ('opened', 'reopened') AND (i = 1 OR turns[i - 1].3 IN ('resolved', 'withdrawn')), turns, arrayEnumerate(turns)) AS starts,
			arrayMap(s -> s.1, starts) AS froms,
			arrayMap(f -> arrayFirst(s -> s.3 IN ('resolved', 'withdrawn') AND (s.1, s.2) > (f.1, f.2), arrayPushBack(turns, (toDateTime64('2106-01-01 00:00:00', 3, 'UTC'), 99, 'withdrawn', '', []))).1, starts) AS tos
		FROM ` + complaintsReference + `
	) WHERE notEmpty(froms)
) AS s ON p.scope_id = s.scope_id
GROUP BY start, p.scope_id`
}

// differences compares columns of a view with a reference, cell by cell; tolerance is relative. It returns the number
// of cells compared.
func differences(t *testing.T, conn driver.Conn, view, where, reference string, columns []string, tolerance float64) (cells uint64) {
	t.Helper()
	ctx := context.Background()
	var each []string
	for _, c := range columns {
		each = append(each, fmt.Sprintf("('%[1]s', toFloat64(v.%[1]s), toFloat64(r.%[1]s))", c))
	}
	joined := `(SELECT v.resolution AS vres, r.resolution AS rres, v.start AS vstart, r.start AS rstart, v.scope_kind AS vkind, r.scope_kind AS rkind, v.scope_id AS vid, r.scope_id AS rid,
		arrayJoin([` + strings.Join(each, ", ") + `]) AS cell
	FROM (SELECT *, toUInt32(toUnixTimestamp(pane_start)) AS start FROM ` + view + ` WHERE ` + where + `) AS v
	FULL OUTER JOIN (` + reference + `) AS r ON v.resolution = r.resolution AND v.start = r.start AND toString(v.scope_kind) = toString(r.scope_kind) AND v.scope_id = r.scope_id)`
	wrong := fmt.Sprintf("isNull(cell.2) != isNull(cell.3) OR abs(cell.2 - cell.3) > %v * greatest(abs(cell.2), abs(cell.3)) + 1e-9 OR vres != rres", tolerance)
	var bad uint64
	if err := conn.QueryRow(ctx, "SELECT count(), countIf("+wrong+") FROM "+joined+" SETTINGS join_use_nulls = 1").Scan(&cells, &bad); err != nil {
		t.Fatalf("comparing %s: %v", view, err)
	}
	if cells == 0 {
		t.Fatalf("comparing %s: nothing was compared", view)
	}
	if bad == 0 {
		return cells
	}
	rows, err := conn.Query(ctx, "SELECT ifNull(vres, 0), ifNull(rres, 0), ifNull(vstart, 0), ifNull(rstart, 0), toString(ifNull(vkind, '')), toString(ifNull(rkind, '')), ifNull(vid, ''), ifNull(rid, ''), cell.1, cell.2, cell.3 FROM "+joined+" WHERE "+wrong+" LIMIT 12 SETTINGS join_use_nulls = 1")
	if err != nil {
		t.Fatalf("reading the differences of %s: %v", view, err)
	}
	defer rows.Close()
	for rows.Next() {
		var vres, rres, vs, rs uint32
		var vk, rk, vi, ri, column string
		var a, b *float64
		if err := rows.Scan(&vres, &rres, &vs, &rs, &vk, &rk, &vi, &ri, &column, &a, &b); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s: resolution %d|%d start %d|%d %s|%s %q|%q: %s: view %s, reference %s", view, vres, rres, vs, rs, vk, rk, vi, ri, column, number(a), number(b))
	}
	t.Errorf("%s: %d of %d cells differ", view, bad, cells)
	return cells
}

func number(f *float64) string {
	if f == nil {
		return "NULL"
	}
	return fmt.Sprint(*f)
}

func columnsOf(list []measure) []string {
	var names []string
	for _, m := range list {
		names = append(names, m.column)
	}
	return names
}
