package watch

import (
	"context"
	"maps"
	"slices"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/insight/detect"
)

func init() {
	looks[ruleset.ComplaintSurge] = func(r *ruleset.Rules) look { return surge{r} }
}

// surge finds categories with more complaints than usual.
type surge struct{ rules *ruleset.Rules }

func (s surge) severity() string        { return s.rules.Surge.Severity }
func (surge) every() time.Duration      { return time.Hour }
func (s surge) level(tests int) float64 { return chance(s.rules, ruleset.ComplaintSurge, tests, 168) }

var surgeWindows = []time.Duration{6 * time.Hour, 24 * time.Hour}

// surgeDispersion is how much complaints vary from day to day beyond chance; the uncertainty of a scope's own rate adds to it.
const surgeDispersion = 0.05

// priorComplaints is the weight, in complaints, of the kind's rate beside a scope's own.
const priorComplaints = 2

// before returns the time that a window is compared with.
func before(now time.Time) (from, to time.Time) {
	to = now.AddDate(0, 0, -1)
	return to.Add(-detect.Baseline), to
}

func (s surge) tests(_ context.Context, w *Watch) (list []test, err error) {
	for _, kind := range s.rules.Scopes {
		rates := kindRates(w, kind, w.knowledge.now)
		for _, scope := range w.knowledge.scopes([]string{kind}) {
			if w.knowledge.opened[scope] != nil {
				list = append(list, s.scope(w, scope, rates)...)
			}
		}
	}
	return list, nil
}

// kindRates returns the complaints by category before now, per response in all scopes of a kind, and per purchase in those that are held against purchases;
// none of either if there is too little of it.
func kindRates(w *Watch, kind string, now time.Time) map[string]map[string]float64 {
	from, to := before(now)
	rates, exposed := map[string]map[string]float64{byResponses: {}, byPurchases: {}}, map[string]float64{}
	for _, scope := range w.knowledge.scopes([]string{kind}) {
		o := w.knowledge.opened[scope]
		if o == nil {
			continue
		}
		responses, _ := w.knowledge.exposures(scope)
		of := []*exposure{responses}
		if e := w.knowledge.exposure(scope, now); e.name == byPurchases {
			of = append(of, e)
		}
		for _, e := range of {
			exposed[e.name] += e.before(now)
			for category := range o.by {
				rates[e.name][category] += o.count(category, from, to)
			}
		}
	}
	for name, by := range rates {
		for category, n := range by {
			by[category] = max(n, .1) / exposed[name]
		}
		if exposed[name] < 1000 {
			delete(rates, name)
		}
	}
	return rates
}

// against returns what a scope's complaints are held against, and the rates of its kind.
func (surge) against(w *Watch, scope Scope, kind map[string]map[string]float64) (e *exposure, rates map[string]float64) {
	e = w.knowledge.exposure(scope, w.knowledge.now)
	if kind[e.name] == nil {
		e, _ = w.knowledge.exposures(scope)
	}
	return e, kind[e.name]
}

func (s surge) scope(w *Watch, scope Scope, kind map[string]map[string]float64) (list []test) {
	now := w.knowledge.now
	e, rates := s.against(w, scope, kind)
	o, past := w.knowledge.opened[scope], e.before(now)
	exposures := make([]float64, len(surgeWindows))
	for i, window := range surgeWindows {
		exposures[i] = e.in(now, window)
	}
	told := w.knowledge.exposureTold(scope, e.name, now)
	for _, category := range slices.Sorted(maps.Keys(rates)) {
		id := identity{ruleset.ComplaintSurge, scope.Kind, scope.ID, category}
		if w.open[id] != nil {
			continue
		}
		rate, certainty := s.rate(o, category, past, rates[category], now)
		best := test{Scope: scope, part: category, Figures: alert.Figures{P: 1}, evidence: told}
		for i, window := range surgeWindows {
			since := now.Add(-window)
			if ended := w.ended[id]; ended.After(since) {
				continue
			}
			n, expected := o.count(category, since, now), rate*exposures[i]
			p := min(1, float64(len(surgeWindows))*detect.Surge(n, expected, surgeDispersion+1/certainty))
			if p < best.P {
				low, high := detect.Rate(n)
				best.start, best.small = since, n < float64(s.rules.Surge.Least) || n < s.rules.Surge.Times*expected
				best.Figures = alert.Figures{Value: n, Expected: expected, Low: low - expected, High: high - expected, Cases: int(n), P: p}
			}
		}
		list = append(list, best)
	}
	return list
}

// rate returns a scope's complaints per purchase, or per response, before now, shrunk towards the kind's, and its certainty in complaints.
func (surge) rate(o *openings, category string, exposed, kind float64, now time.Time) (rate, certainty float64) {
	from, to := before(now)
	certainty = priorComplaints + o.count(category, from, to)
	return certainty / (priorComplaints/kind + exposed), certainty
}

// follow ends the alert when the last six hours have hardly more than usual.
func (s surge) follow(w *Watch, a *alert.Alert) bool {
	scope := Scope{a.Kind, a.ID}
	o, t, now := w.knowledge.opened[scope], w.knowledge.tracks[scope], w.knowledge.now
	if o == nil || t == nil || now.Sub(a.Start) > lasting {
		return true
	}
	e, rates := s.against(w, scope, kindRates(w, a.Kind, a.Fired))
	if rates[a.Part] == 0 {
		return true
	}
	rate, _ := s.rate(o, a.Part, e.before(a.Fired), rates[a.Part], a.Fired)
	n, total := o.count(a.Part, now.Add(-6*time.Hour), now), o.count(a.Part, a.Start, now)
	low, high := detect.Rate(total)
	a.Value, a.Expected, a.Cases = total, rate*e.in(now, now.Sub(a.Start)), int(total)
	a.Low, a.High = low-a.Expected, high-a.Expected
	a.Evidence = w.knowledge.exposureTold(scope, e.name, now)
	return n <= 1.5*rate*e.in(now, 6*time.Hour)+1
}
