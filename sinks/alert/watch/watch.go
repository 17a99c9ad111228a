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

// The watch looks once a cell.
const _ = uint64(alert.Step-detect.Fine) + uint64(detect.Fine-alert.Step)

// Watch turns one evaluation after another into alerts that begin and end. It knows no clock: what it says is a function of the
// instants it was told and of what its source gave. One goroutine uses it.
type Watch struct {
	rules     *ruleset.Rules
	knowledge *knowledge
	looks     []rule
	open      map[identity]*alert.Alert
	ended     map[identity]time.Time // when an alert was over: what was before does not raise it again
	// Explain gives an alert its evidence, when it is raised and once an hour; may be nil.
	Explain Explain
	// Dimensions are those that the events have: the built-in ones unless told otherwise.
	Dimensions *dimension.Set
	untold     alert.Untold // what an alert that is raised is
}

// identity is an alert's, but for its start.
type identity struct{ rule, kind, id, part string }

func identityOf(a *alert.Alert) identity { return identity{a.Rule, a.Kind, a.ID, a.Part} }

// test is what a rule says of one scope.
type test struct {
	Scope
	part  string
	start time.Time
	// small says that the effect is too small to matter, however sure it is.
	small bool
	alert.Figures
}

// rule is a rule at work.
type rule struct {
	name string
	look
}

// looks make what looks for each rule, by its name: the rules' files add theirs.
var looks = map[string]func(*ruleset.Rules) look{}

// look is how a rule looks.
type look interface {
	severity() string
	// every is how often it looks.
	every() time.Duration
	// tests looks at all scopes.
	tests(ctx context.Context, w *Watch) ([]test, error)
	// level is the level of the false discovery rate for so many tests.
	level(tests int) float64
	// follow brings the figures of an alert up to now, and says whether it is over.
	follow(w *Watch, a *alert.Alert) (over bool)
}

// NewWatch begins to watch; firing are the alerts that are known to be open.
func NewWatch(rules *ruleset.Rules, source Source, firing []alert.Alert) *Watch {
	w := &Watch{Dimensions: dimension.Usual(), rules: rules, knowledge: newKnowledge(source, rules), open: map[identity]*alert.Alert{}, ended: map[identity]time.Time{}}
	for _, name := range ruleset.Names() {
		if rules.On(name) {
			w.looks = append(w.looks, rule{name, looks[name](rules)})
		}
	}
	for i := range firing {
		a := firing[i]
		w.open[identityOf(&a)] = &a
	}
	return w
}

// over watches on with other rules over another source.
func (w *Watch) over(rules *ruleset.Rules, source Source) *Watch {
	o := NewWatch(rules, source, w.Firing())
	o.ended, o.Explain, o.Dimensions = maps.Clone(w.ended), w.Explain, w.Dimensions
	return o
}

// tellAll gives the alerts that fire and that nobody was told of, as told.
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

// Firing gives the alerts that are firing, in the order of their identity.
func (w *Watch) Firing() []alert.Alert {
	list := make([]alert.Alert, 0, len(w.open))
	for _, a := range w.open {
		list = append(list, *a)
	}
	slices.SortFunc(list, alert.Compare)
	return list
}

// Known tells of alerts that were over at some time, so that what raised them does not raise them again.
func (w *Watch) Known(resolved []alert.Alert) {
	for i := range resolved {
		a := &resolved[i]
		if a.Resolved.After(w.ended[identityOf(a)]) {
			w.ended[identityOf(a)] = a.Resolved
		}
	}
}

// At evaluates all rules as of an instant, a multiple of [Step] later than the last one, and gives the alerts that began, ended
// or were brought up to date.
func (w *Watch) At(ctx context.Context, now time.Time) (changed []alert.Alert, err error) {
	if err := w.knowledge.to(ctx, now); err != nil {
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
	slices.SortStableFunc(tests, func(a, b test) int { // of two scopes that fall at once the narrower one is told
		return cmp.Compare(w.Dimensions.Rank(a.Kind), w.Dimensions.Rank(b.Kind))
	})
	for i := range tests {
		t := &tests[i]
		a := &alert.Alert{Rule: l.name, Kind: t.Kind, ID: t.ID, Part: t.part, Severity: l.severity(), Start: t.start, Fired: now, Seen: now, Measure: ruleset.Of(l.name).Measure, Figures: t.Figures, Untold: w.untold}
		if t.P > limit || t.small || w.open[identityOf(a)] != nil || now.Before(w.ended[identityOf(a)]) {
			continue
		}
		if carried, err := w.isCarried(ctx, a); err != nil {
			return nil, err
		} else if carried {
			w.ended[identityOf(a)] = now.Add(carriedFor)
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

// A fall raises no alert when alerts that already fire on its parts carry half of it or more: it is the same fall, seen from farther
// away. Neither what was seen until then nor what is seen for a while after raises it.
const (
	carriedShare = 0.5
	carriedFor   = 30 * time.Minute
)

// isCarried says that others which fire carry an alert by half or more.
func (w *Watch) isCarried(ctx context.Context, a *alert.Alert) (bool, error) {
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
	if w.Explain == nil {
		return nil
	}
	if a.Evidence, err = w.Explain(ctx, a); err != nil {
		return fmt.Errorf("explaining the fall of %s: %w", a.Scope(), err)
	}
	return nil
}

// follow looks at the open alerts of a rule.
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

// chance is the level for a rule that looks so many times a week, independently: so that each scope raises no more than
// FalseAlerts / 100 in a quiet week. It is never so high that of what is believed more than a fifth is wrong.
func chance(r *ruleset.Rules, tests int, looks float64) float64 {
	return min(.2, float64(tests)*r.FalseAlerts/100/looks)
}
