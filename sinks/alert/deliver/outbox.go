package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"csatflow/schemas"
	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
)

// Deliveries remembers what was delivered.
type Deliveries interface {
	// Delivered says whether one was.
	Delivered(ctx context.Context, channel, key string) (bool, error)
	// Note notes one.
	Note(ctx context.Context, channel, key string) error
}

// Table is the deliveries of a database.
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
	if err := t.Conn.Exec(ctx, "INSERT INTO "+t.name()+" (channel, key) VALUES (?, ?)", channel, key); err != nil {
		return fmt.Errorf("noting what was delivered: %w", err)
	}
	return nil
}

// Outbox hands each change of an alert to one receiver, once (and again, under the same key, when it cannot be sure), in order. It is an alert.Channel.
type Outbox struct {
	Name       string
	Post       func(ctx context.Context, a *alert.Alert) error
	Deliveries Deliveries
	Log        *slog.Logger
	Told       func(channel, outcome string)

	mu      sync.Mutex
	waiting []alert.Alert
	seen    map[string]bool // keys that wait or were done with
	wake    chan struct{}
}

// most is how many changes wait at the most.
const most = 10_000

// Open readies the outbox.
func (o *Outbox) Open() *Outbox {
	o.seen, o.wake = map[string]bool{}, make(chan struct{}, 1)
	return o
}

// Tell implements [alert.Channel]. It refuses when too many wait: then the receiver is away for long, and the table of alerts has them.
func (o *Outbox) Tell(_ context.Context, alerts, _ []alert.Alert) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	lost := 0
	for i := range alerts {
		a := alerts[i]
		// Who hears of the end only has to be told of the beginning first.
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
			if len(o.waiting) >= most {
				lost++
				continue
			}
			o.seen[key] = true
			o.waiting = append(o.waiting, s)
		}
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
	if lost > 0 {
		for range lost {
			o.Told(o.Name, Refused)
		}
		return fmt.Errorf("%s: %d changes of alerts were not taken, since %d wait already: they are in the table alerts; is the receiver away?", o.Name, lost, most)
	}
	return nil
}

// Waits between tries.
const (
	firstWait = time.Second
	lastWait  = 5 * time.Minute
	// giveUp is how long one message may keep those after it waiting.
	giveUp = 24 * time.Hour
)

// Run hands on until the context ends. One that is not taken is tried again for a day, and keeps those after it waiting; one that is
// refused for good is logged and passed over.
func (o *Outbox) Run(ctx context.Context) {
	wait, began := firstWait, time.Now()
	for {
		a, found := o.next()
		if !found {
			select {
			case <-ctx.Done():
				return
			case <-o.wake:
				began = time.Now()
			}
			continue
		}
		err := o.hand(ctx, &a)
		if ctx.Err() != nil {
			return
		}
		if err != nil && time.Since(began) > giveUp {
			o.Told(o.Name, Refused)
			o.Log.Error("handing an alert on was given up", "channel", o.Name, "alert", idempotencyKey(&a), "after", giveUp, "err", err)
			err = nil
		}
		if err == nil {
			o.taken()
			wait, began = firstWait, time.Now()
			continue
		}
		o.Told(o.Name, Retried)
		pause := wait/2 + rand.N(wait)
		var e *statusError
		if errors.As(err, &e) && e.wait > pause {
			pause = min(e.wait, lastWait)
		}
		o.Log.Warn("handing an alert on went wrong; it is tried again", "channel", o.Name, "err", err, "in", pause.Round(time.Millisecond))
		wait = min(2*wait, lastWait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func (o *Outbox) next() (a alert.Alert, found bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 {
		return a, false
	}
	return o.waiting[0], true
}

func (o *Outbox) taken() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = o.waiting[1:]
	if len(o.waiting) == 0 && len(o.seen) > most {
		clear(o.seen) // the table knows them
	}
}

// hand posts one that was not delivered before, and notes it.
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
