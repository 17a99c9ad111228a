package alert

import (
	"context"
	"slices"
	"time"

	"csatflow/sinks/alert/detect"
)

// promise finds shares of complaints above what is allowed: of those due that were not resolved in time, and of those resolved that
// took longer than promised.
type promise struct {
	rules *Rules
	rule  string
	at    time.Time
	cells map[Scope]PromiseCell
}

func newPromise(rules *Rules, rule string) *promise { return &promise{rules: rules, rule: rule} }

// shareLevel is the level of the false discovery rate of rules that hold a share against what is allowed.
const shareLevel = 0.01

func (p *promise) set() *ShareRule {
	if p.rule == RecoverySlow {
		return &p.rules.Slow
	}
	return &p.rules.Breach
}

func (p *promise) name() string       { return p.rule }
func (p *promise) severity() string   { return p.set().Severity }
func (*promise) every() time.Duration { return time.Hour }
func (*promise) level(int) float64    { return shareLevel }

// of gives what is counted, and of how many.
func (p *promise) of(c *PromiseCell) (k, n float64) {
	if p.rule == RecoverySlow {
		return float64(c.Slow), float64(c.Resolved)
	}
	return float64(c.Breached), float64(c.Due)
}

func (p *promise) measure() string {
	if p.rule == RecoverySlow {
		return "slow_share"
	}
	return "breached_share"
}

func (p *promise) figures(c *PromiseCell) Figures {
	k, n := p.of(c)
	allowed := p.set().Share
	if n == 0 {
		return Figures{Measure: p.measure(), Expected: allowed, P: 1}
	}
	low, high := detect.Wilson(k, n)
	return Figures{Measure: p.measure(), Value: k / n, Expected: allowed, Low: low - allowed, High: high - allowed, Cases: int(n), P: detect.Exceeds(k, n, allowed)}
}

func (p *promise) tests(ctx context.Context, w *Watch) (list []test, err error) {
	now := w.world.now
	from := now.Add(-p.set().Window)
	cells, err := w.world.source.Promises(ctx, from, now, p.rules.Scopes)
	if err != nil {
		return nil, err
	}
	p.at, p.cells = now, map[Scope]PromiseCell{}
	slices.SortFunc(cells, func(a, b PromiseCell) int { return compareScopes(a.Scope, b.Scope) })
	for i := range cells {
		c := &cells[i]
		p.cells[c.Scope] = *c
		if _, n := p.of(c); n >= float64(p.set().Least) {
			start := from
			if ended := w.ended[identity{p.rule, c.Kind, c.ID, ""}]; ended.After(from) {
				continue // complaints that were told of already
			}
			list = append(list, test{Scope: c.Scope, start: start, Figures: p.figures(c)})
		}
	}
	return list, nil
}

// follow: it is over when no more than four fifths of what is allowed are left.
func (p *promise) follow(_ *Watch, a *Alert) bool {
	c := p.cells[Scope{a.Kind, a.ID}]
	f := p.figures(&c)
	if f.Value <= .8*p.set().Share {
		return true
	}
	f.P = a.P // of when it was found
	a.Figures = f
	return false
}
