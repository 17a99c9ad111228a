package watch

import (
	"context"
	"fmt"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/insight/detect"
)

func init() {
	looks[ruleset.AskingStopped] = func(r *ruleset.Rules) look { return stopped{r} }
}

// stopped finds scopes that ask far fewer of their customers than usual, while these go on buying, or answering where purchases are
// not known. Where nobody answers any more either, [silent] says so.
type stopped struct{ rules *ruleset.Rules }

func (s stopped) severity() string        { return s.rules.Asking.Severity }
func (stopped) every() time.Duration      { return time.Hour }
func (s stopped) level(tests int) float64 { return chance(s.rules, ruleset.AskingStopped, tests, 168) }

var askingWindows = []time.Duration{6 * time.Hour, 24 * time.Hour}

const (
	// leastInvitations, on leastInvitationDays days, are what must have been usual before it can stop.
	leastInvitations    = 50
	leastInvitationDays = 7
	// askingDispersion is how much the share of customers who are asked varies from day to day, beyond what its past shows.
	askingDispersion = 0.05
	// batch is how late the invitations of all scopes together may come, as from a survey tool that sends them by night.
	batch = 36 * time.Hour
	// askingBack is how many invitations must be usual in the last hours before their return ends an alert.
	askingBack = 5
)

func (w *knowledge) putAsked(ctx context.Context, from, to time.Time) error {
	cells, err := w.source.Asked(ctx, from.Truncate(time.Hour), to, w.kinds)
	if err != nil {
		return fmt.Errorf("reading invitations: %w", err)
	}
	putHours(w.asked, cells, from, to)
	for i := range cells {
		if end := cells[i].Start.Add(time.Hour); end.After(w.askedUntil) {
			w.askedUntil = end
		}
	}
	return nil
}

// askingKnown is until when invitations are known: none of the whole company says that they have not come yet, rather than that nobody is asked.
func (w *knowledge) askingKnown() time.Time {
	until := w.now.Truncate(time.Hour)
	if w.askedUntil.Before(until) {
		until = w.askedUntil
	}
	if least := w.now.Truncate(time.Hour).Add(-batch); until.Before(least) {
		return least
	}
	return until
}

// usualAsking is how many a scope asks per purchase, or response, in the time that is compared with.
type usualAsking struct {
	*exposure
	rate, dispersion, asked float64
}

// usualAsking returns nil where too few were asked.
func (w *knowledge) usualAsking(s Scope, now time.Time) *usualAsking {
	asked, e := w.asked[s], w.exposure(s, now)
	u := &usualAsking{exposure: e, asked: asked.count(before(now))}
	exposed := e.before(now)
	if u.asked < leastInvitations || exposed == 0 {
		return nil
	}
	u.rate = u.asked / exposed
	var counts, means []float64
	days := 0
	from, to := before(now)
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		next := day.AddDate(0, 0, 1)
		n, mean := asked.count(day, next), u.rate*e.count(day, next)
		if n > 0 {
			days++
		}
		if n >= mean/4 { // less is a stop, not the usual scatter
			counts, means = append(counts, n), append(means, mean)
		}
	}
	u.dispersion = askingDispersion + 1/u.asked + detect.Dispersion(counts, means)
	if days < leastInvitationDays {
		return nil
	}
	return u
}

// figures are those of a stretch.
func (u *usualAsking) figures(asked hours, from, to time.Time) alert.Figures {
	n, exposed := asked.count(from, to), u.count(from, to)
	low, high := detect.Rate(n)
	expected := u.rate * exposed
	return alert.Figures{Value: n, Expected: expected, Low: low - expected, High: high - expected, Cases: int(n), P: detect.Lull(n, expected, u.dispersion+1/max(exposed, 1))}
}

func (s stopped) tests(_ context.Context, w *Watch) (list []test, err error) {
	if w.knowledge.askedUntil.IsZero() {
		return nil, nil
	}
	for _, scope := range w.knowledge.scopes(s.rules.Asking.Scopes) { // that of all comes first
		if w.knowledge.asked[scope] == nil {
			continue
		}
		t := s.scope(w, scope)
		list = append(list, t)
		if scope.Kind == dimension.All && !t.small && t.P < quiet {
			return list, nil // one cause, told once
		}
	}
	return list, nil
}

func (s stopped) scope(w *Watch, scope Scope) test {
	best := test{Scope: scope, small: true, Figures: alert.Figures{P: 1}}
	until := w.knowledge.askingKnown()
	u := w.knowledge.usualAsking(scope, until)
	if u == nil {
		return best
	}
	for _, window := range askingWindows {
		since := until.Add(-window)
		if w.ended[identity{ruleset.AskingStopped, scope.Kind, scope.ID, ""}].After(since) {
			continue
		}
		f := u.figures(w.knowledge.asked[scope], since, until)
		if f.P = min(1, float64(len(askingWindows))*f.P); f.P < best.P {
			best.start, best.Figures = since, f
			best.small = f.Expected < float64(s.rules.Asking.Least) || f.Value > s.rules.Asking.Share*f.Expected
			best.evidence = w.knowledge.exposureTold(scope, u.name, until)
		}
	}
	return best
}

// follow ends the alert when the last hours have half of what is usual.
func (stopped) follow(w *Watch, a *alert.Alert) bool {
	scope := Scope{a.Kind, a.ID}
	asked, until := w.knowledge.asked[scope], w.knowledge.askingKnown()
	if asked == nil || w.knowledge.tracks[scope] == nil || w.knowledge.now.Sub(a.Start) > lasting {
		return true
	}
	u := w.knowledge.usualAsking(scope, a.Fired)
	if u == nil {
		return true
	}
	if until.After(a.Start) {
		p := a.P // stays that of the first finding
		a.Figures = u.figures(asked, a.Start, until)
		a.P = p
		a.Evidence = w.knowledge.exposureTold(scope, u.name, until)
	}
	last := u.figures(asked, until.Add(-askingWindows[0]), until)
	return last.Expected >= askingBack && last.Value >= last.Expected/2
}
