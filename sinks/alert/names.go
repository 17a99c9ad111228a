package alert

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
	CustomerTrouble   = "customer_trouble"
)

// Names are the names of all rules.
func Names() []string {
	return []string{SatisfactionFloor, SatisfactionDrop, SatisfactionDrift, ComplaintSurge, RecoverySlow, PromiseBreach, SilentFeed, ChurnRise, ValueAtRisk, CustomerTrouble}
}
