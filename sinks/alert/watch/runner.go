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

// Runner watches a database as events come, and hands on what it finds.
type Runner struct {
	Rules *ruleset.Rules
	Views History
	Log   Book
	// Explain gives alerts their evidence; may be nil.
	Explain Explain
	// Dimensions are those that the events have; nil for the built-in ones.
	Dimensions *dimension.Set
	Logger     *slog.Logger
	// CatchUp is the longest time that is looked at afterwards, of event time.
	CatchUp  time.Duration
	Channels []alert.Channel
	// Dispatcher says what is to be done for whom; may be nil.
	Dispatcher interface {
		At(ctx context.Context, now time.Time, firing []alert.Alert) error
	}
	// Told hears of each round: the alerts that fire, until when alerts have been looked for, and what went wrong, or nil.
	Told func(firing []alert.Alert, until time.Time, err error)

	watch *Watch
	at    time.Time // until when alerts have been looked for
	since time.Time // since when without a gap
	begun time.Time // when the watch was made
	known clock
	load  load
	past  *past // what is caught up with, or nil
	said  bool  // that it waits for a load
	news  []alert.Alert
	// fresh says that nobody has been told yet what fires; later are the alerts of the table that were found after at, by one who looked
	// farther, and found those that were found again.
	fresh bool
	later []alert.Alert
	found map[string]bool
}

// History is the [Source] of what has come, with when it came until.
type History interface {
	Source
	// Known is until when events are known, by partition.
	Known(ctx context.Context) (map[uint32]time.Time, error)
	// First is since when events are known, zero without any.
	First(ctx context.Context) (time.Time, error)
}

// Book keeps what was found, see [Log].
type Book interface {
	Write(ctx context.Context, alerts []alert.Alert) error
	Read(ctx context.Context, since time.Time) (firing, resolved []alert.Alert, err error)
	NoteRisk(ctx context.Context, at time.Time) error
	Evaluated(ctx context.Context) (alert.Coverage, error)
	NoteEvaluated(ctx context.Context, c alert.Coverage) error
}

var _ Book = (*alert.Log)(nil)

const (
	// poll is how often the runner asks whether there are new events.
	poll = 2 * time.Second
	// settle is how long a step waits for events of its last minute, of event time.
	settle = time.Minute
	// short is the longest time that is looked at as if it were now: what is longer is caught up with.
	short = 2 * time.Hour
	// dispatchEvery is how often actions are decided on, in event time.
	dispatchEvery = 15 * time.Minute
	// again is the shortest time between two watches that are made anew: each reads six weeks.
	again = 30 * time.Second
	// recall is how long ago alerts ended that are remembered at the start.
	recall = 24 * time.Hour
)

// Run watches until the context ends. An evaluation that goes wrong is told and tried again.
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
			r.watch, r.past, r.begun = nil, nil, time.Time{} // it may have seen half of a step
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

// firing are the alerts that fire as far as anybody was told.
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

// round looks at what has become due, and says whether there is more to look at.
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

// due is until when alerts can be looked for when events are known until a time.
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

// begin makes a watch that goes on where the last one was, and knows what fired then.
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
	if r.Dimensions != nil {
		r.watch.Dimensions = r.Dimensions
	}
	r.at, r.since = from, since
	return nil
}

// steps looks step by step at a short time, as if it were now, and tells what it found at the end of it.
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
			// Whoever works on what is to be done does not need it this minute: the next look has it too.
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

// step looks as of an instant, and puts down what it finds. What is found before the last step is told when it still fires then.
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

// hear keeps what is told next.
func (r *Runner) hear(a *alert.Alert) {
	if a.Untold != alert.NothingTold {
		r.news = append(r.news, *a)
	}
}

// arrive ends a time that was looked at: its end is noted, and what it brought is told. What is told has been put down before, so that
// whoever goes on knows of it.
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
	news := map[string]alert.Alert{} // each alert as it stands now
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
		// A channel that fails does not keep the others from hearing, and the alerts are in the table.
		if err := c.Tell(ctx, tell, firing); err != nil && ctx.Err() == nil {
			r.Logger.Warn("handing alerts on went wrong", "err", err)
		}
	}
	return nil
}

// others are alerts of the table that were found later than was noted, and not found again: they go on, or end where another one of
// their kind fires.
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

// clock is until when events are known. While they are live it runs on even if no more arrive: otherwise silence could not be heard.
type clock struct {
	last, at time.Time
	moved    time.Time // when last moved
}

// live is how far behind the present events may be and still count as live.
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
