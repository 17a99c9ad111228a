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

// LookBack evaluates what is known now as the past, without waiting for more, and notes how far it is. progress, which may be nil, hears the share
// that is done, 0 to 1. It is for a runner that does not run.
func (r *Runner) LookBack(ctx context.Context, progress func(share float64)) error {
	partitions, err := r.Views.Known(ctx)
	if err != nil || len(partitions) == 0 {
		return err
	}
	now := latest(partitions).Add(-settle).Truncate(alert.Step)
	if err := r.begin(ctx, now); err != nil {
		return err
	}
	if !r.at.Before(now) {
		return nil
	}
	if err := r.leave(now); err != nil {
		return err
	}
	for p := *r.past; r.past != nil; {
		if _, err := r.catchUp(ctx); err != nil {
			return err
		}
		if progress != nil {
			progress(float64(r.at.Sub(p.from)) / float64(p.to.Sub(p.from)))
		}
	}
	return ctx.Err()
}

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
