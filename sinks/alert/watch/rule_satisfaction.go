package watch

import (
	"context"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/insight/detect"
)

// lasting is how long a fall lasts before it counts as usual.
const lasting = 7 * 24 * time.Hour

func init() {
	looks[ruleset.SatisfactionDrop] = func(r *ruleset.Rules) look {
		return drop{rules: r, least: r.Drop.Least, name: ruleset.SatisfactionDrop}
	}
	looks[ruleset.SatisfactionDrift] = func(r *ruleset.Rules) look { return drift{r} }
	looks[ruleset.SatisfactionFloor] = func(r *ruleset.Rules) look { return floor{r} }
}

// drop finds drops below the scope's own past.
type drop struct {
	rules *ruleset.Rules
	least float64 // grades
	name  string
}

// dropLooks is the number of evaluations per week, every 5 minutes one. They overlap, and so do windows: the bounds over both leave room for what the
// variance of levels does not tell, as a child at a button.
const dropLooks = float64(7 * 24 * time.Hour / alert.Step)

func (d drop) severity() string   { return d.rules.Drop.Severity }
func (drop) every() time.Duration { return alert.Step }
func (d drop) level(tests int) float64 {
	return chance(d.rules, ruleset.SatisfactionDrop, tests, dropLooks)
}

func (d drop) tests(_ context.Context, w *Watch) ([]test, error) {
	return d.over(w, w.knowledge, ""), nil
}

// over tests what is known of one scale.
func (d drop) over(w *Watch, k *knowledge, part string) (list []test) {
	for _, s := range k.scopes(d.rules.Scopes) {
		u := k.usual[s]
		id := identity{d.name, s.Kind, s.ID, part}
		if u == nil || w.open[id] != nil {
			continue
		}
		from, closed := k.special.since(s, k.now, w.ended[id])
		if closed {
			continue
		}
		f, found := u.Drop(k.now, from)
		if !found {
			continue
		}
		t := test{Scope: s, start: f.From, small: f.Drop < d.least, Figures: figuresOf(&f)}
		if f.P < 1e-3 {
			t.start = u.Onset(k.now, from, f.Drop)
		}
		list = append(list, t)
	}
	return list
}

func figuresOf(f *detect.Fall) alert.Figures {
	return alert.Figures{Value: f.Mean, Expected: f.Expected, Low: f.Drop - 1.96*f.Error, High: f.Drop + 1.96*f.Error, Cases: int(f.N), P: f.P}
}

func (d drop) follow(w *Watch, a *alert.Alert) bool { return d.followIn(w.knowledge, a) }

// followIn follows an alert by what is known of its scale.
func (drop) followIn(k *knowledge, a *alert.Alert) bool {
	s := Scope{a.Kind, a.ID}
	u, t := k.usual[s], k.tracks[s]
	now := k.now
	if u == nil || now.Sub(a.Start) > lasting {
		if t != nil {
			t.Anew(a.Start)
		}
		return true
	}
	if u.Recovered(now, a.Start, a.Expected-a.Value) {
		t.Odd(a.Start, now)
		return true
	}
	// Keep the figures that show the fall best: as it ends, better responses would dilute it.
	if f, found := u.Over(a.Start, now); found && now.Sub(a.Start) < 48*time.Hour && f.Drop/f.Error > surely(a) {
		p := a.P // p stays that of the first finding
		a.Figures = figuresOf(&f)
		a.P = p
	}
	t.Odd(a.Start, now)
	return false
}

// surely returns by how many standard errors the mean of an alert about satisfaction is below the expected one.
func surely(a *alert.Alert) float64 { return 3.92 * (a.Expected - a.Value) / (a.High - a.Low) }

// drift finds slow falls, once a day.
type drift struct{ rules *ruleset.Rules }

func (d drift) severity() string        { return d.rules.Drift.Severity }
func (drift) every() time.Duration      { return 24 * time.Hour }
func (d drift) level(tests int) float64 { return chance(d.rules, ruleset.SatisfactionDrift, tests, 7) }

func (d drift) tests(_ context.Context, w *Watch) (list []test, err error) {
	w.knowledge.eachUsual(w.knowledge.slow, detect.ReferenceEnd(w.knowledge.now), func(u *detect.Usual) {
		scope := Scope{u.Track.Kind, u.Track.ID}
		id := identity{ruleset.SatisfactionDrift, scope.Kind, scope.ID, ""}
		if ended := w.ended[id]; !slices.Contains(d.rules.Scopes, scope.Kind) || w.open[id] != nil || w.knowledge.now.Sub(ended) < lasting {
			return
		}
		s, found := u.Drift(w.knowledge.now)
		if !found {
			return
		}
		list = append(list, test{Scope: scope, start: s.From, small: s.Drop < d.rules.Drift.Least,
			Figures: alert.Figures{Value: s.Mean, Expected: s.Expected, Low: s.Drop - 1.96*s.Error, High: s.Drop + 1.96*s.Error, Cases: int(s.N), P: s.P}})
	})
	return list, nil
}

// follow ends the alert when the last three days are nearer to what was expected, or when the fall counts as usual.
func (drift) follow(w *Watch, a *alert.Alert) bool {
	now := w.knowledge.now
	if now.Sub(a.Fired) > 2*lasting {
		return true
	}
	g := detect.Grades{}
	if t := w.knowledge.tracks[Scope{a.Kind, a.ID}]; t != nil {
		g = t.Hours(now.AddDate(0, 0, -3), now)
	}
	n := g.N()
	return n >= detect.LeastCases && g.Sum()/n > (a.Value+a.Expected)/2+1.5/math.Sqrt(n)
}

// floor finds means below a fixed floor.
type floor struct{ rules *ruleset.Rules }

func (f floor) severity() string   { return f.rules.Floor.Severity }
func (floor) every() time.Duration { return alert.Step }
func (f floor) level(int) float64  { return 1 - f.rules.Floor.Confidence }
func (f floor) grade() float64     { return 1 + f.rules.Floor.Index*6/100 }
func (f floor) window(w *Watch, s Scope) (n, mean, deviation float64) {
	g := w.knowledge.tracks[s].Since(w.knowledge.now.Add(-f.rules.Floor.Window), w.knowledge.now)
	n = g.N()
	if n < 2 {
		return n, 0, 0
	}
	return n, g.Sum() / n, math.Sqrt(max(g.Squares()/(n-1), .25))
}

func (f floor) tests(_ context.Context, w *Watch) (list []test, err error) {
	for _, s := range w.knowledge.scopes(f.rules.Scopes) {
		n, mean, deviation := f.window(w, s)
		if n < float64(f.rules.Floor.Least) || n < 2 {
			continue
		}
		err := deviation / math.Sqrt(n)
		drop := f.grade() - mean
		list = append(list, test{Scope: s, start: w.knowledge.now.Add(-f.rules.Floor.Window), small: drop <= 0,
			Figures: alert.Figures{Value: mean, Expected: f.grade(), Low: drop - 1.96*err, High: drop + 1.96*err, Cases: int(n), P: distuv.UnitNormal.Survival(drop / err)}})
	}
	return list, nil
}

// follow ends the alert when the mean is a standard error above the floor.
func (f floor) follow(w *Watch, a *alert.Alert) bool {
	s := Scope{a.Kind, a.ID}
	if w.knowledge.tracks[s] == nil {
		return true
	}
	n, mean, deviation := f.window(w, s)
	if n < 2 {
		return false
	}
	err := deviation / math.Sqrt(n)
	drop := f.grade() - mean
	if -drop > err {
		return true
	}
	if n >= float64(f.rules.Floor.Least) && drop/err > surely(a) {
		a.Value, a.Low, a.High, a.Cases = mean, drop-1.96*err, drop+1.96*err, int(n)
	}
	return false
}
