package tables

// ImprovementLog is the table improvement_log.
var ImprovementLog = &Table{
	Name:  "improvement_log",
	About: "Improvements: planned, done, checked, acted upon (section 8). Written by csatflow improvement.",
	Kind:  Record,
	Key:   []string{"id"}, Version: "version",
	Columns: []Column{
		{Name: "id", Type: "String"},
		{Name: "version", Type: "UInt64", Comment: "when it was written, milliseconds"},
		{Name: "name", Type: "String"},
		{Name: "method", Type: "LowCardinality(String)", Comment: "pdca or six_sigma"},
		{Name: "measure", Type: "LowCardinality(String)", Comment: "column of satisfaction or recovery"},
		{Name: "scope_kind", Type: "LowCardinality(String)"},
		{Name: "scope_id", Type: "String"},
		{Name: "target", Type: "Float64", Comment: "change of the measure that is aimed at"},
		{Name: "planned_at", Type: "DateTime('UTC')"},
		{Name: "changed_at", Type: "Nullable(DateTime('UTC'))"},
		{Name: "checked_at", Type: "Nullable(DateTime('UTC'))"},
		{Name: "closed_at", Type: "Nullable(DateTime('UTC'))"},
		{Name: "outcome", Type: "LowCardinality(String)", Comment: "adopted, adjusted or dropped, empty while it is open"},
		{Name: "note", Type: "String"},
		{Name: "effect", Type: "Nullable(Float64)", Comment: "difference in differences at the last check"},
		{Name: "low", Type: "Nullable(Float64)"},
		{Name: "high", Type: "Nullable(Float64)"},
		{Name: "p_placebo", Type: "Nullable(Float64)", Comment: "share of untreated scopes with as large an effect, this one counted"},
		{Name: "before", Type: "Nullable(Float64)"},
		{Name: "after", Type: "Nullable(Float64)"},
		{Name: "control_before", Type: "Nullable(Float64)"},
		{Name: "control_after", Type: "Nullable(Float64)"},
		{Name: "days_before", Type: "UInt32"},
		{Name: "days_after", Type: "UInt32"},
	},
}

// CSIEstimates is the table csi_estimates.
var CSIEstimates = &Table{
	Name:  "csi_estimates",
	About: "Estimates of the satisfaction index (section 8). Written by csatflow csi.",
	Kind:  Record,
	Key:   []string{"scope_kind", "scope_id", "period_from", "period_to", "kind", "from_variable", "to_variable"}, Version: "version",
	Columns: []Column{
		{Name: "period_from", Type: "DateTime('UTC')"},
		{Name: "period_to", Type: "DateTime('UTC')"},
		{Name: "scope_kind", Type: "LowCardinality(String)"},
		{Name: "scope_id", Type: "String"},
		{Name: "kind", Type: "LowCardinality(String)", Comment: "index, r2, path, effect, weight, loading"},
		{Name: "from_variable", Type: "LowCardinality(String)", Comment: "of a path; the latent variable of an indicator or index"},
		{Name: "to_variable", Type: "LowCardinality(String)", Comment: "of a path; the indicator of a weight or loading"},
		{Name: "version", Type: "UInt64", Comment: "when it was written, milliseconds"},
		{Name: "value", Type: "Float64"},
		{Name: "low", Type: "Float64", Comment: "95 % bootstrap interval"},
		{Name: "high", Type: "Float64"},
		{Name: "responses", Type: "UInt64"},
	},
}

// AlertLog is the table alert_log.
var AlertLog = &Table{
	Name:  "alert_log",
	About: "Alerts that csatflow run raised: one row each, replaced while the alert goes on and when it is resolved.",
	Kind:  Record,
	Key:   []string{"rule", "scope_kind", "scope_id", "started_at", "part"}, Version: "version",
	Columns: []Column{
		{Name: "rule", Type: "LowCardinality(String)"},
		{Name: "scope_kind", Type: "LowCardinality(String)", Comment: "a kind of scope, or customer"},
		{Name: "scope_id", Type: "String"},
		{Name: "started_at", Type: "DateTime('UTC')", Comment: "event time since when; with rule and scope the identity of the alert"},
		{Name: "version", Type: "UInt64", Comment: "event time of the evaluation, seconds, times 2, plus 1 when resolved"},
		{Name: "severity", Type: "LowCardinality(String)", Comment: "page, warning or info"},
		{Name: "fired_at", Type: "DateTime('UTC')", Comment: "event time at which it was found"},
		{Name: "resolved_at", Type: "Nullable(DateTime('UTC'))"},
		{Name: "measure", Type: "LowCardinality(String)", Comment: "of the catalogue"},
		{Name: "value", Type: "Float64", Comment: "of the measure since started_at"},
		{Name: "expected", Type: "Float64"},
		{Name: "low", Type: "Float64", Comment: "95 % interval of expected - value, or of value - expected where more is worse"},
		{Name: "high", Type: "Float64"},
		{Name: "cases", Type: "UInt64", Comment: "responses, complaints or customers behind value"},
		{Name: "p", Type: "Float64", Comment: "chance of it in quiet times"},
		{Name: "part", Type: "LowCardinality(String)", Comment: "complaint category, or empty"},
		{Name: "evidence", Type: "String", Comment: "JSON: what carries it and what moved with it"},
		{Name: "untold", Type: "UInt8", Default: "0", Comment: "of a time that was caught up with: 1 when nobody was told of it, 2 when its end is still to be told"},
	},
}

// AlertEvaluations is the table alert_evaluations.
var AlertEvaluations = &Table{
	Name:  "alert_evaluations",
	About: "Until when alerts have been looked for: the newest row counts.",
	Kind:  Record,
	Key:   []string{"what"}, Version: "evaluated_until",
	Columns: []Column{
		{Name: "what", Type: "LowCardinality(String)", Comment: "alerts"},
		{Name: "evaluated_from", Type: "DateTime('UTC')", Comment: "event time since when without a gap"},
		{Name: "evaluated_until", Type: "DateTime('UTC')", Comment: "event time of the last evaluation"},
	},
}

// AlertDeliveries is the table alert_deliveries.
var AlertDeliveries = &Table{
	Name:  "alert_deliveries",
	About: "Delivered messages about alerts, so that a restart repeats none that was accepted.",
	Kind:  Record,
	Key:   []string{"channel", "key"}, Version: "delivered_at", Keep: Retention{Days: 60, Column: "delivered_at"},
	Columns: []Column{
		{Name: "channel", Type: "LowCardinality(String)"},
		{Name: "key", Type: "String", Comment: "idempotency key: of an alert and its state"},
		{Name: "delivered_at", Type: "DateTime64(3, 'UTC')", Default: "now64(3)"},
	},
}

// ActionLog is the table action_log.
var ActionLog = &Table{
	Name:  "action_log",
	About: "Actions, as they were sent to the topic of actions.",
	Kind:  Record,
	Key:   []string{"action_id"}, Version: "version",
	Columns: []Column{
		{Name: "action_id", Type: "String"},
		{Name: "version", Type: "UInt64", Comment: "1 when it was opened, 2 when it was closed"},
		{Name: "action", Type: "LowCardinality(String)", Comment: "call_back, retest, apologise, correct, compensate, go_further"},
		{Name: "customer_id", Type: "String", Comment: "or empty"},
		{Name: "employee_id", Type: "String", Comment: "or empty"},
		{Name: "complaint_id", Type: "String", Comment: "or empty"},
		{Name: "store_id", Type: "String"},
		{Name: "opened_at", Type: "DateTime64(3, 'UTC')", Comment: "event time"},
		{Name: "closed_at", Type: "Nullable(DateTime64(3, 'UTC'))"},
		{Name: "reason", Type: "String"},
		{Name: "outcome", Type: "LowCardinality(String)", Comment: "how it was closed: complained, satisfied, done, resolved, withdrawn, left, lapsed; empty while open"},
	},
}

// RiskLevels is the table risk_levels.
var RiskLevels = &Table{
	Name:  "risk_levels",
	About: "Number of customers at risk by the hour: churn_risk shows only the present.",
	Kind:  Record,
	Key:   []string{"scope_kind", "scope_id", "at"},
	Columns: []Column{
		{Name: "at", Type: "DateTime('UTC')", Comment: "event time"},
		{Name: "scope_kind", Type: "LowCardinality(String)"},
		{Name: "scope_id", Type: "String"},
		{Name: "customers", Type: "UInt64"},
		{Name: "high", Type: "UInt64", Comment: "customers of the band high"},
		{Name: "value_at_risk", Type: "Float64"},
	},
}
