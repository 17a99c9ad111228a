package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"csatflow/pipeline/rows"
	"csatflow/schemas"
	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
)

// Deliveries remembers what was delivered, by channel and idempotency key.
type Deliveries interface {
	// Delivered reports whether this was delivered.
	Delivered(ctx context.Context, channel, key string) (bool, error)
	// Note remembers a delivery.
	Note(ctx context.Context, channel, key string) error
}

// Table keeps deliveries in a database.
type Table struct {
	Conn     clickhouse.Conn
	Database string
}

func (t *Table) name() string { return schemas.QuoteName(t.Database) + ".alert_deliveries" }

// Delivered implements [Deliveries].
func (t *Table) Delivered(ctx context.Context, channel, key string) (bool, error) {
	var rows []struct{ Key string }
	if err := t.Conn.Select(ctx, &rows, "SELECT key AS Key FROM "+t.name()+" WHERE channel = ? AND key = ? LIMIT 1", channel, key); err != nil {
		return false, fmt.Errorf("reading what was delivered: %w", err)
	}
	return len(rows) > 0, nil
}

// Note implements [Deliveries].
func (t *Table) Note(ctx context.Context, channel, key string) error {
	var w rows.AlertDeliveries
	w.Row()
	w.Channel, w.Key = append(w.Channel, channel), append(w.Key, key)
	if err := clickhouse.Insert(ctx, t.Conn, t.Database, w.Take()); err != nil {
		return fmt.Errorf("noting what was delivered: %w", err)
	}
	return nil
}

// Outbox posts each change of an alert to one receiver: once, or again under the same key if it cannot be sure. The changes of an
// alert go in order; alerts do not wait for one another. It is an [alert.Channel].
type Outbox struct {
	Name       string
	Post       func(ctx context.Context, a *alert.Alert) error
	Deliveries Deliveries
	Log        *slog.Logger
	Told       func(channel, outcome string)

	mu    sync.Mutex
	lines map[string]*line // by the alert's key; never empty
	order []*line          // in order of arrival
	count int              // number of waiting changes
	seen  map[string]bool  // keys that wait or are done
	wake  chan struct{}
}

// line is the queue of one alert's changes.
type line struct {
	alert   string
	waiting []alert.Alert
	under   bool // the first is being posted
	due     time.Time
	wait    time.Duration // pause before the try after the next
	tries   int           // tries that the receiver itself failed
	since   time.Time     // first try of the first
}

const (
	// most is the most changes that may wait.
	most = 10_000
	// atOnce is how many are posted in parallel: a slow answer does not hold up the others.
	atOnce = 4
)

// Waits between tries.
const (
	firstWait = time.Second
	lastWait  = 5 * time.Minute
	// mostTries is how often a receiver may itself fail a change, over about an hour, before it is parked.
	mostTries = 20
	// giveUp is how long a change is tried while the receiver is away, before it is parked.
	giveUp = 24 * time.Hour
)

// Open prepares the outbox and returns it.
func (o *Outbox) Open() *Outbox {
	o.lines, o.seen, o.wake = map[string]*line{}, map[string]bool{}, make(chan struct{}, 1)
	return o
}

// Tell implements [alert.Channel]. It refuses changes when too many wait: the receiver has been away for long, and the table of alerts has them.
func (o *Outbox) Tell(_ context.Context, alerts, _ []alert.Alert) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	lost := 0
	for i := range alerts {
		a := alerts[i]
		// A receiver that would hear only of the end is told of the start first.
		states := []alert.Alert{a}
		if !a.Resolved.IsZero() {
			begun := a
			begun.Resolved = time.Time{}
			states = []alert.Alert{begun, a}
		}
		for _, s := range states {
			key := idempotencyKey(&s)
			if o.seen[key] {
				continue
			}
			if o.count >= most {
				lost++
				continue
			}
			o.seen[key] = true
			o.add(&s)
		}
	}
	o.awake()
	if lost > 0 {
		for range lost {
			o.Told(o.Name, Refused)
		}
		return fmt.Errorf("%s: %d changes of alerts were not taken, since %d wait already: they are in the table alerts; is the receiver away?", o.Name, lost, most)
	}
	return nil
}

func (o *Outbox) add(a *alert.Alert) {
	l := o.lines[a.Key()]
	if l == nil {
		l = &line{alert: a.Key(), wait: firstWait}
		o.lines[l.alert] = l
		o.order = append(o.order, l)
	}
	l.waiting = append(l.waiting, *a)
	o.count++
}

func (o *Outbox) awake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run posts changes until the context ends. A failed one is tried again. One that is refused for good is logged and skipped. One that
// always fails is parked: logged, counted, noted and skipped.
func (o *Outbox) Run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	places := make(chan struct{}, atOnce)
	for {
		l, next := o.next(time.Now())
		if l == nil {
			var later <-chan time.Time
			if !next.IsZero() {
				later = time.After(time.Until(next))
			}
			select {
			case <-ctx.Done():
				return
			case <-o.wake:
			case <-later:
			}
			continue
		}
		select {
		case <-ctx.Done():
			o.rest(l)
			return
		case places <- struct{}{}:
		}
		under.Go(func() {
			defer func() { <-places }()
			o.try(ctx, l)
			o.awake()
		})
	}
}

// next takes the first line that is due: it belongs to the caller until rest. If none is due it returns when one will be, zero for never.
func (o *Outbox) next(now time.Time) (due *line, next time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.order {
		switch {
		case l.under:
		case !l.due.After(now):
			l.under = true
			return l, time.Time{}
		case next.IsZero() || l.due.Before(next):
			next = l.due
		}
	}
	return nil, next
}

func (o *Outbox) rest(l *line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.under = false
}

// try posts the first change of a line, and sets when the line is due again.
func (o *Outbox) try(ctx context.Context, l *line) {
	defer o.rest(l)
	o.mu.Lock()
	a := l.waiting[0]
	o.mu.Unlock()
	if l.since.IsZero() {
		l.since = time.Now()
	}
	err := o.hand(ctx, &a)
	if ctx.Err() != nil {
		return
	}
	if err != nil && refusesThis(err) {
		l.tries++
	}
	if err != nil && (l.tries >= mostTries || time.Since(l.since) > giveUp) {
		err = o.park(ctx, &a, l, err)
	}
	if err == nil {
		o.taken(l)
		return
	}
	o.Told(o.Name, Retried)
	pause := l.wait/2 + rand.N(l.wait)
	var e *statusError
	if errors.As(err, &e) && e.wait > pause {
		pause = min(e.wait, lastWait)
	}
	o.Log.Warn("handing an alert on went wrong; it is tried again", "channel", o.Name, "alert", l.alert, "err", err, "in", pause.Round(time.Millisecond))
	o.mu.Lock()
	defer o.mu.Unlock()
	l.due, l.wait = time.Now().Add(pause), min(2*l.wait, lastWait)
}

// park notes that a change is skipped, so that a restart does not try it again.
func (o *Outbox) park(ctx context.Context, a *alert.Alert, l *line, why error) error {
	key := idempotencyKey(a)
	for _, channel := range []string{o.Name + parkedSuffix, o.Name} {
		if err := o.Deliveries.Note(ctx, channel, key); err != nil {
			return err
		}
	}
	o.Told(o.Name, GivenUp)
	o.Log.Error("an alert that always fails was parked: mend the receiver and hand it on with csatflow alerts retry", "channel", o.Name, "alert", key, "tries", l.tries, "after", time.Since(l.since).Round(time.Second), "err", why)
	return nil
}

// taken removes the first change of a line.
func (o *Outbox) taken(l *line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.waiting = l.waiting[1:]
	l.due, l.wait, l.tries, l.since = time.Time{}, firstWait, 0, time.Time{}
	o.count--
	if len(l.waiting) == 0 {
		delete(o.lines, l.alert)
		o.order = slices.DeleteFunc(o.order, func(other *line) bool { return other == l })
	}
	if o.count == 0 && len(o.seen) > most {
		clear(o.seen) // the table has them
	}
}

// hand posts a change unless it was delivered before, and notes it.
func (o *Outbox) hand(ctx context.Context, a *alert.Alert) error {
	key := idempotencyKey(a)
	if delivered, err := o.Deliveries.Delivered(ctx, o.Name, key); err != nil || delivered {
		return err
	}
	err := o.Post(ctx, a)
	switch {
	case err == nil:
		o.Told(o.Name, Delivered)
	case refused(err):
		o.Told(o.Name, Refused)
		o.Log.Error("an alert was refused for good", "channel", o.Name, "alert", key, "err", err)
	default:
		return err
	}
	return o.Deliveries.Note(ctx, o.Name, key)
}

// refusesThis reports whether the receiver is there but fails at this message: it is neither away nor denying access.
func refusesThis(err error) bool {
	var e *statusError
	if !errors.As(err, &e) {
		return false
	}
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}
