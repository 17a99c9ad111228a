package watch

import (
	"context"
	"slices"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/insight/detect"
)

func init() {
	looks[ruleset.RecoverySlow] = func(r *ruleset.Rules) look { return &promise{rules: r, rule: ruleset.RecoverySlow} }
	looks[ruleset.PromiseBreach] = func(r *ruleset.Rules) look { return &promise{rules: r, rule: ruleset.PromiseBreach} }
}

// promise finds scopes with too many broken promises, above both the allowed share and the scope's usual one: of complaints due, those
// not resolved in time; of complaints resolved, those that took longer than promised. A scope that always has too many is no news.
type promise struct {
	rules *ruleset.Rules
	rule  string
	cells map[Scope]PromiseCell
	past  map[Scope]PromiseCell // the four weeks before
	asked time.Time             // when the past was read
}

// allowedWeight is the weight of the allowed share, in past complaints.
const allowedWeight = 20

// shareLevel is the false discovery rate of rules that compare a share with an allowed one.
const shareLevel = 0.01

func (p *promise) set() ruleset.ShareRule {
	if p.rule == ruleset.RecoverySlow {
		return ruleset.ShareRule(p.rules.Slow)
	}
	return ruleset.ShareRule(p.rules.Breach)
}

func (p *promise) severity() string   { return p.set().Severity }
func (*promise) every() time.Duration { return time.Hour }
func (*promise) level(int) float64    { return shareLevel }

// of returns how many count, of how many.
func (p *promise) of(c *PromiseCell) (k, n float64) {
	if p.rule == ruleset.RecoverySlow {
		return float64(c.Slow), float64(c.Resolved)
	}
	return float64(c.Breached), float64(c.Due)
}

// most returns the highest share that is no news: the allowed one, or the usual one if that is higher.
func (p *promise) most(s Scope) float64 {
	past := p.past[s]
	k, n := p.of(&past)
	allowed := p.set().Share
	return max(allowed, (k+allowedWeight*allowed)/(n+allowedWeight))
}

func (p *promise) figures(c *PromiseCell, allowed float64) alert.Figures {
	k, n := p.of(c)
	if n == 0 {
		return alert.Figures{Expected: allowed, P: 1}
	}
	low, high := detect.Wilson(k, n)
	return alert.Figures{Value: k / n, Expected: allowed, Low: low - allowed, High: high - allowed, Cases: int(n), P: detect.Exceeds(k, n, allowed)}
}

func (p *promise) tests(ctx context.Context, w *Watch) (list []test, err error) {
	now := w.knowledge.now
	from := now.Add(-p.set().Window)
	if now.Sub(p.asked) >= 24*time.Hour {
		before, err := w.knowledge.source.Promises(ctx, from.Add(-detect.Baseline), from, p.rules.Scopes)
		if err != nil {
			return nil, err
		}
		p.past, p.asked = byScope(before), now
	}
	cells, err := w.knowledge.source.Promises(ctx, from, now, p.rules.Scopes)
	if err != nil {
		return nil, err
	}
	p.cells = byScope(cells)
	slices.SortFunc(cells, func(a, b PromiseCell) int { return compareScopes(a.Scope, b.Scope) })
	for i := range cells {
		c := &cells[i]
		if _, n := p.of(c); n >= float64(p.set().Least) {
			start := from
			if ended := w.ended[identity{p.rule, c.Kind, c.ID, ""}]; ended.After(from) {
				continue // these complaints raised the last alert
			}
			list = append(list, test{Scope: c.Scope, start: start, Figures: p.figures(c, p.most(c.Scope))})
		}
	}
	return list, nil
}

func byScope(cells []PromiseCell) map[Scope]PromiseCell {
	by := make(map[Scope]PromiseCell, len(cells))
	for _, c := range cells {
		by[c.Scope] = c
	}
	return by
}

// follow ends the alert when the share is down to what was expected when it was found. Raising it again takes far more.
func (p *promise) follow(_ *Watch, a *alert.Alert) bool {
	c := p.cells[Scope{a.Kind, a.ID}]
	f := p.figures(&c, a.Expected)
	if f.Value <= a.Expected {
		return true
	}
	f.P = a.P // p stays that of the first finding
	a.Figures = f
	return false
}
