package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
)

// Held is what a channel has parked, with the alerts that it belongs to.
type Held struct {
	Parked  []Parked
	table   *Table
	channel string
	alerts  []alert.Alert
}

// pastKept is longer than the table keeps deliveries.
const pastKept = 2 * 60 * 24 * time.Hour

// ReadHeld reads the parked changes of a channel.
func ReadHeld(ctx context.Context, conn clickhouse.Conn, database, channel string, now time.Time) (*Held, error) {
	h := &Held{table: &Table{Conn: conn, Database: database}, channel: channel}
	var err error
	if h.Parked, err = h.table.Parked(ctx, channel); err != nil {
		return nil, err
	}
	firing, resolved, err := (&alert.Log{Conn: conn, Database: database}).Read(ctx, now.Add(-pastKept))
	h.alerts = append(firing, resolved...)
	return h, err
}

// Count returns how many changes the table has of the channel: delivered, refused and parked.
func (h *Held) Count(ctx context.Context) (uint64, error) { return h.table.Count(ctx, h.channel) }

// Find returns the change with an idempotency key; not found if the table of alerts no longer has it.
func (h *Held) Find(key string) (a alert.Alert, found bool) { return Find(h.alerts, key) }

// Keys returns the keys of all parked changes.
func (h *Held) Keys() (keys []string) {
	for _, p := range h.Parked {
		keys = append(keys, p.Key)
	}
	return keys
}

// Retry posts the parked changes with these keys. It notes each one that was taken, and calls told for it. It goes on after a
// failure; the error joins all failures.
func (h *Held) Retry(ctx context.Context, keys []string, post func(context.Context, *alert.Alert) error, told func(key string, a *alert.Alert)) error {
	var failed []error
	for _, key := range keys {
		a, found := h.Find(key)
		var err error
		switch {
		case !slices.ContainsFunc(h.Parked, func(p Parked) bool { return p.Key == key }):
			err = fmt.Errorf("%s is not parked", key)
		case !found:
			err = fmt.Errorf("%s is no longer in the table of alerts", key)
		default:
			if err = post(ctx, &a); err == nil {
				err = h.table.Retried(ctx, h.channel, key)
			}
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		told(key, &a)
	}
	return errors.Join(failed...)
}
