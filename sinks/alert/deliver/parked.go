package deliver

import (
	"context"
	"fmt"
	"time"

	"csatflow/sinks/alert"
)

// Suffixes of the channel's name in the table of deliveries: parked changes, and those that were posted after that.
const (
	parkedSuffix  = " parked"
	retriedSuffix = " retried"
)

// Parked is a change that the receiver failed at every time.
type Parked struct {
	Key string // idempotency key
	At  time.Time
}

// Parked returns the changes that a channel has parked and nobody has posted since, oldest first.
func (t *Table) Parked(ctx context.Context, channel string) (list []Parked, err error) {
	query := "SELECT key AS Key, min(delivered_at) AS At FROM " + t.name() + " WHERE channel = ? AND key NOT IN (SELECT key FROM " + t.name() + " WHERE channel = ?) GROUP BY key ORDER BY At, Key"
	if err := t.Conn.Select(ctx, &list, query, channel+parkedSuffix, channel+retriedSuffix); err != nil {
		return nil, fmt.Errorf("reading what was parked: %w", err)
	}
	return list, nil
}

// Count returns how many changes the table has of a channel: delivered, refused and parked.
func (t *Table) Count(ctx context.Context, channel string) (uint64, error) {
	var rows []struct{ N uint64 }
	if err := t.Conn.Select(ctx, &rows, "SELECT uniqExact(key) AS N FROM "+t.name()+" WHERE channel = ?", channel); err != nil {
		return 0, fmt.Errorf("counting what was delivered: %w", err)
	}
	return rows[0].N, nil
}

// Retried notes that a parked change was posted after all.
func (t *Table) Retried(ctx context.Context, channel, key string) error {
	return t.Note(ctx, channel+retriedSuffix, key)
}

// Find returns the change with an idempotency key.
func Find(alerts []alert.Alert, key string) (a alert.Alert, found bool) {
	for _, a := range alerts {
		if idempotencyKey(&a) == key {
			return a, true
		}
		if a.Resolved = (time.Time{}); idempotencyKey(&a) == key { // its start
			return a, true
		}
	}
	return a, false
}
