package api

// openedWithin is the condition for complaints opened in the period.
const openedWithin = "opened_at >= toDateTime({from:DateTime('UTC')}, 'UTC') AND opened_at < toDateTime({to:DateTime('UTC')}, 'UTC')"

var recoveryQuestions = []Question{
	{
		ID: "recovery", Summary: "Every measure of recovery of a scope over a period, except the backlog.", Views: []string{"recovery_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (step_start, scope_kind, scope_id)\nFROM {{db}}.recovery_between(" + whole + ")\nWHERE " + within,
	},
	{
		ID: "recovery_outcomes", Summary: "What became of the complaints of a scope that were opened in a period, those still open and customers who left included.", Views: []string{"recovery_outcomes_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (scope_kind, scope_id)\nFROM {{db}}.recovery_outcomes_between(from = {from:DateTime('UTC')}, to = {to:DateTime('UTC')})\nWHERE " + within,
	},
	{
		ID: "recovery_trend", Summary: "Recovery of a scope by steps of a period.", Views: []string{"recovery_between"}, Period: true, Scope: true,
		SQL: "SELECT step_start, opened, resolved, reopened, breached, recovery_p50, recovery_p90\nFROM {{db}}.recovery_between(" + steps + ")\nWHERE " + within + "\nORDER BY step_start",
	},
	{
		ID: "backlog", Summary: "Open complaints of a scope now, the oldest of them, and those whose promised time is over.", Views: []string{"recovery", "complaint_state"}, Period: true, Scope: true,
		SQL: "SELECT count() AS backlog, if(count() = 0, NULL, dateDiff('second', min(opened_at), toDateTime({at:DateTime('UTC')}, 'UTC'))) AS backlog_age, countIf(breached_at < toDateTime({at:DateTime('UTC')}, 'UTC')) AS overdue, min(promise_seconds) AS promise_seconds\nFROM {{db}}.complaint_state\nWHERE state = 'open' AND opened_at < toDateTime({at:DateTime('UTC')}, 'UTC') AND " + complaintScope,
	},
	{
		ID: "complaints", Summary: "Complaints of a scope as they stand now: all that are open, and the others opened in the period.", Views: []string{"complaint_state"}, Period: true, Scope: true, Most: 1000,
		Params: []Param{{Name: "state", Summary: "where they stand", Choices: []string{"open", "resolved", "withdrawn", "any"}}},
		Sort:   []string{"promise_used", "age_seconds", "opened_at", "recovery_seconds", "handoffs"},
		SQL: `SELECT complaint_id, customer_id, state, category, store_id, employee_id, opened_at, if(state = 'open', dateDiff('second', opened_at, toDateTime({at:DateTime('UTC')}, 'UTC')), recovery_seconds) AS age_seconds,
    promise_seconds, age_seconds / promise_seconds AS promise_used, contacts, handoffs, remedies, recovery_seconds, grade_after
FROM {{db}}.complaint_state
WHERE ({state:String} = 'any' OR state = {state:String}) AND (state = 'open' AND opened_at < toDateTime({at:DateTime('UTC')}, 'UTC') OR ` + openedWithin + ") AND " + complaintScope,
	},
	{
		ID: "board", Summary: "Number of complaints by state, and of open ones by the share of the promised time that is used.", Views: []string{"complaint_state"}, Period: true, Scope: true,
		SQL: `SELECT multiIf(state != 'open', toString(state), dateDiff('second', opened_at, toDateTime({at:DateTime('UTC')}, 'UTC')) > promise_seconds, 'overdue', dateDiff('second', opened_at, toDateTime({at:DateTime('UTC')}, 'UTC')) > 0.5 * promise_seconds, 'half', 'fresh') AS place, count() AS complaints
FROM {{db}}.complaint_state
WHERE (state = 'open' AND opened_at < toDateTime({at:DateTime('UTC')}, 'UTC') OR ` + openedWithin + ") AND " + complaintScope + `
GROUP BY place`,
	},
	{
		ID: "funnel", Summary: "How far the complaints opened in a period came.", Views: []string{"complaint_state"}, Period: true, Scope: true,
		SQL: `SELECT count() AS opened, countIf(isNotNull(first_response_at)) AS answered, countIf(remedy_depth > 0) AS remedied, countIf(state = 'resolved') AS resolved, countIf(isNotNull(grade_after)) AS graded, countIf(recovered) AS recovered
FROM {{db}}.complaint_state
WHERE ` + openedWithin + " AND " + complaintScope,
	},
	{
		ID: "contacts", Summary: "Contacts and hand-offs of the complaints opened in a period.", Views: []string{"complaint_state"}, Period: true, Scope: true,
		SQL: `SELECT least(contacts, 6) AS contacts, least(handoffs, 4) AS handoffs, count() AS complaints
FROM {{db}}.complaint_state
WHERE ` + openedWithin + " AND " + complaintScope + `
GROUP BY contacts, handoffs
ORDER BY contacts, handoffs`,
	},
	{
		ID: "recovery_times", Summary: "Recovery time of the resolved complaints that were opened in a period, in classes with an upper bound in seconds.", Views: []string{"complaint_state"}, Period: true, Scope: true,
		SQL: `SELECT arrayFirst(c -> recovery_seconds <= c, [300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800, 4294967295]) AS up_to_seconds, count() AS complaints
FROM {{db}}.complaint_state
WHERE isNotNull(recovery_seconds) AND ` + openedWithin + " AND " + complaintScope + `
GROUP BY up_to_seconds
ORDER BY up_to_seconds`,
	},
	{
		ID: "categories", Summary: "Complaints opened in a period by category.", Views: []string{"complaint_state"}, Period: true, Scope: true,
		SQL: `SELECT if(category = '', 'none', toString(category)) AS category, count() AS complaints, countIf(state = 'open') AS open, countIf(breached_at < toDateTime({at:DateTime('UTC')}, 'UTC')) AS overdue
FROM {{db}}.complaint_state
WHERE ` + openedWithin + " AND " + complaintScope + `
GROUP BY category
ORDER BY complaints DESC, category`,
	},
}
