package api

import (
	"context"
	"time"
)

// freshness is how far the tables are.
type freshness struct {
	version
	latest time.Time // start of the latest minute with an event; zero before the first
	at     time.Time // when it was read
	looked time.Time // when it was read what was decided
}

const (
	// lookEvery is the least time between two reads of how far the tables are, and decidedEvery of what was written without an event.
	lookEvery    = 300 * time.Millisecond
	decidedEvery = 5 * time.Second
)

// now is the end of the latest minute with an event.
func (f *freshness) now() time.Time {
	if f.latest.IsZero() {
		return time.Now().UTC()
	}
	return f.latest.Add(time.Minute)
}

// freshness returns how far the tables are, read at most lookEvery ago.
func (s *Server) freshness(ctx context.Context) (freshness, error) {
	if f := s.fresh.Load(); f != nil && time.Since(f.at) < lookEvery {
		return *f, nil
	}
	return s.look(ctx)
}

// look reads how far the tables are, once for all who ask at the same time.
func (s *Server) look(ctx context.Context) (freshness, error) {
	read, err, _ := s.looks.Do("freshness", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
		defer cancel()
		f := &freshness{at: time.Now()}
		var latest *time.Time
		if err := s.Conn.QueryRow(ctx, "SELECT progress, latest_minute FROM "+s.db()+".freshness").Scan(&f.events, &latest); err != nil {
			return nil, err
		}
		if latest != nil {
			f.latest = latest.UTC()
		}
		if before := s.fresh.Load(); before != nil && time.Since(before.looked) < decidedEvery {
			f.decided, f.looked = before.decided, before.looked
		} else if err := s.Conn.QueryRow(ctx, s.decided()).Scan(&f.decided); err != nil {
			return nil, err
		} else {
			f.looked = f.at
		}
		s.fresh.Store(f)
		return f, nil
	})
	if err != nil {
		return freshness{}, err
	}
	return *read.(*freshness), nil
}

// decided is the SQL of a hash of what is written without an event.
func (s *Server) decided() string {
	db := s.db()
	return `SELECT cityHash64(concat(
    (SELECT toString((count(), sum(cityHash64(toString((rule, scope_kind, scope_id, part, started_at, state, value, cases)))))) FROM ` + db + `.alerts),
    (SELECT toString((max(evaluated_until), count())) FROM ` + db + `.alert_coverage),
    (SELECT toString((count(), countIf(state = 'open'), max(opened_at))) FROM ` + db + `.actions),
    (SELECT toString((count(), groupArray((id, state, effect)))) FROM ` + db + `.improvements),
    (SELECT toString((count(), max(period_to), sum(value))) FROM ` + db + `.csi)))`
}
