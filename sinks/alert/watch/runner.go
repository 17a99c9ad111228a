package watch

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

// Runner evaluates the rules as events arrive, and passes on the alerts.
type Runner struct {
	Rules *ruleset.Rules
	Views History
	Log   Book
	// Explain adds evidence to alerts; may be nil.
	Explain Explain
	// Dimensions are the events' dimensions; nil for the built-in ones.
	Dimensions *dimension.Set
	// Zone is that of the hours of the week; nil is UTC.
	Zone   *time.Location
	Logger *slog.Logger
	// CatchUp is the longest time that is evaluated afterwards, in event time.
	CatchUp  time.Duration
	Channels []alert.Channel
	// Dispatcher decides what to do for whom; may be nil.
	Dispatcher interface {
		At(ctx context.Context, now time.Time, firing []alert.Alert) error
	}
	// Told is called after each round with the firing alerts, the end of the evaluated time, and the error, if any.
	Told func(firing []alert.Alert, until time.Time, err error)

	watch *Watch
	at    time.Time // end of the evaluated time
	since time.Time // its start, without a gap
	begun time.Time // when the watch was created
	known clock
	load  load
	past  *past // the catch-up, or nil
	said  bool  // it was logged that a load is waited for
	news  []alert.Alert
	// fresh: the firing alerts have not been told since the watch began. later: the stored alerts that were found after at, by a runner
	// that was ahead. found: the keys of alerts found since.
	fresh bool
	later []alert.Alert
	found map[string]bool
}

// History is a [Source] that knows how far its events reach.
type History interface {
	Source
	// Known returns the watermark of each partition.
	Known(ctx context.Context) (map[uint32]time.Time, error)
	// First returns the earliest event time, zero without events.
	First(ctx context.Context) (time.Time, error)
}

// Book stores alerts, see [alert.Log].
type Book interface {
	Write(ctx context.Context, alerts []alert.Alert) error
	Read(ctx context.Context, since time.Time) (firing, resolved []alert.Alert, err error)
	NoteRisk(ctx context.Context, at time.Time) error
	Evaluated(ctx context.Context) (alert.Coverage, error)
	NoteEvaluated(ctx context.Context, c alert.Coverage) error
}

var _ Book = (*alert.Log)(nil)

const (
	// poll is the time between two checks for new events.
	poll = 2 * time.Second
	// settle is how long a step waits for events of its last minute, in event time.
	settle = time.Minute
	// short is the longest time that is evaluated as the present; a longer one is caught up with.
	short = 2 * time.Hour
	// dispatchEvery is the time between two decisions on actions, in event time.
	dispatchEvery = 15 * time.Minute
	// again is the least time between two new watches: each reads six weeks.
	again = 30 * time.Second
	// recall is how far back ended alerts are read at the start.
	recall = 24 * time.Hour
)

// Run evaluates until the context ends. A failed evaluation is logged and tried again.
func (r *Runner) Run(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		more, err := r.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.Logger.Warn("evaluating alerts went wrong; it is tried again", "err", err)
			r.watch, r.past, r.begun = nil, nil, time.Time{} // it may have done half of a step
		}
		if r.Told != nil {
			r.Told(r.firing(), r.at, err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// firing returns the firing alerts that the channels know of.
func (r *Runner) firing() (list []alert.Alert) {
	if r.watch == nil {
		return nil
	}
	for _, a := range r.watch.Firing() {
		if a.Untold == alert.AllTold {
			list = append(list, a)
		}
	}
	return list
}

// round evaluates what has become due, and reports whether there is more.
func (r *Runner) round(ctx context.Context) (more bool, err error) {
	partitions, err := r.Views.Known(ctx)
	if err != nil || len(partitions) == 0 {
		return false, err
	}
	wall := time.Now()
	wait := r.load.see(partitions, wall)
	now := r.due(latest(partitions), wall)
	if r.watch == nil {
		if wall.Sub(r.begun) < again {
			return false, nil
		}
		r.begun = wall
		if err := r.begin(ctx, now); err != nil {
			return false, err
		}
		now = r.due(r.at.Add(settle), wall)
	}
	switch {
	case r.past != nil:
		return r.catchUp(ctx)
	case now.Sub(r.at) <= short:
		return false, r.steps(ctx, now)
	case wait:
		if !r.said {
			r.Logger.Info("events come in at once: alerts are looked for when they have come", "looked_until", r.at)
		}
		r.said = true
		return false, nil
	default:
		return true, r.leave(now)
	}
}

// due returns the end of the time that can be evaluated, when events are known up to a time.
func (r *Runner) due(known, wall time.Time) time.Time {
	return r.known.see(known, wall).Add(-settle).Truncate(alert.Step)
}

func latest(partitions map[uint32]time.Time) (last time.Time) {
	for _, at := range partitions {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// begin creates a watch that continues where the last one ended, with the alerts that fired then.
func (r *Runner) begin(ctx context.Context, now time.Time) error {
	noted, err := r.Log.Evaluated(ctx)
	if err != nil {
		return err
	}
	first, err := r.Views.First(ctx)
	if err != nil {
		return err
	}
	from, since := noted.Until, noted.From
	for _, bound := range []time.Time{now.Add(-r.CatchUp), first} {
		if bound = bound.Truncate(alert.Step); bound.After(from) {
			from, since = bound, bound
		}
	}
	firing, resolved, err := r.Log.Read(ctx, from.Add(-recall))
	if err != nil {
		return err
	}
	r.news, r.later, r.found, r.fresh = nil, nil, map[string]bool{}, true
	var open, over []alert.Alert
	for _, a := range append(firing, resolved...) {
		switch {
		case a.Fired.After(from) && a.Resolved.IsZero():
			r.later = append(r.later, a)
		case a.Fired.After(from):
		case a.Resolved.After(from) || a.Resolved.IsZero():
			if a.Resolved, a.Seen = (time.Time{}), a.Fired; a.Untold == alert.EndUntold {
				a.Untold = alert.AllTold
			}
			open = append(open, a)
		default:
			over = append(over, a)
			if a.Untold == alert.EndUntold || now.Sub(a.Resolved) < recall {
				r.hear(&a)
			}
		}
	}
	r.watch = NewWatch(r.Rules, r.Views, open)
	r.watch.Known(over)
	r.watch.Explain = r.Explain
	r.watch.Zone = r.Zone
	if r.Dimensions != nil {
		r.watch.Dimensions = r.Dimensions
	}
	r.at, r.since = from, since
	return nil
}

// steps evaluates a short time step by step, as the present, and tells at its end what it found.
func (r *Runner) steps(ctx context.Context, now time.Time) error {
	for next := r.at.Add(alert.Step); !next.After(now); next = next.Add(alert.Step) {
		if next.Unix()%3600 == 0 && (r.Rules.On(ruleset.ChurnRise) || r.Rules.On(ruleset.ValueAtRisk)) {
			if err := r.Log.NoteRisk(ctx, next); err != nil {
				return err
			}
		}
		if err := r.step(ctx, next, next.Add(alert.Step).After(now)); err != nil {
			return err
		}
		if next.Add(alert.Step).After(now) {
			if err := r.arrive(ctx); err != nil {
				return err
			}
		}
		if r.Dispatcher != nil && next.Unix()%int64(dispatchEvery/time.Second) == 0 {
			// Actions are not urgent to the minute: the next evaluation finds them too.
			if err := r.Dispatcher.At(ctx, next, r.watch.Firing()); err != nil && ctx.Err() == nil {
				r.Logger.Warn("saying what is to be done went wrong; it is tried again", "err", err)
			}
		}
	}
	if r.fresh {
		return r.arrive(ctx)
	}
	return nil
}

// step evaluates one instant, and stores what it finds. What it finds before the last step is told later, if it still fires then.
func (r *Runner) step(ctx context.Context, now time.Time, last bool) error {
	r.watch.untold = alert.NothingTold
	if last {
		r.watch.untold = alert.AllTold
	}
	changed, err := r.watch.At(ctx, now)
	if err != nil {
		return err
	}
	for i := range changed {
		if a := &changed[i]; !last && !a.Resolved.IsZero() && a.Untold == alert.AllTold {
			a.Untold = alert.EndUntold
		}
	}
	if err := r.Log.Write(ctx, changed); err != nil {
		return err
	}
	r.at = now
	for i := range changed {
		a := &changed[i]
		r.found[a.Key()] = true
		if a.Fired.Equal(now) || !a.Resolved.IsZero() {
			level := slog.LevelInfo
			if r.past != nil {
				level = slog.LevelDebug
			}
			r.Logger.Log(ctx, level, "alert "+a.State(), "rule", a.Rule, "scope", a.Scope(), "part", a.Part, "since", a.Start, "at", now, "value", a.Value, "expected", a.Expected)
			r.hear(a)
		}
	}
	return nil
}

// hear keeps an alert for the next telling.
func (r *Runner) hear(a *alert.Alert) {
	if a.Untold != alert.NothingTold {
		r.news = append(r.news, *a)
	}
}

// arrive ends an evaluated time: it notes the end, and tells what was found. It stores an alert before it tells it, so that the next
// runner knows of it.
func (r *Runner) arrive(ctx context.Context) error {
	changed := append(r.others(), r.watch.tellAll()...)
	for i := range r.news {
		if a := &r.news[i]; a.Untold == alert.EndUntold {
			a.Untold = alert.AllTold
			changed = append(changed, *a)
		}
	}
	if err := r.Log.Write(ctx, changed); err != nil {
		return err
	}
	if err := r.Log.NoteEvaluated(ctx, alert.Coverage{From: r.since, Until: r.at}); err != nil {
		return err
	}
	firing := r.watch.Firing()
	news := map[string]alert.Alert{} // each alert's latest state
	for _, list := range [][]alert.Alert{r.news, changed} {
		for _, a := range list {
			news[a.Key()] = a
		}
	}
	if r.fresh {
		for _, a := range firing {
			news[a.Key()] = a
		}
	}
	r.news, r.later, r.found, r.fresh = nil, nil, map[string]bool{}, false
	tell := slices.SortedFunc(maps.Values(news), func(a, b alert.Alert) int {
		return cmp.Or(a.Seen.Compare(b.Seen), alert.Compare(a, b))
	})
	for _, c := range r.Channels {
		// A failed channel does not stop the others, and the table has the alerts.
		if err := c.Tell(ctx, tell, firing); err != nil && ctx.Err() == nil {
			r.Logger.Warn("handing alerts on went wrong", "err", err)
		}
	}
	return nil
}

// others handles the stored alerts that were found after the noted end and not found again: each goes on, or ends if another alert
// with its identity fires. It returns those that end.
func (r *Runner) others() (ended []alert.Alert) {
	for _, a := range r.later {
		switch {
		case r.found[a.Key()]:
		case r.watch.open[identityOf(&a)] == nil:
			r.watch.open[identityOf(&a)] = &a
		default:
			a.Resolved, a.Seen, a.Untold = r.at, r.at, alert.AllTold
			ended = append(ended, a)
		}
	}
	return ended
}

// clock is the watermark of all events. While it is live it runs on without events: otherwise silence would go unnoticed.
type clock struct {
	last, at time.Time
	moved    time.Time // when last changed
}

// live is how far the watermark may lag and still be live.
const live = time.Hour

func (c *clock) see(known, now time.Time) time.Time {
	if known.After(c.last) {
		c.last, c.moved = known, now
	}
	c.at = c.last
	if c.moved.Sub(c.last).Abs() < live {
		c.at = c.last.Add(now.Sub(c.moved))
	}
	return c.at
}
