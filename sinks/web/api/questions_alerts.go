package api

// alertsQuestion is the id of the question whose answers have keys of alerts.
const alertsQuestion = "alerts"

var alertQuestions = []Question{
	{
		ID: alertsQuestion, Summary: "Alerts that fire or fired in the period, of a scope or of all; the newest first.", Views: []string{"alerts"}, Period: true, Scope: true, Most: 1000,
		Params: []Param{
			{Name: "state", Summary: "whether it fires", Choices: []string{"any", "firing", "resolved"}},
			{Name: "key", Summary: "only the alert with this key, of any time"},
		},
		SQL: `SELECT key, rule, scope_kind, scope_id, part, severity, state, started_at, fired_at, resolved_at, measure, value, expected, low, high, cases, p, evidence, untold
FROM {{db}}.alerts
WHERE if({key:String} != '', key = {key:String} AND (scope_kind != 'customer' OR {about_customers:String} = 'yes'), ({state:String} = 'any' OR state = {state:String}) AND started_at < {to:DateTime('UTC')} AND (isNull(resolved_at) OR resolved_at >= {from:DateTime('UTC')})
    AND ({scope_kind:String} = 'all' OR ` + within + `))
ORDER BY fired_at DESC, rule, scope_kind, scope_id, part`,
	},
	{
		ID: "alert_coverage", Summary: "The time over which alerts have been looked for, null if never, and until when events are known. Outside that time, the absence of alerts means nothing.", Views: []string{"alert_coverage"},
		SQL: "SELECT evaluated_from, evaluated_until, known_until\nFROM {{db}}.alert_coverage",
	},
}
