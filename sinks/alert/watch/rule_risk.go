package watch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

func init() {
	looks[ruleset.ChurnRise] = func(r *ruleset.Rules) look { return &rise{rules: r, rule: ruleset.ChurnRise} }
	looks[ruleset.ValueAtRisk] = func(r *ruleset.Rules) look { return &rise{rules: r, rule: ruleset.ValueAtRisk} }
	looks[ruleset.CustomerTrouble] = func(r *ruleset.Rules) look { return &trouble{rules: r} }
}

// rise finds scopes whose share of customers at high risk, or whose value at risk, is higher than a week ago.
type rise struct {
	rules *ruleset.Rules
	rule  string
	now   map[Scope]alert.Figures
}

func (r *rise) set() *ruleset.RiseRule {
	if r.rule == ruleset.ChurnRise {
		return &r.rules.Churn
	}
	return &r.rules.Value
}

func (r *rise) severity() string        { return r.set().Severity }
func (*rise) every() time.Duration      { return time.Hour }
func (r *rise) level(tests int) float64 { return chance(r.rules, r.rule, tests, 168) }

func (r *rise) tests(ctx context.Context, w *Watch) (list []test, err error) {
	now := w.knowledge.now
	cells, err := w.knowledge.source.Risk(ctx, now, r.rules.Scopes)
	if err != nil {
		return nil, err
	}
	past, err := w.knowledge.source.Risk(ctx, now.AddDate(0, 0, -7), r.rules.Scopes)
	if err != nil {
		return nil, err
	}
	was := map[Scope]RiskCell{}
	for _, c := range past {
		was[c.Scope] = c
	}
	r.now = map[Scope]alert.Figures{}
	slices.SortFunc(cells, func(a, b RiskCell) int { return compareScopes(a.Scope, b.Scope) })
	for _, c := range cells {
		b, found := was[c.Scope]
		if !found || c.Customers < r.set().Least || b.Customers < r.set().Least {
			continue
		}
		f := r.figures(&c, &b)
		r.now[c.Scope] = f
		list = append(list, test{Scope: c.Scope, start: now.AddDate(0, 0, -7), small: f.Value < r.set().Times*f.Expected, Figures: f})
	}
	return list, nil
}

// figures compares now with a week ago. Most customers are the same in both, so the test of two shares is conservative.
func (r *rise) figures(c, b *RiskCell) alert.Figures {
	n, m := float64(c.Customers), float64(b.Customers)
	share, before := float64(c.High)/n, float64(b.High)/m
	both := float64(c.High+b.High) / (n + m)
	err := math.Sqrt(both * (1 - both) * (1/n + 1/m))
	f := alert.Figures{Value: share, Expected: before, Low: share - before - 1.96*err, High: share - before + 1.96*err, Cases: c.Customers, P: 1}
	if err > 0 {
		f.P = distuv.UnitNormal.Survival((share - before) / err)
	}
	if r.rule == ruleset.ValueAtRisk {
		// The error of the value is that of the number of customers behind it.
		spread := math.Sqrt(1/max(1, float64(c.High)) + 1/max(1, float64(b.High)))
		f = alert.Figures{Value: c.Value, Expected: b.Value, Cases: c.Customers, P: 1}
		if b.Value > 0 && c.Value > 0 {
			f.Low, f.High = c.Value-b.Value*math.Exp(1.96*spread), c.Value-b.Value*math.Exp(-1.96*spread)
			f.P = distuv.UnitNormal.Survival(math.Log(c.Value/b.Value) / spread)
		}
	}
	return f
}

// follow ends the alert when less than half of the rise is left.
func (r *rise) follow(w *Watch, a *alert.Alert) bool {
	f, found := r.now[Scope{a.Kind, a.ID}]
	if w.knowledge.now.Sub(a.Start) > 4*lasting {
		return true
	}
	if !found {
		return false
	}
	if f.Value < a.Expected*(1+r.set().Times)/2 {
		return true
	}
	a.Value, a.Cases = f.Value, f.Cases
	return false
}

// trouble finds customers of a high tier who are about to leave.
type trouble struct {
	rules *ruleset.Rules
	now   map[string]Troubled
}

// calmer is how far the risk must fall below the threshold before the alert ends.
const calmer = 0.1

func (t *trouble) severity() string   { return t.rules.Trouble.Severity }
func (*trouble) every() time.Duration { return time.Hour }
func (*trouble) level(int) float64    { return 1 }

func (t *trouble) tests(ctx context.Context, w *Watch) (list []test, err error) {
	var named []string
	for id := range w.open {
		if id.rule == ruleset.CustomerTrouble {
			named = append(named, id.id)
		}
	}
	slices.Sort(named)
	set := &t.rules.Trouble
	found, err := w.knowledge.source.Troubled(ctx, set.Tiers, set.Risk, set.Most, named)
	if err != nil {
		return nil, fmt.Errorf("reading customers at risk: %w", err)
	}
	t.now = map[string]Troubled{}
	for _, c := range found {
		t.now[c.Customer] = c
		if c.Risk < set.Risk || len(named)+len(list) >= set.Most {
			continue
		}
		list = append(list, test{Scope: Scope{"customer", c.Customer}, part: c.Tier, start: w.knowledge.now,
			Figures: alert.Figures{Value: c.Risk, Expected: set.Risk, Low: c.Risk - set.Risk, High: c.Risk - set.Risk, Cases: c.Responses, P: 0}})
	}
	return list, nil
}

func (t *trouble) follow(_ *Watch, a *alert.Alert) bool {
	c, found := t.now[a.ID]
	if !found || c.Risk < t.rules.Trouble.Risk-calmer {
		return true
	}
	a.Value, a.Cases = c.Risk, c.Responses
	return false
}
