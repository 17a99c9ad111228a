package watch

import (
	"context"
	"time"

	"csatflow/sinks/alert"
)

// past is a time to catch up with: many events arrived at once, or csatflow was away.
type past struct {
	from, to time.Time
	begun    time.Time
}

// A round evaluates one piece of the past, so that it stays short.
const (
	pieceSteps = 12 * 24 // a day
	pieceTime  = time.Second
)

// leave begins to catch up with the time until now.
func (r *Runner) leave(now time.Time) error {
	from := r.at
	if bound := now.Add(-r.CatchUp).Truncate(alert.Step); from.Before(bound) {
		from, r.since = bound, bound
	}
	r.past = &past{from: from, to: now, begun: time.Now()}
	r.at, r.said = from, false
	r.watch = r.watch.over(r.Rules.OfThePast(), &Ahead{Source: r.Views})
	r.Logger.Info("alerts are looked for in the time that has come at once", "from", from, "to", now)
	return nil
}

// catchUp evaluates a piece of the past. At its end the runner returns to the present.
func (r *Runner) catchUp(ctx context.Context) (more bool, err error) {
	p, begun := r.past, time.Now()
	for n := 0; r.at.Before(p.to) && n < pieceSteps && time.Since(begun) < pieceTime; n++ {
		next := r.at.Add(alert.Step)
		if err := r.step(ctx, next, !next.Before(p.to)); err != nil {
			return false, err
		}
	}
	if r.at.Before(p.to) {
		return true, r.Log.NoteEvaluated(ctx, alert.Coverage{From: r.since, Until: r.at})
	}
	r.past = nil
	r.watch = r.watch.over(r.Rules, r.Views)
	if err := r.arrive(ctx); err != nil {
		return false, err
	}
	r.Logger.Info("alerts have been looked for in the time that had come at once", "from", p.from, "to", p.to, "firing", len(r.watch.open), "took", time.Since(p.begun))
	return true, nil
}
