package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/twmb/franz-go/pkg/kgo"
)

// marks are events with a store of their own, so that the store appears with the event. They are looked for in the table
// of panes, which the view reads: a query there is cheap, and disturbs the measurement little. In the end the view is
// checked.
type marks struct {
	client   *kgo.Client
	topics   *topics
	conn     driver.Conn
	database string
	process  *process
	appended map[string]time.Time // by store: marks not yet seen
	seen     []float64            // seconds from append to view
}

// mark is an event that Kafka has, or has refused.
type mark struct {
	store string
	at    time.Time
	err   error
}

const (
	markEvery = 50 * time.Millisecond
	markAway  = time.Minute // after this a mark counts as lost
)

// follow sends marks for a while, and looks for them until all have been seen.
func (m *marks) follow(ctx context.Context, after, during time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(after):
	}
	acknowledged := make(chan mark, during/markEvery+1)
	began := time.Now()
	sent := 0
	for time.Since(began) < during || len(m.seen) < sent {
		for ; time.Since(began) < during && time.Since(began) >= time.Duration(sent)*markEvery; sent++ {
			m.send(ctx, fmt.Sprintf("mark-%d", sent), acknowledged)
		}
		if time.Since(began) > during+markAway {
			return fmt.Errorf("%d of %d events were not in the view %v after the last", sent-len(m.seen), sent, markAway)
		}
		if err := errors.Join(m.take(acknowledged), m.look(ctx)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-m.process.done:
			return errors.Join(errors.New("csatflow ended while it was measured"), m.process.err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return m.inView(ctx, sent)
}

// send sends a mark; its acknowledgement has the time of the append.
func (m *marks) send(ctx context.Context, store string, acknowledged chan<- mark) {
	value := fmt.Sprintf(`{"event_id": %q, "customer_id": %q, "store_id": %q, "occurred_at": %q, "grade": 6}`, store, store, store, time.Now().UTC().Format(time.RFC3339Nano))
	m.client.Produce(ctx, &kgo.Record{Topic: m.topics.responses, Key: []byte(store), Value: []byte(value)}, func(_ *kgo.Record, err error) {
		acknowledged <- mark{store, time.Now(), err}
	})
}

func (m *marks) take(acknowledged <-chan mark) error {
	for {
		select {
		case k := <-acknowledged:
			if k.err != nil {
				return fmt.Errorf("sending a marked event: %w", k.err)
			}
			m.appended[k.store] = k.at
		default:
			return nil
		}
	}
}

// look notes which marks have appeared.
func (m *marks) look(ctx context.Context) error {
	var stores []string
	err := m.conn.QueryRow(ctx, "SELECT groupUniqArray(scope_id) FROM "+m.database+".satisfaction_panes WHERE "+ofMarks).Scan(&stores)
	if err != nil {
		return fmt.Errorf("looking for marked events: %w", err)
	}
	now := time.Now()
	for _, store := range stores {
		if at, waits := m.appended[store]; waits {
			m.seen = append(m.seen, now.Sub(at).Seconds())
			delete(m.appended, store)
		}
	}
	return nil
}

const ofMarks = "resolution = 86400 AND scope_kind = 'store' AND startsWith(scope_id, 'mark-')"

// inView checks that the view has each mark once.
func (m *marks) inView(ctx context.Context, sent int) error {
	var n uint64
	if err := m.conn.QueryRow(ctx, "SELECT sum(responses) FROM "+m.database+".satisfaction WHERE "+ofMarks).Scan(&n); err != nil {
		return fmt.Errorf("asking the view for marked events: %w", err)
	}
	if int(n) != sent {
		return fmt.Errorf("the view has %d marked events, %d were sent", n, sent)
	}
	return nil
}
