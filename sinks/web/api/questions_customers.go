package api

import "strings"

// toCall joins the customers with open actions, each once with the newest, to their risk and the open complaint of that action.
const toCall = `FROM (
    SELECT customer_id, arraySort(groupUniqArray(toString(action))) AS actions, argMax(store_id, opened_at) AS last_store, argMax(employee_id, opened_at) AS last_employee, argMax(complaint_id, opened_at) AS last_complaint, max(opened_at) AS last_opened,
        argMax(toUInt8OrNull(extract(reason, '^grade (\\d), ')), opened_at) AS graded
    FROM {{db}}.actions
    WHERE state = 'open' AND customer_id != '' AND {{concerned}}
    GROUP BY customer_id
) AS a
LEFT JOIN {{db}}.churn_risk AS r ON a.customer_id = r.customer_id
LEFT JOIN (
    SELECT customer_id, complaint_id, category, assumeNotNull(opened_at) + toIntervalSecond(promise_seconds) AS promised_at, breached
    FROM {{db}}.complaint_state WHERE state = 'open'
) AS c ON a.customer_id = c.customer_id AND a.last_complaint = c.complaint_id`

// dueToday is true for customers of toCall who should not wait for another day.
const dueToday = "(ifNull(c.promised_at < toDateTime({at:DateTime('UTC')}, 'UTC') + INTERVAL 1 DAY, false) OR ifNull(r.churn_band = 'high', false) AND a.last_opened >= toDateTime({at:DateTime('UTC')}, 'UTC') - INTERVAL 3 DAY)"

var customerQuestions = []Question{
	{
		ID: "risk", Summary: "Customers who have not left, by band of churn risk, with the value at risk and how many of them leave if the risks are right: 95 % by chance alone (Poisson binomial, by its variance). For a scope, those with a bad experience there in the period.", Views: []string{"churn_risk"}, Period: true, Scope: true,
		SQL: `SELECT churn_band, count() AS customers, sum(value_at_risk) AS value_at_risk, sum(churn_risk) AS leaving,
    greatest(0, leaving - 1.959963984540054 * sqrt(sum(churn_risk * (1 - churn_risk))) - 0.5) AS leaving_low, least(toFloat64(customers), leaving + 1.959963984540054 * sqrt(sum(churn_risk * (1 - churn_risk))) + 0.5) AS leaving_high
FROM {{db}}.churn_risk
WHERE NOT ifNull(churned, false) AND {{hurt}}
GROUP BY churn_band
ORDER BY indexOf(['high', 'medium', 'low'], churn_band)`,
	},
	{
		ID: "risk_trend", Summary: "Customers at risk over time, noted every hour.", Views: []string{"risk_over_time"}, Period: true,
		SQL: `SELECT at, customers, high, high_share, value_at_risk
FROM {{db}}.risk_over_time
WHERE scope_kind = 'all' AND at >= {from:DateTime('UTC')} AND at <= {to:DateTime('UTC')}
ORDER BY at`,
	},
	{
		ID: "customers", Summary: "Customers by their risk of leaving, with reasons; for a scope, those with a bad experience there in the period.", Views: []string{"churn_risk", "unhappy_between"}, Period: true, Scope: true, Most: 1000,
		Params: []Param{{Name: "band", Summary: "band of risk", Choices: []string{"raised", "high", "medium", "low", "any"}}},
		Sort:   []string{"value_at_risk", "churn_risk", "latest_at", "latest_grade"},
		SQL: `SELECT customer_id, churn_risk, churn_band, reasons, leave_reason, value_at_risk, current_value, latest_grade, nullIf(latest_at, toDateTime64(0, 3, 'UTC')) AS latest_at, responses, complaints
FROM {{db}}.churn_risk
WHERE NOT ifNull(churned, false) AND ({band:String} = 'any' OR churn_band = {band:String} OR {band:String} = 'raised' AND churn_band != 'low') AND {{hurt}}`,
	},
	{
		ID: "unhappy", Summary: "Customers with a bad experience in a scope and period, the worst first.", Views: []string{"unhappy_between"}, Period: true, Scope: true, Most: 1000,
		SQL: `SELECT customer_id, bad_responses, worst_grade, complaints, open_complaints, last_bad_at
FROM {{db}}.unhappy_between(` + period + ", " + scope + `)
ORDER BY open_complaints DESC, worst_grade, last_bad_at DESC, customer_id`,
	},
	{
		ID: "customer", Summary: "One customer's risk and value.", Views: []string{"churn_risk"},
		Params: []Param{{Name: "customer", Summary: "as the other answers give it: a pseudonym, or the id where the configuration shows ids", Required: true}},
		SQL: `SELECT customer_id, churn_risk, churn_band, reasons, contributions, leave_reason, value_at_risk, current_value, potential_value, replacement_cost, responses, latest_grade, ewma_grade, complaints, last_purchase_at, usual_gap_days, departed_at, churned
FROM {{db}}.churn_risk
WHERE customer_id = {customer:String}`,
	},
	{
		ID: "moments", Summary: "The last moments of one customer, the newest first.", Views: []string{"customer_moments"}, Most: 200,
		Params: []Param{{Name: "customer", Summary: "as the other answers give it: a pseudonym, or the id where the configuration shows ids", Required: true}},
		SQL: `SELECT occurred_at, moment, store_id, employee_id, touchpoint, grade, nps_answer, ces_answer, stars_answer, step, category, complaint_id, amount, comment
FROM {{db}}.customer_moments(customer = {customer:String})
ORDER BY occurred_at DESC, moment, step`,
	},
	{
		ID: "tiers", Summary: "The four tiers of customers.", Views: []string{"tiers"},
		SQL: "SELECT tier, customers, spend, spend_share, from_spend, pareto_share, closed_month\nFROM {{db}}.tiers\nORDER BY spend_share DESC",
	},
	{
		ID: "calls", Summary: "How many customers are to be called, those with open actions about them, and how many of them today; for a scope, those of it.", Views: []string{"actions", "churn_risk", "complaint_state"}, Period: true, Scope: true,
		SQL: "SELECT count() AS calls, countIf(" + dueToday + ") AS today\n" + toCall,
	},
	{
		ID: "call_list", Summary: "Customers to call, each once: what is to be done, the grade after which to call, the latest grade, what the complaint is about and until when its end is promised, what they said last in a month, who served them, and the value at risk. Today is due: a complaint whose promised time is over or ends within a day, and whoever is at high risk after a bad experience of the last three days.", Views: []string{"actions", "churn_risk", "complaint_state"}, Period: true, Scope: true, Most: 1000,
		Params: []Param{
			{Name: "due", Summary: "all, or only those to be called today", Choices: []string{"any", "today"}, picks: map[string]string{"any": "true", "today": dueToday}},
			{Name: "stores", Summary: "all, or only those of stores that an alert fires about", Choices: []string{"any", "firing"},
				picks: map[string]string{"any": "true", "firing": "store_id IN (SELECT scope_id FROM {{db}}.alerts WHERE state = 'firing' AND scope_kind = 'store')"}},
			{Name: "words", Summary: "whether with what they said last; otherwise it is empty", Choices: []string{"no", "yes"},
				picks: map[string]string{
					"no":  "LEFT JOIN (SELECT '' AS customer_id, '' AS comment WHERE false) AS w ON a.customer_id = w.customer_id",
					"yes": "LEFT JOIN {{db}}.last_words AS w ON a.customer_id = w.customer_id"}},
		},
		Sort: []string{"value_at_risk", "churn_risk", "promised_at", "latest_grade", "opened_at"},
		SQL: `SELECT a.customer_id AS customer_id, a.actions AS actions, a.graded AS graded, nullIf(r.latest_grade, 0) AS latest_grade, c.category AS category, nullIf(c.promised_at, toDateTime64(0, 3, 'UTC')) AS promised_at, c.breached AS breached, w.comment AS comment,
    a.last_store AS store_id, a.last_employee AS employee_id, a.last_complaint AS complaint_id, a.last_opened AS opened_at, r.churn_risk AS churn_risk, r.churn_band AS churn_band, r.value_at_risk AS value_at_risk
` + strings.Replace(toCall, "{{concerned}}", "{{concerned}} AND {{stores}}", 1) + `
{{words}}
WHERE {{due}}`,
	},
	{
		ID: "actions", Summary: "What is to be done for whom.", Views: []string{"actions"}, Most: 1000,
		Params: []Param{
			{Name: "state", Summary: "open or closed", Choices: []string{"open", "closed", "any"}},
			{Name: "action", Summary: "which", Choices: []string{"any", "call_back", "retest", "apologise", "correct", "compensate", "go_further"}},
			{Name: "store", Summary: "only those of this store"},
			{Name: "customer", Summary: "only those about this customer"},
		},
		SQL: `SELECT action, state, customer_id, employee_id, complaint_id, store_id, opened_at, closed_at, reason, outcome
FROM {{db}}.actions
WHERE ({state:String} = 'any' OR state = {state:String}) AND ({action:String} = 'any' OR action = {action:String}) AND ({store:String} = '' OR store_id = {store:String}) AND ({customer:String} = '' OR customer_id = {customer:String})
ORDER BY opened_at DESC, action_id`,
	},
}
