package alert

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Runner watches a database as events come, and hands on what it finds.
type Runner struct {
	Rules    *Rules
	Views    *Views
	Log      *Log
	Logger   *slog.Logger
	Channels []Channel
	// Desk says what is to be done for whom; may be nil.
	Desk interface {
		At(ctx context.Context, now time.Time, firing []Alert) error
	}
	// Told hears of each evaluation: the alerts that fire, until when events are known, and what went wrong, or nil.
	Told func(firing []Alert, known time.Time, err error)

	watch *Watch
	at    time.Time // last evaluation
	begun time.Time // when the watch was made
	known clock
}

// Channel is where alerts go. It is called from one goroutine and must not wait long.
type Channel interface {
	// Tell hears after every evaluation of the alerts that began or ended, and of all that fires. At the start those of the last day are
	// among the changed, which it may have heard of.
	Tell(ctx context.Context, changed, firing []Alert) error
}

const (
	// poll is how often the runner asks whether there are new events.
	poll = 2 * time.Second
	// settle is how long a step waits for events of its last minute, of event time.
	settle = time.Minute
	// catchUp is the longest time that is evaluated step by step; after a longer pause the watch begins anew at its end.
	catchUp = 2 * time.Hour
	// deskEvery is how often it is looked what is to be done, of event time.
	deskEvery = 15 * time.Minute
	// again is how long it takes at least until a watch is made anew: it reads six weeks.
	again = 30 * time.Second
	// recall is how long ago alerts ended that are remembered at the start.
	recall = 24 * time.Hour
)

// Run watches until the context ends. An evaluation that goes wrong is told and tried again.
func (r *Runner) Run(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		err := r.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.Logger.Warn("evaluating alerts went wrong; it is tried again", "err", err)
			r.watch, r.begun = nil, time.Time{} // it may have seen half of a step
		}
		if r.Told != nil {
			var firing []Alert
			if r.watch != nil {
				firing = r.watch.Firing()
			}
			r.Told(firing, r.known.at, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round evaluates the steps that have become due.
func (r *Runner) round(ctx context.Context) error {
	known, err := r.Views.Known(ctx)
	if err != nil {
		return fmt.Errorf("asking until when events are known: %w", err)
	}
	if known.IsZero() {
		return nil
	}
	now := r.known.see(known, time.Now()).Add(-settle).Truncate(Step)
	if r.watch == nil {
		return r.begin(ctx, now)
	}
	if now.Sub(r.at) > catchUp {
		r.Logger.Info("alerts go on at the end of what came at once", "from", r.at, "to", now)
		return r.begin(ctx, now)
	}
	for next := r.at.Add(Step); !next.After(now); next = next.Add(Step) {
		if err := r.step(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// begin makes a watch that knows what fires.
func (r *Runner) begin(ctx context.Context, now time.Time) error {
	if time.Since(r.begun) < again {
		return nil
	}
	r.begun = time.Now()
	firing, resolved, err := r.Log.Read(ctx, now.Add(-recall))
	if err != nil {
		return err
	}
	r.watch = NewWatch(r.Rules, r.Views, firing)
	r.watch.Known(resolved)
	r.watch.Explain = Explainer(r.Log.Conn, r.Log.Database)
	r.tell(ctx, append(firing, resolved...))
	return r.step(ctx, now)
}

func (r *Runner) step(ctx context.Context, now time.Time) error {
	if now.Unix()%3600 == 0 && (r.Rules.On(ChurnRise) || r.Rules.On(ValueAtRisk)) {
		if err := r.Log.NoteRisk(ctx, now); err != nil {
			return err
		}
	}
	changed, err := r.watch.At(ctx, now)
	if err != nil {
		return err
	}
	// What is told has been put down before, so that whoever goes on knows of it.
	if err := r.Log.Write(ctx, changed); err != nil {
		return err
	}
	r.at = now
	var news []Alert
	for i := range changed {
		a := &changed[i]
		if a.Fired.Equal(now) || !a.Resolved.IsZero() {
			news = append(news, *a)
			r.Logger.Info("alert "+a.State(), "rule", a.Rule, "scope", a.Scope(), "part", a.Part, "since", a.Start, "at", now, "value", a.Value, "expected", a.Expected)
		}
	}
	r.tell(ctx, news)
	if r.Desk != nil && now.Unix()%int64(deskEvery/time.Second) == 0 {
		// Whoever works on what is to be done does not need it this minute: the next look has it too.
		if err := r.Desk.At(ctx, now, r.watch.Firing()); err != nil && ctx.Err() == nil {
			r.Logger.Warn("saying what is to be done went wrong; it is tried again", "err", err)
		}
	}
	return nil
}

// tell hands on. A channel that fails does not keep the others from hearing, and the alerts are in the table.
func (r *Runner) tell(ctx context.Context, news []Alert) {
	firing := r.watch.Firing()
	for _, c := range r.Channels {
		if err := c.Tell(ctx, news, firing); err != nil && ctx.Err() == nil {
			r.Logger.Warn("handing alerts on went wrong", "err", err)
		}
	}
}

// clock is until when events are known. Where they are of the present, it goes on when no more of them come, or silence could not be heard.
type clock struct {
	last, at time.Time
	moved    time.Time // when last moved
}

// live is how far behind the present events may be to be of it.
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
