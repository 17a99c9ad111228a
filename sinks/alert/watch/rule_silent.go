package watch

import (
	"context"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/insight/detect"
)

func init() {
	looks[ruleset.SilentFeed] = func(r *ruleset.Rules) look { return silent{r} }
}

// silent finds scopes that usually have responses, and now have none.
type silent struct{ rules *ruleset.Rules }

func (s silent) severity() string        { return s.rules.Silent.Severity }
func (silent) every() time.Duration      { return alert.Step }
func (s silent) level(tests int) float64 { return chance(s.rules, tests, 168) }

// leastSilence is the shortest silence that counts: the latest events may still be on their way.
const leastSilence = 15 * time.Minute

func (s silent) tests(_ context.Context, w *Watch) (list []test, err error) {
	now := w.knowledge.now
	for _, scope := range w.knowledge.scopes(s.rules.Silent.Scopes) {
		t := w.knowledge.tracks[scope]
		since := t.Latest()
		if since.IsZero() || now.Sub(since) < leastSilence {
			list = append(list, test{Scope: scope, small: true, Figures: alert.Figures{P: 1}})
			continue
		}
		r := w.knowledge.rates(scope, t)
		expected := r.Expected(since, now)
		p := 1.0
		if expected > 5 {
			p = r.Silent(since, now)
		}
		list = append(list, test{Scope: scope, start: since, small: expected <= 5,
			Figures: alert.Figures{Expected: expected, Low: expected, High: expected, P: p}})
	}
	return list, nil
}

// rates returns the rates of a scope, learnt once an hour when first asked for.
func (w *knowledge) rates(s Scope, t *detect.Track) *detect.Rates {
	if !w.ratesOf.Equal(w.learnt) {
		w.ratesOf, w.known = w.learnt, map[Scope]*detect.Rates{}
	}
	if w.known[s] == nil {
		w.known[s] = t.Rates(w.learnt.Truncate(time.Hour))
	}
	return w.known[s]
}

// follow ends the alert when the last half hour has a quarter of the usual responses, and at least one.
func (s silent) follow(w *Watch, a *alert.Alert) bool {
	scope := Scope{a.Kind, a.ID}
	t := w.knowledge.tracks[scope]
	now := w.knowledge.now
	if t == nil || now.Sub(a.Start) > lasting {
		return true
	}
	r := w.knowledge.rates(scope, t)
	a.Expected = max(a.Expected, r.Expected(a.Start, now))
	g := t.Since(now.Add(-30*time.Minute), now)
	return g.N() >= max(1, r.Expected(now.Add(-30*time.Minute), now)/4)
}
