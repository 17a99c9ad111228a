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

// promise finds shares of complaints above what is allowed and above what is usual in that scope: of those due that were not resolved in
// time, and of those resolved that took longer than promised. Where they are always too many there is nothing new to tell.
type promise struct {
	rules *ruleset.Rules
	rule  string
	cells map[Scope]PromiseCell
	past  map[Scope]PromiseCell // of the four weeks before
	asked time.Time             // when the past was read
}

// allowedWeight is how many complaints of the past the allowed share counts for.
const allowedWeight = 20

// shareLevel is the level of the false discovery rate of rules that hold a share against what is allowed.
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

// of gives what is counted, and of how many.
func (p *promise) of(c *PromiseCell) (k, n float64) {
	if p.rule == ruleset.RecoverySlow {
		return float64(c.Slow), float64(c.Resolved)
	}
	return float64(c.Breached), float64(c.Due)
}

// most is the share that is still no news: the allowed one, or the usual one if that is higher.
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
				continue // complaints that were told of already
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

// follow: it is over when the share is down to what it was expected to be when it was found; to be raised again takes far more.
func (p *promise) follow(_ *Watch, a *alert.Alert) bool {
	c := p.cells[Scope{a.Kind, a.ID}]
	f := p.figures(&c, a.Expected)
	if f.Value <= a.Expected {
		return true
	}
	f.P = a.P // of when it was found
	a.Figures = f
	return false
}
