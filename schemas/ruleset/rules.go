package ruleset

import (
	"fmt"
	"strings"
	"time"
)

// Rules are the settings of the rules. Each rule has a section with its name.
type Rules struct {
	FalseAlerts float64  `koanf:"false_alerts" default:"1" example:"0.5" min:"0.001" max:"100" unit:"alerts per 100 scopes and week" help:"How many alerts all rules together may raise when nothing is the matter; each that judges by chance has a share of it."`
	Scopes      []string `koanf:"scopes" default:"[all, region, store, source, touchpoint, product_category]" example:"[all, region, store]" help:"Kinds of scopes that are looked at."`
	Off         []string `koanf:"off" example:"[value_at_risk]" help:"Rules that are switched off."`
	SpecialDays []string `koanf:"special_days" example:"[2026-12-25, 2026-08-15 store=store-003]" help:"Local days that are not compared with what is usual, and do not count as usual: holidays, pay-days, sales. After a day may stand the one scope that has it; all is the whole chain, whose stores are then still compared with it."`

	Floor   FloorRule   `koanf:"satisfaction_floor" help:"A mean that lies below a floor, whatever was usual."`
	Drop    DropRule    `koanf:"satisfaction_drop" help:"A drop within minutes to two days, against the scope's own past at that hour of the week."`
	Drift   DriftRule   `koanf:"satisfaction_drift" help:"A slow fall over days."`
	Scale   ScaleRule   `koanf:"scale_drop" help:"A drop of the NPS, of customer effort or of the share of 4 and 5 stars within hours to two days, against the scope's own past at that hour of the week; of instant responses."`
	Surge   SurgeRule   `koanf:"complaint_surge" help:"More complaints of a category than usual."`
	Slow    SlowRule    `koanf:"recovery_slow" help:"Recovery slower than promised, more often than is allowed and than is usual there."`
	Breach  BreachRule  `koanf:"promise_breach" help:"Promises broken, more often than is allowed and than is usual there."`
	Silent  SilentRule  `koanf:"silent_feed" help:"A scope that usually speaks and does not."`
	Asking  AskingRule  `koanf:"asking_stopped" help:"A scope that asks far fewer of its customers than usual."`
	Churn   RiseRule    `koanf:"churn_rise" help:"More customers at high risk than a week ago."`
	Value   RiseRule    `koanf:"value_at_risk" help:"More value at risk than a week ago."`
	Trouble TroubleRule `koanf:"customer_trouble" help:"A single customer of a high tier who is about to leave."`
}

// Names of the rules, and of their sections.
const (
	SatisfactionFloor = "satisfaction_floor"
	SatisfactionDrop  = "satisfaction_drop"
	SatisfactionDrift = "satisfaction_drift"
	ScaleDrop         = "scale_drop"
	ComplaintSurge    = "complaint_surge"
	RecoverySlow      = "recovery_slow"
	PromiseBreach     = "promise_breach"
	SilentFeed        = "silent_feed"
	AskingStopped     = "asking_stopped"
	ChurnRise         = "churn_rise"
	ValueAtRisk       = "value_at_risk"
	CustomerTrouble   = "customer_trouble"
)

// rules has the description of each rule.
var rules = map[string]Rule{
	SatisfactionFloor: {English: "Satisfaction below the floor", Chinese: "满意度低于底线", Measure: "mean_grade", Falls: true, Sentence: func(f *Finding) string {
		return fmt.Sprintf("Satisfaction of %s is below the floor: mean grade %.2f, floor %.2f (%d responses since %s)", f.Scope, f.Value, f.Expected, f.Cases, f.Since)
	}},
	SatisfactionDrop: {English: "Satisfaction has dropped", Chinese: "满意度骤降", Chance: .4, Measure: "mean_grade", Falls: true, Sentence: func(f *Finding) string {
		return fmt.Sprintf("Satisfaction of %s has fallen since %s: mean grade %.2f where %.2f is usual, by %.2f (95 %%: %.2f to %.2f; %d responses)", f.Scope, f.Since, f.Value, f.Expected, f.Expected-f.Value, f.Low, f.High, f.Cases)
	}},
	SatisfactionDrift: {English: "Satisfaction is slipping", Chinese: "满意度缓慢下滑", Chance: .15, Measure: "mean_grade", Falls: true, Sentence: func(f *Finding) string {
		return fmt.Sprintf("Satisfaction of %s has been slipping since %s: mean grade %.2f where %.2f was usual before, by %.2f (95 %%: %.2f to %.2f; %d responses)", f.Scope, f.Since, f.Value, f.Expected, f.Expected-f.Value, f.Low, f.High, f.Cases)
	}},
	ScaleDrop: {English: "A score in another scale has dropped", Chinese: "其他量表得分骤降", Chance: .05, Measure: "nps", Measures: map[string]string{"nps": "nps", "ces": "ces_mean", "stars": "stars_top_share"}, Sentence: func(f *Finding) string {
		what, level, by := "The Net Promoter Score", "%+.0f", "%.0f"
		switch f.Part {
		case "ces":
			what, level, by = "The Customer Effort Score", "%.2f", "%.2f"
		case "stars":
			what, level, by = "The share of 4 and 5 stars", "%.2f", "%.2f"
		}
		return fmt.Sprintf("%s of %s has fallen since %s: "+level+" where "+level+" is usual, by "+by+" (95 %%: "+by+" to "+by+"; %d answers)", what, f.Scope, f.Since, f.Value, f.Expected, f.Expected-f.Value, f.Low, f.High, f.Cases)
	}},
	ComplaintSurge: {English: "Complaints surge", Chinese: "投诉激增", Chance: .1, Measure: "opened", Sentence: func(f *Finding) string {
		return fmt.Sprintf("Complaints about %s surge in %s: %.0f since %s where %.1f are usual", f.Part, f.Scope, f.Value, f.Since, f.Expected)
	}},
	RecoverySlow: {English: "Recovery is slow", Chinese: "补救过慢", Measure: "slow_share", Sentence: func(f *Finding) string {
		return fmt.Sprintf("Recovery in %s is slow: %.0f %% of %d complaints resolved since %s took longer than promised; up to %.0f %% are allowed or usual there", f.Scope, 100*f.Value, f.Cases, f.Since, 100*f.Expected)
	}},
	PromiseBreach: {English: "Promises are broken", Chinese: "频繁违诺", Measure: "breached_share", Sentence: func(f *Finding) string {
		return fmt.Sprintf("Promises are broken in %s: %.0f %% of %d complaints due since %s were not resolved in time; up to %.0f %% are allowed or usual there", f.Scope, 100*f.Value, f.Cases, f.Since, 100*f.Expected)
	}},
	SilentFeed: {English: "A feed is silent", Chinese: "数据中断", Chance: .1, Measure: "responses", Sentence: func(f *Finding) string {
		if f.Part != "" {
			return fmt.Sprintf("Nothing has come from more than half of the scopes %s of %s since %s, where %.0f responses are usual", f.Part, f.Scope, f.Since, f.Expected)
		}
		return fmt.Sprintf("Nothing has come from %s since %s, where %.0f responses are usual", f.Scope, f.Since, f.Expected)
	}},
	AskingStopped: {English: "Customers are no longer asked", Chinese: "停止邀请顾客评价", Chance: .05, Measure: "asked", Sentence: func(f *Finding) string {
		return fmt.Sprintf("Hardly anybody is asked in %s: %.0f since %s, where %.0f are usual for as many customers", f.Scope, f.Value, f.Since, f.Expected)
	}},
	ChurnRise: {English: "More customers at high risk", Chinese: "高风险顾客增多", Chance: .05, Measure: "high_share", Sentence: func(f *Finding) string {
		return fmt.Sprintf("More customers are at high risk of leaving: %.1f %% of %d, %.1f %% a week before", 100*f.Value, f.Cases, 100*f.Expected)
	}},
	ValueAtRisk: {English: "Value at risk has risen", Chinese: "风险价值上升", Chance: .05, Measure: "value_at_risk", Sentence: func(f *Finding) string {
		return fmt.Sprintf("The value at risk has risen to %.0f, from %.0f a week before", f.Value, f.Expected)
	}},
	CustomerTrouble: {English: "A good customer is about to leave", Chinese: "重要顾客即将流失", Measure: "churn_risk", OnlyNow: true, Sentence: func(f *Finding) string {
		return fmt.Sprintf("%s (%s) is about to leave: risk %.0f %%", f.Scope, strings.ReplaceAll(f.Part, "_", " "), 100*f.Value)
	}},
}

// FloorRule finds a mean below a fixed floor.
type FloorRule struct {
	Severity   string        `koanf:"severity" default:"page" enum:"page,warning,info" help:"How grave it is."`
	Index      float64       `koanf:"index" default:"40" example:"45" min:"0" max:"100" unit:"of the satisfaction index" help:"The floor."`
	Window     time.Duration `koanf:"window" default:"1h" example:"30m" min:"5m" max:"48h" multiple:"5m" help:"Over which the mean is taken."`
	Confidence float64       `koanf:"confidence" default:"0.999" example:"0.99" min:"0.5" max:"0.999999" unit:"probability" help:"That the mean lies below the floor."`
	Least      int           `koanf:"least_responses" default:"30" example:"50" min:"1" unit:"responses" help:"With fewer nothing is said."`
}

// DropRule finds a drop below the scope's own past at that hour of the week.
type DropRule struct {
	Severity string  `koanf:"severity" default:"page" enum:"page,warning,info" help:"How grave it is."`
	Least    float64 `koanf:"least_drop" default:"0.15" example:"0.3" min:"0" max:"6" unit:"grades" help:"What is less is of no matter."`
}

// DriftRule finds a slow fall over days.
type DriftRule struct {
	Severity string  `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Least    float64 `koanf:"least_drop" default:"0.1" example:"0.2" min:"0" max:"6" unit:"grades" help:"What is less is of no matter."`
}

// ScaleRule finds a drop of a score in another scale than the seven grades.
type ScaleRule struct {
	Severity string  `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Least    float64 `koanf:"least_drop" default:"5" example:"10" min:"0" max:"100" unit:"hundredths of the scale" help:"What is less is of no matter: 5 are 10 points of NPS, 0.3 of customer effort, 5 percentage points of the share of 4 and 5 stars."`
}

// SurgeRule finds more complaints of a category than usual.
type SurgeRule struct {
	Severity string  `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Least    int     `koanf:"least_complaints" default:"5" example:"10" min:"1" unit:"complaints" help:"With fewer nothing is said."`
	Times    float64 `koanf:"times" default:"2" example:"3" min:"1" max:"100" unit:"of the usual number" help:"As many times as usual, at least."`
}

// ShareRule finds a share of complaints above both the allowed and the scope's usual share.
type ShareRule struct {
	Severity string
	Share    float64 // allowed, 0 to 1
	Window   time.Duration
	Least    int
}

// SlowRule is the [ShareRule] of recovery that was slower than promised.
type SlowRule struct {
	Severity string        `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Share    float64       `koanf:"share" default:"0.1" example:"0.2" min:"0.0001" max:"0.9999" unit:"share" help:"Of the complaints resolved in the window, allowed to have taken longer than promised."`
	Window   time.Duration `koanf:"window" default:"24h" example:"72h" min:"1h" max:"672h" multiple:"1h" help:"Over which the share is taken."`
	Least    int           `koanf:"least_complaints" default:"10" example:"20" min:"1" unit:"complaints" help:"With fewer nothing is said."`
}

// BreachRule is the [ShareRule] of promises that were broken.
type BreachRule struct {
	Severity string        `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Share    float64       `koanf:"share" default:"0.05" example:"0.1" min:"0.0001" max:"0.9999" unit:"share" help:"Of the complaints whose promised time ended in the window, allowed to be open still."`
	Window   time.Duration `koanf:"window" default:"24h" example:"72h" min:"1h" max:"672h" multiple:"1h" help:"Over which the share is taken."`
	Least    int           `koanf:"least_complaints" default:"10" example:"20" min:"1" unit:"complaints" help:"With fewer nothing is said."`
}

// SilentRule finds a scope that usually has responses, and now has none.
type SilentRule struct {
	Severity string   `koanf:"severity" default:"page" enum:"page,warning,info" help:"How grave it is."`
	Scopes   []string `koanf:"scopes" default:"[all, store]" example:"[all, source]" help:"Kinds of scopes that are listened to."`
}

// AskingRule finds a scope that asks far fewer of its customers than usual.
type AskingRule struct {
	Severity string   `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Scopes   []string `koanf:"scopes" default:"[all, store]" example:"[all, region, store]" help:"Kinds of scopes that are looked at."`
	Share    float64  `koanf:"share" default:"0.25" example:"0.5" min:"0" max:"0.9" unit:"share of the usual number" help:"What is more is of no matter."`
	Least    int      `koanf:"least_invitations" default:"20" example:"50" min:"1" unit:"invitations" help:"Where fewer are usual nothing is said."`
}

// RiseRule finds a rise within a week.
type RiseRule struct {
	Severity string  `koanf:"severity" default:"warning" enum:"page,warning,info" help:"How grave it is."`
	Times    float64 `koanf:"times" default:"1.25" example:"1.5" min:"1" max:"100" unit:"that of a week ago" help:"As many times as a week ago, at least."`
	Least    int     `koanf:"least_customers" default:"100" example:"500" min:"1" unit:"customers" help:"With fewer nothing is said."`
}

// TroubleRule finds single customers of a high tier who are about to leave.
type TroubleRule struct {
	Severity string   `koanf:"severity" default:"info" enum:"page,warning,info" help:"How grave it is."`
	Tiers    []string `koanf:"tiers" default:"[super_heavyweight, heavyweight]" example:"[super_heavyweight]" enum:"super_heavyweight,heavyweight,middleweight,lightweight" help:"Tiers of customers that are looked at."`
	Risk     float64  `koanf:"risk" default:"0.7" example:"0.8" min:"0" max:"1" unit:"probability" help:"Of leaving, from which on."`
	Most     int      `koanf:"most" default:"100" example:"20" min:"1" unit:"customers" help:"At a time, those with the highest value at risk."`
}
