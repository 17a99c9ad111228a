package watch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/insight/detect"
)

// The step of the watch is one fine cell.
const _ = uint64(alert.Step-detect.Fine) + uint64(detect.Fine-alert.Step)

// Watch turns a sequence of evaluations into alerts that begin and end. It has no clock: its alerts are a function of the
// instants given and of what its source returned. One goroutine uses it.
type Watch struct {
	rules     *ruleset.Rules
	knowledge *knowledge
	scaled    map[string]*knowledge // of other scales
	looks     []rule
	open      map[identity]*alert.Alert
	ended     map[identity]time.Time // when an alert ended: nothing before raises it again
	// Explain adds evidence to an alert when it is raised, and once an hour; may be nil.
	Explain Explain
	// Dimensions are the events' dimensions; by default the built-in ones.
	Dimensions *dimension.Set
	// Zone is that of the hours of the week; nil is UTC.
	Zone   *time.Location
	untold alert.Untold // of alerts that are raised now
}

// identity is an alert's identity without its start.
type identity struct{ rule, kind, id, part string }

func identityOf(a *alert.Alert) identity { return identity{a.Rule, a.Kind, a.ID, a.Part} }

// test is a rule's result for one scope.
type test struct {
	Scope
	part  string
	start time.Time
	// small is whether the effect is too small to matter, however certain.
	small bool
	alert.Figures
	evidence []alert.Evidence
}

// rule is a rule in use.
type rule struct {
	name string
	look
}

// looks has the constructor of each rule by name; the rules' files add theirs.
var looks = map[string]func(*ruleset.Rules) look{}

// look is the implementation of a rule.
type look interface {
	severity() string
	// every is the time between two evaluations, in event time.
	every() time.Duration
	// tests evaluates all scopes.
	tests(ctx context.Context, w *Watch) ([]test, error)
	// level returns the false discovery rate for this many tests.
	level(tests int) float64
	// follow updates the figures of an alert, and reports whether it is over.
	follow(w *Watch, a *alert.Alert) (over bool)
}

// NewWatch returns a watch; firing are the alerts known to be open.
func NewWatch(rules *ruleset.Rules, source Source, firing []alert.Alert) *Watch {
	w := &Watch{Dimensions: dimension.Usual(), rules: rules, knowledge: newKnowledge(source, rules), open: map[identity]*alert.Alert{}, ended: map[identity]time.Time{}}
	for _, name := range ruleset.Names() {
		if rules.On(name) {
			w.looks = append(w.looks, rule{name, looks[name](rules)})
		}
	}
	if rules.On(ruleset.ScaleDrop) {
		w.scaled = map[string]*knowledge{}
		for _, s := range scales {
			w.scaled[s.name] = newScaled(source, rules, s.name)
		}
	}
	for i := range firing {
		a := firing[i]
		w.open[identityOf(&a)] = &a
	}
	return w
}

// over returns a watch that continues with other rules and another source.
func (w *Watch) over(rules *ruleset.Rules, source Source) *Watch {
	o := NewWatch(rules, source, w.Firing())
	o.ended, o.Explain, o.Dimensions, o.Zone = maps.Clone(w.ended), w.Explain, w.Dimensions, w.Zone
	return o
}

// tellAll marks the firing alerts that nobody was told of as told, and returns them.
func (w *Watch) tellAll() (list []alert.Alert) {
	for _, a := range w.open {
		if a.Untold != alert.AllTold {
			a.Untold = alert.AllTold
			list = append(list, *a)
		}
	}
	slices.SortFunc(list, alert.Compare)
	return list
}

// Firing returns the firing alerts by identity.
func (w *Watch) Firing() []alert.Alert {
	list := make([]alert.Alert, 0, len(w.open))
	for _, a := range w.open {
		list = append(list, *a)
	}
	slices.SortFunc(list, alert.Compare)
	return list
}

// Known takes alerts that have ended, so that the same cause does not raise them again.
func (w *Watch) Known(resolved []alert.Alert) {
	for i := range resolved {
		a := &resolved[i]
		if a.Resolved.After(w.ended[identityOf(a)]) {
			w.ended[identityOf(a)] = a.Resolved
		}
	}
}

// At evaluates all rules as of an instant: a multiple of [alert.Step], after the last one. It returns the alerts that began, ended
// or have new figures.
func (w *Watch) At(ctx context.Context, now time.Time) (changed []alert.Alert, err error) {
	if err := w.knowledge.to(ctx, now, w.Zone); err != nil {
		return nil, err
	}
	for _, l := range w.looks {
		if now.Unix()%int64(l.every()/time.Second) != 0 {
			continue
		}
		some, err := w.evaluate(ctx, l, now)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", l.name, err)
		}
		changed = append(changed, some...)
	}
	return changed, nil
}

func (w *Watch) evaluate(ctx context.Context, l rule, now time.Time) (changed []alert.Alert, err error) {
	tests, err := l.tests(ctx, w)
	if err != nil {
		return nil, err
	}
	changed, err = w.follow(ctx, l, now)
	if err != nil {
		return nil, err
	}
	p := make([]float64, len(tests))
	for i := range tests {
		p[i] = tests[i].P
	}
	limit := detect.Discover(p, l.level(len(tests)))
	slices.SortStableFunc(tests, func(a, b test) int { // if two scopes fall at once the narrower one is told
		return cmp.Compare(w.Dimensions.Rank(a.Kind), w.Dimensions.Rank(b.Kind))
	})
	for i := range tests {
		t := &tests[i]
		a := &alert.Alert{Rule: l.name, Kind: t.Kind, ID: t.ID, Part: t.part, Severity: l.severity(), Start: t.start, Fired: now, Seen: now, Measure: ruleset.Of(l.name).MeasureOf(t.part), Figures: t.Figures, Evidence: t.evidence, Untold: w.untold}
		if t.P > limit || t.small || w.open[identityOf(a)] != nil || now.Before(w.ended[identityOf(a)]) {
			continue
		}
		if carried, err := w.isCarried(ctx, a); err != nil {
			return nil, err
		} else if carried {
			w.ended[identityOf(a)] = now.Add(carriedFor)
			continue
		}
		if one, err := w.isOfOne(ctx, a); err != nil {
			return nil, err
		} else if one {
			w.ended[identityOf(a)] = now.Add(carriedFor)
			w.knowledgeOf(a).tracks[t.Scope].Odd(a.Start, now)
			continue
		}
		if err := w.explain(ctx, a); err != nil {
			return nil, err
		}
		w.open[identityOf(a)] = a
		changed = append(changed, *a)
	}
	return changed, nil
}

// A fall raises no alert if firing alerts on its parts carry at least carriedShare of it: it is the same fall, seen from farther away.
// Data up to carriedFor later do not raise it either.
const (
	carriedShare = 0.5
	carriedFor   = 30 * time.Minute
)

// isCarried reports whether firing alerts on parts carry an alert by half or more.
func (w *Watch) isCarried(ctx context.Context, a *alert.Alert) (bool, error) {
	if a.Rule == ruleset.ScaleDrop {
		return w.isSeenFrom(a), nil
	}
	fires := map[Scope]bool{}
	kinds := map[string]bool{}
	for id := range w.open {
		if ruleset.Of(id.rule).Falls && id.kind != a.Kind {
			fires[Scope{id.kind, id.id}], kinds[id.kind] = true, true
		}
	}
	if w.Explain == nil || len(kinds) == 0 || !ruleset.Of(a.Rule).Falls {
		return false, nil
	}
	parts, err := w.Explain(ctx, a, slices.Sorted(maps.Keys(kinds))...)
	if err != nil {
		return false, fmt.Errorf("breaking down the fall of %s: %w", a.Scope(), err)
	}
	share := map[string]float64{}
	for _, e := range parts {
		if fires[Scope{e.Dimension, e.ID}] {
			share[e.Dimension] += e.Share
		}
		if share[e.Dimension] >= carriedShare {
			return true, nil
		}
	}
	return false, nil
}

func (w *Watch) explain(ctx context.Context, a *alert.Alert) (err error) {
	if w.Explain == nil || !ruleset.Of(a.Rule).Falls {
		return nil // the other rules have brought their own
	}
	if a.Evidence, err = w.Explain(ctx, a); err != nil {
		return fmt.Errorf("explaining the fall of %s: %w", a.Scope(), err)
	}
	return nil
}

// follow updates the open alerts of a rule.
func (w *Watch) follow(ctx context.Context, l rule, now time.Time) (changed []alert.Alert, err error) {
	var open []*alert.Alert
	for _, a := range w.open {
		if a.Rule == l.name && a.Fired.Before(now) {
			open = append(open, a)
		}
	}
	slices.SortFunc(open, func(a, b *alert.Alert) int { return alert.Compare(*a, *b) })
	for _, a := range open {
		hourly := a.Seen.Truncate(time.Hour).Before(now.Truncate(time.Hour))
		a.Seen = now
		if l.follow(w, a) {
			a.Resolved = now
			delete(w.open, identityOf(a))
			w.ended[identityOf(a)] = now
			changed = append(changed, *a)
		} else if hourly {
			if err := w.explain(ctx, a); err != nil {
				return nil, err
			}
			changed = append(changed, *a)
		}
	}
	return changed, nil
}

// chance returns the level of a rule with this many independent evaluations a week: over these scopes it then raises its share of
// FalseAlerts / 100 a week and scope when nothing is the matter. It is at most 0.2: no more than a fifth of the alerts may be false.
func chance(r *ruleset.Rules, name string, scopes int, looks float64) float64 {
	return min(.2, float64(scopes)*r.FalseAlerts/100*ruleset.Of(name).Chance/looks)
}
