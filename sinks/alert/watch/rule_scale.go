package watch

import (
	"context"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

func init() {
	looks[ruleset.ScaleDrop] = func(r *ruleset.Rules) look {
		return scaleDrop{drop{rules: r, least: r.Scale.Least * 6 / 100, name: ruleset.ScaleDrop}}
	}
}

// scaleDrop finds drops of scores in other scales, in the same way as [drop]. Answers in them are fewer: it looks once an hour, at whole hours.
type scaleDrop struct{ drop }

func (d scaleDrop) severity() string        { return d.rules.Scale.Severity }
func (scaleDrop) every() time.Duration      { return time.Hour }
func (d scaleDrop) level(tests int) float64 { return chance(d.rules, ruleset.ScaleDrop, tests, 7*24) }

func (d scaleDrop) tests(ctx context.Context, w *Watch) (list []test, err error) {
	for _, s := range scales {
		k := w.scaled[s.name]
		if k == nil {
			continue
		}
		if err := k.to(ctx, w.knowledge.now, w.Zone); err != nil {
			return nil, err
		}
		for _, t := range d.over(w, k, s.name) {
			t.part, t.Figures = s.name, in(t.Figures, s)
			list = append(list, t)
		}
	}
	return list, nil
}

func (d scaleDrop) follow(w *Watch, a *alert.Alert) bool {
	k, s := w.scaled[a.Part], scaleOf(a.Part)
	if k == nil || k.tracks[Scope{a.Kind, a.ID}] == nil {
		return true
	}
	as := *a
	as.Figures = graded(a.Figures, s)
	over := d.followIn(k, &as)
	a.Figures = in(as.Figures, s)
	return over
}

// in returns figures of mean grades as those of a score.
func in(f alert.Figures, s scale) alert.Figures {
	f.Value, f.Expected, f.Low, f.High = s.score(f.Value), s.score(f.Expected), s.by(f.Low), s.by(f.High)
	return f
}

// graded is the inverse of in.
func graded(f alert.Figures, s scale) alert.Figures {
	f.Value, f.Expected, f.Low, f.High = s.mean(f.Value), s.mean(f.Expected), s.change(f.Low), s.change(f.High)
	return f
}

// isSeenFrom reports whether a firing drop of the same score in a narrower kind of scope carries this one by half or more, as far as numbers
// of answers and depths tell.
func (w *Watch) isSeenFrom(a *alert.Alert) bool {
	for id, o := range w.open {
		if id.rule == a.Rule && id.part == a.Part && w.Dimensions.Rank(id.kind) < w.Dimensions.Rank(a.Kind) &&
			float64(o.Cases)*(o.Expected-o.Value) >= carriedShare*float64(a.Cases)*(a.Expected-a.Value) {
			return true
		}
	}
	return false
}
