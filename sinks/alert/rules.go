package alert

import "csatflow/sinks/alert/ruleset"

// Names of the rules.
const (
	SatisfactionFloor = "satisfaction_floor"
	SatisfactionDrop  = "satisfaction_drop"
	SatisfactionDrift = "satisfaction_drift"
	ComplaintSurge    = "complaint_surge"
	RecoverySlow      = "recovery_slow"
	PromiseBreach     = "promise_breach"
	SilentFeed        = "silent_feed"
	ChurnRise         = "churn_rise"
	ValueAtRisk       = "value_at_risk"
	CustomerTrouble   = ruleset.CustomerTrouble
)

// Rules say what is looked for.
type Rules = ruleset.Rules
