package watch

import (
	"context"
	"time"

	"csatflow/pipeline/dimension"
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
func (s silent) level(tests int) float64 { return chance(s.rules, ruleset.SilentFeed, tests, 168) }

// leastSilence is the shortest silence that counts: the latest events may still be on their way.
const leastSilence = 15 * time.Minute

// leastExpected is how many responses must be missing.
const leastExpected = 5

func (s silent) tests(_ context.Context, w *Watch) (list []test, err error) {
	for _, kind := range s.rules.Silent.Scopes {
		var of []test
		speak := 0 // scopes that are expected to speak
		together := test{Scope: Scope{Kind: dimension.All}, part: kind, Figures: alert.Figures{P: 1}}
		for _, scope := range w.knowledge.scopes([]string{kind}) {
			t, expected := s.scope(w, scope)
			of = append(of, t)
			if expected > leastExpected || !t.small {
				speak++
			}
		}
		silent := 0
		for i := range of {
			if t := &of[i]; !t.small && t.P < quiet {
				silent++
				together.Expected += t.Expected
				together.P = min(together.P, t.P)
				if together.start.IsZero() || t.start.Before(together.start) {
					together.start = t.start
				}
			}
		}
		if silent < leastTogether || 2*silent <= speak {
			list = append(list, of...)
			continue
		}
		// Most are silent at once: one cause, told once.
		together.Low, together.High = together.Expected, together.Expected
		list = append(list, together)
	}
	return list, nil
}

// quiet is the probability from which on a silence counts as one beside others; leastTogether is how many make one cause.
const (
	quiet         = 0.01
	leastTogether = 3
)

// scope tests one scope, and returns how many responses it would usually have had in the last hour.
func (s silent) scope(w *Watch, scope Scope) (result test, usual float64) {
	now, t := w.knowledge.now, w.knowledge.tracks[scope]
	result = test{Scope: scope, small: true, Figures: alert.Figures{P: 1}}
	since, closed := w.knowledge.special.since(scope, now, t.Latest())
	if t.Latest().IsZero() || closed {
		return result, 0
	}
	r := w.knowledge.rates(scope, t)
	usual = r.Expected(now.Add(-time.Hour), now)
	if now.Sub(since) < leastSilence {
		return result, usual
	}
	expected := r.Expected(since, now)
	result.start, result.small = since, expected <= leastExpected
	result.Figures = alert.Figures{Expected: expected, Low: expected, High: expected, P: 1}
	if !result.small {
		result.P = r.Silent(since, now)
	}
	return result, usual
}

// rates returns the rates of a scope, learnt once an hour when first asked for.
func (w *knowledge) rates(s Scope, t *detect.Track) *detect.Rates {
	if !w.ratesOf.Equal(w.learnt) {
		w.ratesOf, w.known = w.learnt, map[Scope]*detect.Rates{}
	}
	if w.known[s] == nil {
		w.known[s] = t.Rates(w.calendar, w.learnt.Truncate(time.Hour))
	}
	return w.known[s]
}

// follow ends the alert when the last half hour has a quarter of the usual responses, and at least one.
func (s silent) follow(w *Watch, a *alert.Alert) bool {
	if w.knowledge.now.Sub(a.Start) > lasting {
		return true
	}
	if a.Kind == dimension.All && a.Part != "" {
		return s.followTogether(w, a)
	}
	scope := Scope{a.Kind, a.ID}
	if w.knowledge.tracks[scope] == nil {
		return true
	}
	back, expected := s.back(w, scope, a.Start)
	a.Expected = max(a.Expected, expected)
	return back
}

// back reports whether a scope speaks again, and returns how many responses were usual since a time.
func (silent) back(w *Watch, scope Scope, since time.Time) (back bool, expected float64) {
	now, t := w.knowledge.now, w.knowledge.tracks[scope]
	r := w.knowledge.rates(scope, t)
	g := t.Since(now.Add(-30*time.Minute), now)
	return g.N() >= max(1, r.Expected(now.Add(-30*time.Minute), now)/4), r.Expected(since, now)
}

// followTogether ends the alert on scopes of a kind when half of them speak again.
func (s silent) followTogether(w *Watch, a *alert.Alert) bool {
	speak, of, expected := 0, 0, 0.0
	for _, scope := range w.knowledge.scopes([]string{a.Part}) {
		of++
		back, n := s.back(w, scope, a.Start)
		if back {
			speak++
		} else {
			expected += n
		}
	}
	a.Expected = max(a.Expected, expected)
	return 2*speak >= of
}
