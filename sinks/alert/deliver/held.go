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

// Held is what a channel has parked, with the alerts that it is about.
type Held struct {
	Parked  []Parked
	table   *Table
	channel string
	alerts  []alert.Alert
}

// pastKept is further back than the table keeps deliveries.
const pastKept = 2 * 60 * 24 * time.Hour

// ReadHeld reads what a channel has parked.
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

// Count gives how many changes the channel was done with in the time that the table keeps, the parked ones among them.
func (h *Held) Count(ctx context.Context) (uint64, error) { return h.table.Count(ctx, h.channel) }

// Find gives the change of an idempotency key; not found when the table of alerts no longer has it.
func (h *Held) Find(key string) (a alert.Alert, found bool) { return Find(h.alerts, key) }

// Keys are those of all that is parked.
func (h *Held) Keys() (keys []string) {
	for _, p := range h.Parked {
		keys = append(keys, p.Key)
	}
	return keys
}

// Retry hands on the parked ones of these keys, tells of each that was taken, and notes it. It goes on after one that fails; the
// error says all that failed.
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
