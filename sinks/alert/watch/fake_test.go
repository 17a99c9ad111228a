package watch_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

var monday = time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)

// knowledge is a made-up source: responses, complaints and risks, each with its time.
type knowledge struct {
	responses  map[watch.Scope][]response
	complaints []complaint
	purchases  map[watch.Scope][]time.Time
	invited    map[watch.Scope][]time.Time
	scaled     map[string]*knowledge // answers in other scales, as grades
	risks      []risk
	troubled   []watch.Troubled
}

type response struct {
	at    time.Time
	grade int
	who   string
}

type complaint struct {
	watch.Scope
	category         string
	opened, resolved time.Time // zero if not resolved
	promise          time.Duration
}

type risk struct {
	at time.Time
	watch.RiskCell
}

func newKnowledge() *knowledge { return &knowledge{responses: map[watch.Scope][]response{}} }

func store(id string) watch.Scope { return watch.Scope{Kind: "store", ID: id} }

// chain fills stores with responses for four weeks and two days up to a time, at a rate per hour between 8 and 20 o'clock.
func chain(rnd *rand.Rand, stores int, perHour float64, from, to time.Time) *knowledge {
	w := newKnowledge()
	for i := range stores {
		w.fill(rnd, store(string(rune('a'+i))), perHour, from, to, 5.3)
	}
	return w
}

func (w *knowledge) fill(rnd *rand.Rand, s watch.Scope, perHour float64, from, to time.Time, mean float64) {
	for at := from; at.Before(to); at = at.Add(time.Duration(rnd.ExpFloat64() / perHour * float64(time.Hour))) {
		if h := at.Hour(); h >= 8 && h < 20 {
			grade := int(math.Round(mean + 1.2*rnd.NormFloat64()))
			w.responses[s] = append(w.responses[s], response{at: at, grade: min(max(grade, 1), 7)})
		}
	}
}

// without removes the responses of a stretch.
func (w *knowledge) without(s watch.Scope, from, to time.Time) {
	w.responses[s] = slices.DeleteFunc(w.responses[s], func(r response) bool { return !r.at.Before(from) && r.at.Before(to) })
}

func (w *knowledge) Grades(_ context.Context, length time.Duration, from, to time.Time, _ []string) (list []watch.GradeCell, err error) {
	for s, responses := range w.responses {
		cells := map[time.Time]*detect.Grades{}
		for _, r := range responses {
			if start := r.at.Truncate(length); !start.Before(from) && start.Before(to) && r.at.Before(to) {
				if cells[start] == nil {
					cells[start] = &detect.Grades{}
				}
				cells[start][r.grade-1]++
			}
		}
		for at, g := range cells {
			list = append(list, watch.GradeCell{Scope: s, Start: at, Grades: *g})
		}
	}
	return list, nil
}

func (w *knowledge) Respondents(_ context.Context, s watch.Scope, from, to time.Time, _ int) (list []watch.Respondent, err error) {
	by := map[string]watch.Respondent{}
	for _, r := range w.responses[s] {
		if r.who != "" && !r.at.Before(from) && r.at.Before(to) {
			o := by[r.who]
			by[r.who] = watch.Respondent{ID: r.who, N: o.N + 1, Sum: o.Sum + r.grade}
		}
	}
	for _, r := range by {
		list = append(list, r)
	}
	return list, nil
}

// inHours are answers of which a source tells hours, as [watch.Views] does of other scales.
type inHours struct{ *knowledge }

func (w inHours) Grades(ctx context.Context, _ time.Duration, from, to time.Time, kinds []string) ([]watch.GradeCell, error) {
	return w.knowledge.Grades(ctx, time.Hour, from.Add(time.Hour-1).Truncate(time.Hour), to.Truncate(time.Hour), kinds)
}

func (w *knowledge) Scale(name string) watch.Answers {
	if w.scaled[name] == nil {
		return nil
	}
	return inHours{w.scaled[name]}
}

func (w *knowledge) Complaints(_ context.Context, from, to time.Time, _ []string) (list []watch.ComplaintCell, err error) {
	for _, c := range w.complaints {
		if !c.opened.Before(from) && c.opened.Before(to) {
			list = append(list, watch.ComplaintCell{Scope: c.Scope, Category: c.category, Start: c.opened.Truncate(time.Hour), Opened: 1})
		}
	}
	return list, nil
}

func (w *knowledge) Purchases(_ context.Context, from, to time.Time, _ []string) ([]watch.HourCell, error) {
	return hourCells(w.purchases, from, to), nil
}

func (w *knowledge) Asked(_ context.Context, from, to time.Time, _ []string) ([]watch.HourCell, error) {
	return hourCells(w.invited, from, to), nil
}

func hourCells(of map[watch.Scope][]time.Time, from, to time.Time) (list []watch.HourCell) {
	for s, times := range of {
		for _, at := range times {
			if !at.Before(from) && at.Before(to) {
				list = append(list, watch.HourCell{Scope: s, Start: at.Truncate(time.Hour), N: 1})
			}
		}
	}
	return list
}

func (w *knowledge) Promises(_ context.Context, from, to time.Time, _ []string) (list []watch.PromiseCell, err error) {
	by := map[watch.Scope]*watch.PromiseCell{}
	for _, c := range w.complaints {
		p := by[c.Scope]
		if p == nil {
			p = &watch.PromiseCell{Scope: c.Scope}
			by[c.Scope] = p
		}
		slow := c.resolved.IsZero() || c.resolved.Sub(c.opened) > c.promise
		if due := c.opened.Add(c.promise); !due.Before(from) && due.Before(to) {
			p.Due++
			if slow {
				p.Breached++
			}
		}
		if !c.resolved.IsZero() && !c.resolved.Before(from) && c.resolved.Before(to) {
			p.Resolved++
			if slow {
				p.Slow++
			}
		}
	}
	for _, p := range by {
		list = append(list, *p)
	}
	return list, nil
}

func (w *knowledge) Risk(_ context.Context, at time.Time, _ []string) ([]watch.RiskCell, error) {
	var newest *risk
	for i := range w.risks {
		if r := &w.risks[i]; !r.at.After(at) && at.Sub(r.at) < 48*time.Hour && (newest == nil || r.at.After(newest.at)) {
			newest = r
		}
	}
	if newest == nil {
		return nil, nil
	}
	return []watch.RiskCell{newest.RiskCell}, nil
}

func (w *knowledge) Troubled(_ context.Context, tiers []string, risk float64, _ int, named []string) (list []watch.Troubled, err error) {
	for _, c := range w.troubled {
		if slices.Contains(tiers, c.Tier) && c.Risk >= risk || slices.Contains(named, c.Customer) {
			list = append(list, c)
		}
	}
	return list, nil
}

// only returns the default rules for stores, with a single one on.
func only(rule string) *ruleset.Rules {
	r := ruleset.Default()
	r.Scopes, r.Silent.Scopes, r.Asking.Scopes = []string{"all", "store"}, []string{"all", "store"}, []string{"all", "store"}
	r.Off = slices.DeleteFunc(ruleset.Names(), func(n string) bool { return n == rule })
	return &r
}

// watched evaluates every five minutes and returns the changes.
func watched(t *testing.T, w *watch.Watch, from, to time.Time) (changed []alert.Alert) {
	t.Helper()
	for now := from; !now.After(to); now = now.Add(alert.Step) {
		some, err := w.At(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		changed = append(changed, some...)
	}
	return changed
}

// raised returns the changes that began; ended those that ended.
func raised(changed []alert.Alert) (list []alert.Alert) {
	for _, a := range changed {
		if a.Resolved.IsZero() && a.Fired.Equal(a.Seen) {
			list = append(list, a)
		}
	}
	return list
}

func ended(changed []alert.Alert) (list []alert.Alert) {
	for _, a := range changed {
		if !a.Resolved.IsZero() {
			list = append(list, a)
		}
	}
	return list
}

// inFull leaves a test out of the short form: it looks at weeks of many scopes, step by step, and the race detector finds nothing there but time.
func inFull(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it looks at weeks of many scopes")
	}
}
