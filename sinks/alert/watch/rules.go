package watch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/sinks/alert"
)

// Rules say what is looked for. Each rule has a section of its own.
type Rules struct {
	// FalseAlerts is how many alerts each rule that judges by chance may raise in quiet times, per 100 scopes and week.
	FalseAlerts float64 `koanf:"false_alerts"`
	// Scopes are the kinds of scopes that are looked at.
	Scopes []string `koanf:"scopes"`
	// Off names rules that are switched off.
	Off []string `koanf:"off"`

	Floor   FloorRule   `koanf:"satisfaction_floor"`
	Drop    DropRule    `koanf:"satisfaction_drop"`
	Drift   DriftRule   `koanf:"satisfaction_drift"`
	Surge   SurgeRule   `koanf:"complaint_surge"`
	Slow    ShareRule   `koanf:"recovery_slow"`
	Breach  ShareRule   `koanf:"promise_breach"`
	Silent  SilentRule  `koanf:"silent_feed"`
	Churn   RiseRule    `koanf:"churn_rise"`
	Value   RiseRule    `koanf:"value_at_risk"`
	Trouble TroubleRule `koanf:"customer_trouble"`
}

// FloorRule finds a mean that lies below a floor whatever was usual.
type FloorRule struct {
	Severity   string        `koanf:"severity"`
	Index      float64       `koanf:"index"`      // the floor, of csat_index, 0 to 100
	Window     time.Duration `koanf:"window"`     // multiples of 5 minutes, up to 48h
	Confidence float64       `koanf:"confidence"` // that the mean lies below it
	Least      int           `koanf:"least_responses"`
}

// DropRule finds a drop against the scope's own past at that hour of the week.
type DropRule struct {
	Severity string  `koanf:"severity"`
	Least    float64 `koanf:"least_drop"` // grades; what is less is of no matter
}

// DriftRule finds a slow fall over days.
type DriftRule struct {
	Severity string  `koanf:"severity"`
	Least    float64 `koanf:"least_drop"` // grades
}

// SurgeRule finds more complaints of a category than usual.
type SurgeRule struct {
	Severity string  `koanf:"severity"`
	Least    int     `koanf:"least_complaints"`
	Times    float64 `koanf:"times"` // as many as usual, at least
}

// ShareRule finds a share above what is allowed, and above what is usual there.
type ShareRule struct {
	Severity string        `koanf:"severity"`
	Share    float64       `koanf:"share"` // allowed
	Window   time.Duration `koanf:"window"`
	Least    int           `koanf:"least_complaints"`
}

// SilentRule finds a scope that usually speaks and does not.
type SilentRule struct {
	Severity string   `koanf:"severity"`
	Scopes   []string `koanf:"scopes"`
}

// RiseRule finds what rises within a week.
type RiseRule struct {
	Severity string  `koanf:"severity"`
	Times    float64 `koanf:"times"` // of a week ago
	Least    int     `koanf:"least_customers"`
}

// TroubleRule finds single customers of a high tier who are about to leave.
type TroubleRule struct {
	Severity string   `koanf:"severity"`
	Tiers    []string `koanf:"tiers"`
	Risk     float64  `koanf:"risk"` // from which on
	Most     int      `koanf:"most"` // at a time, those with the highest value at risk
}

// DefaultRules are sane ones.
func DefaultRules() Rules {
	return Rules{
		FalseAlerts: 1, Scopes: dimension.Usual().Watched(), Off: []string{},
		Floor:   FloorRule{Severity: alert.Page, Index: 40, Window: time.Hour, Confidence: .999, Least: 30},
		Drop:    DropRule{Severity: alert.Page, Least: .15},
		Drift:   DriftRule{Severity: alert.Warning, Least: .1},
		Surge:   SurgeRule{Severity: alert.Warning, Least: 5, Times: 2},
		Slow:    ShareRule{Severity: alert.Warning, Share: .1, Window: 24 * time.Hour, Least: 10},
		Breach:  ShareRule{Severity: alert.Warning, Share: .05, Window: 24 * time.Hour, Least: 10},
		Silent:  SilentRule{Severity: alert.Page, Scopes: []string{dimension.All, dimension.Store}},
		Churn:   RiseRule{Severity: alert.Warning, Times: 1.25, Least: 100},
		Value:   RiseRule{Severity: alert.Warning, Times: 1.25, Least: 100},
		Trouble: TroubleRule{Severity: alert.Info, Tiers: []string{"super_heavyweight", "heavyweight"}, Risk: .7, Most: 100},
	}
}

// On says that a rule is switched on.
func (r *Rules) On(name string) bool { return !slices.Contains(r.Off, name) }

// OfThePast are those that can be looked at as of a time that is over: of single customers the views know only how they are now.
func (r *Rules) OfThePast() *Rules {
	past := *r
	past.Off = append(slices.Clone(r.Off), alert.CustomerTrouble)
	return &past
}

// Kinds are the kinds of scopes whose past the watch keeps.
func (r *Rules) Kinds() []string {
	kinds := slices.Concat(r.Scopes, r.Silent.Scopes)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Check says all that is wrong, each with its key. kinds are the kinds of scopes that there are.
func (r *Rules) Check(kinds []string) error {
	l := lint{kinds: kinds}
	l.within("false_alerts", r.FalseAlerts, 0.001, 100, "a hundred scopes and a week")
	l.scopes("scopes", r.Scopes)
	l.scopes("silent_feed.scopes", r.Silent.Scopes)
	for _, name := range r.Off {
		if !slices.Contains(alert.Names(), name) {
			l.add("off", "no rule %q: one of %s", name, strings.Join(alert.Names(), ", "))
		}
	}
	for key, severity := range map[string]string{alert.SatisfactionFloor: r.Floor.Severity, alert.SatisfactionDrop: r.Drop.Severity, alert.SatisfactionDrift: r.Drift.Severity,
		alert.ComplaintSurge: r.Surge.Severity, alert.RecoverySlow: r.Slow.Severity, alert.PromiseBreach: r.Breach.Severity, alert.SilentFeed: r.Silent.Severity,
		alert.ChurnRise: r.Churn.Severity, alert.ValueAtRisk: r.Value.Severity, alert.CustomerTrouble: r.Trouble.Severity} {
		if severity != alert.Page && severity != alert.Warning && severity != alert.Info {
			l.add(key+".severity", "must be page, warning or info, is %q", severity)
		}
	}
	l.within("satisfaction_floor.index", r.Floor.Index, 0, 100, "the satisfaction index")
	l.within("satisfaction_floor.confidence", r.Floor.Confidence, .5, .999999, "a probability")
	l.window("satisfaction_floor.window", r.Floor.Window)
	l.least("satisfaction_floor.least_responses", r.Floor.Least)
	l.within("satisfaction_drop.least_drop", r.Drop.Least, 0, 6, "grades")
	l.within("satisfaction_drift.least_drop", r.Drift.Least, 0, 6, "grades")
	l.least("complaint_surge.least_complaints", r.Surge.Least)
	l.within("complaint_surge.times", r.Surge.Times, 1, 100, "the usual number")
	for key, s := range map[string]ShareRule{alert.RecoverySlow: r.Slow, alert.PromiseBreach: r.Breach} {
		l.within(key+".share", s.Share, 0.0001, .9999, "a share")
		l.least(key+".least_complaints", s.Least)
		if s.Window < time.Hour || s.Window > 28*24*time.Hour || s.Window%time.Hour != 0 {
			l.add(key+".window", "must be whole hours, 1h to 672h, is %s", s.Window)
		}
	}
	for key, s := range map[string]RiseRule{alert.ChurnRise: r.Churn, alert.ValueAtRisk: r.Value} {
		l.within(key+".times", s.Times, 1, 100, "that of a week ago")
		l.least(key+".least_customers", s.Least)
	}
	for _, tier := range r.Trouble.Tiers {
		if !slices.Contains(Tiers, tier) {
			l.add("customer_trouble.tiers", "no tier %q: one of %s", tier, strings.Join(Tiers, ", "))
		}
	}
	l.within("customer_trouble.risk", r.Trouble.Risk, 0, 1, "a probability")
	l.least("customer_trouble.most", r.Trouble.Most)
	slices.SortFunc(l.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(l.errs...)
}

// Tiers of customers, the highest first.
var Tiers = []string{"super_heavyweight", "heavyweight", "middleweight", "lightweight"}

// lint collects what is wrong with rules.
type lint struct {
	kinds []string
	errs  []error
}

func (l *lint) add(key, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("alerts.rules.%s: "+format, append([]any{key}, args...)...))
}

func (l *lint) within(key string, v, low, high float64, what string) {
	if !(v >= low && v <= high) {
		l.add(key, "must be %v to %v (of %s), is %v", low, high, what, v)
	}
}

func (l *lint) least(key string, v int) {
	if v < 1 {
		l.add(key, "must be at least 1, is %d", v)
	}
}

func (l *lint) window(key string, v time.Duration) {
	if v < 5*time.Minute || v > 48*time.Hour || v%(5*time.Minute) != 0 {
		l.add(key, "must be a multiple of 5m, 5m to 48h, is %s", v)
	}
}

func (l *lint) scopes(key string, list []string) {
	for i, kind := range list {
		if !slices.Contains(l.kinds, kind) {
			l.add(key, "%w", dimension.Unknown("kind of scope", kind, l.kinds))
		}
		if slices.Contains(list[:i], kind) {
			l.add(key, "%q stands twice", kind)
		}
	}
}
