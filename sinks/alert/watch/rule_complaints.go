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

// exposure returns how many responses a window's complaints are about. Complaints follow hours later, so a quiet night counts as part of its day.
func exposure(t *detect.Track, now time.Time, window time.Duration) float64 {
	in := t.Hours(now.Add(-window), now)
	day := t.Hours(now.AddDate(0, 0, -1), now)
	return max(in.N(), day.N()*float64(window)/float64(24*time.Hour))
}

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

// kindRates returns the complaints per response by category in all scopes of a kind, before now; nil if there are too few responses.
func kindRates(w *Watch, kind string, now time.Time) map[string]float64 {
	from, to := before(now)
	rates, responses := map[string]float64{}, 0.0
	for _, scope := range w.knowledge.scopes([]string{kind}) {
		o := w.knowledge.opened[scope]
		if o == nil {
			continue
		}
		responses += responsesBefore(w.knowledge.tracks[scope], now)
		for category := range o.by {
			rates[category] += o.count(category, from, to)
		}
	}
	for category, n := range rates {
		rates[category] = max(n, .1) / responses
	}
	if responses < 1000 {
		return nil
	}
	return rates
}

func (s surge) scope(w *Watch, scope Scope, rates map[string]float64) (list []test) {
	now := w.knowledge.now
	o, t := w.knowledge.opened[scope], w.knowledge.tracks[scope]
	past := responsesBefore(t, now)
	exposures := make([]float64, len(surgeWindows))
	for i, window := range surgeWindows {
		exposures[i] = exposure(t, now, window)
	}
	for _, category := range slices.Sorted(maps.Keys(rates)) {
		id := identity{ruleset.ComplaintSurge, scope.Kind, scope.ID, category}
		if w.open[id] != nil {
			continue
		}
		rate, certainty := s.rate(o, category, past, rates[category], now)
		best := test{Scope: scope, part: category, Figures: alert.Figures{P: 1}}
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

// responsesBefore counts the responses of the time that a window is compared with.
func responsesBefore(t *detect.Track, now time.Time) float64 {
	g := t.Hours(before(now))
	return g.N()
}

// rate returns a scope's complaints per response before now, shrunk towards the kind's, and its certainty in complaints.
func (surge) rate(o *openings, category string, responses, kind float64, now time.Time) (rate, certainty float64) {
	from, to := before(now)
	certainty = priorComplaints + o.count(category, from, to)
	return certainty / (priorComplaints/kind + responses), certainty
}

// follow ends the alert when the last six hours have hardly more than usual.
func (s surge) follow(w *Watch, a *alert.Alert) bool {
	scope := Scope{a.Kind, a.ID}
	o, t := w.knowledge.opened[scope], w.knowledge.tracks[scope]
	kind := kindRates(w, a.Kind, a.Fired)[a.Part]
	if o == nil || t == nil || kind == 0 || w.knowledge.now.Sub(a.Start) > lasting {
		return true
	}
	now := w.knowledge.now
	rate, _ := s.rate(o, a.Part, responsesBefore(t, a.Fired), kind, a.Fired)
	n, total := o.count(a.Part, now.Add(-6*time.Hour), now), o.count(a.Part, a.Start, now)
	low, high := detect.Rate(total)
	a.Value, a.Expected, a.Cases = total, rate*exposure(t, now, now.Sub(a.Start)), int(total)
	a.Low, a.High = low-a.Expected, high-a.Expected
	return n <= 1.5*rate*exposure(t, now, 6*time.Hour)+1
}
