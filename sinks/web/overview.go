package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"csatflow/schemas"
)

// Overview is what the first page shows, of the latest day of events.
type Overview struct {
	Day        *time.Time // start; absent before the first event
	Responses  uint64
	CSATIndex  *float64
	Satisfied  *float64
	Opened     uint64
	Resolved   uint64
	Backlog    uint64
	OldestOpen *int64 // seconds
	Recovery50 *float64
	Recovery90 *float64
	Minutes    []Minute
	Stores     []StoreRow
	Bands      []Band
}

// Minute is one point of the curve.
type Minute struct {
	At        time.Time
	Responses uint64
	CSATIndex float64
}

// StoreRow is one store on the day.
type StoreRow struct {
	Store        string
	Responses    uint64
	CSATIndex    float64
	Dissatisfied float64
	Opened       uint64
}

// Band is a band of churn risk.
type Band struct {
	Band      string
	Customers uint64
}

func (s *Server) overview(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	o, err := s.read(ctx)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		s.Log.Warn("reading the overview", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "ClickHouse does not answer; see the log"})
		return
	}
	_ = json.NewEncoder(w).Encode(o) // a client that has gone needs no answer
}

func (s *Server) read(ctx context.Context) (*Overview, error) {
	db := schemas.QuoteName(s.Database)
	o := &Overview{Minutes: []Minute{}, Stores: []StoreRow{}, Bands: []Band{}}
	var day time.Time
	row := s.Conn.QueryRow(ctx, "SELECT pane_start, responses, csat_index, satisfied_share FROM "+db+".satisfaction WHERE resolution = 86400 AND scope_kind = 'all' ORDER BY pane_start DESC LIMIT 1")
	var index, satisfied float64
	if err := row.Scan(&day, &o.Responses, &index, &satisfied); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return o, nil
		}
		return nil, fmt.Errorf("satisfaction of the day: %w", err)
	}
	o.Day, o.CSATIndex, o.Satisfied = &day, &index, &satisfied
	err := s.Conn.QueryRow(ctx, "SELECT opened, resolved, recovery_p50, recovery_p90 FROM "+db+".recovery WHERE resolution = 86400 AND scope_kind = 'all' AND pane_start = ?", day).
		Scan(&o.Opened, &o.Resolved, &o.Recovery50, &o.Recovery90)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("recovery of the day: %w", err)
	}
	if err := s.Conn.Select(ctx, &o.Minutes, "SELECT pane_start AS At, responses AS Responses, csat_index AS CSATIndex FROM "+db+".satisfaction WHERE resolution = 60 AND scope_kind = 'all' AND pane_start >= ? ORDER BY At", day); err != nil {
		return nil, fmt.Errorf("minutes of the day: %w", err)
	}
	if n := len(o.Minutes); n > 0 {
		if err := s.readBacklog(ctx, o, o.Minutes[n-1].At.Add(time.Minute)); err != nil {
			return nil, err
		}
	}
	if err := s.Conn.Select(ctx, &o.Stores, "SELECT s.scope_id AS Store, s.responses AS Responses, s.csat_index AS CSATIndex, s.dissatisfied_share AS Dissatisfied, r.opened AS Opened FROM "+
		"(SELECT * FROM "+db+".satisfaction WHERE resolution = 86400 AND scope_kind = 'store' AND pane_start = ?) AS s LEFT JOIN "+
		"(SELECT scope_id, opened FROM "+db+".recovery WHERE resolution = 86400 AND scope_kind = 'store' AND pane_start = ?) AS r ON s.scope_id = r.scope_id ORDER BY CSATIndex LIMIT 50", day, day); err != nil {
		return nil, fmt.Errorf("stores of the day: %w", err)
	}
	if err := s.Conn.Select(ctx, &o.Bands, "SELECT toString(churn_band) AS Band, count() AS Customers FROM "+db+".churn_risk GROUP BY churn_band ORDER BY indexOf(['low', 'medium', 'high'], Band)"); err != nil {
		return nil, fmt.Errorf("customers by churn band: %w", err)
	}
	return o, nil
}

// readBacklog reads the open complaints as of the end of the latest minute: the day itself ends later.
func (s *Server) readBacklog(ctx context.Context, o *Overview, at time.Time) error {
	instant := at.UTC().Format(time.DateTime)
	q := fmt.Sprintf("SELECT backlog, backlog_age FROM %s.rolling_recovery(window_s = 60, step_s = 60, from = '%s', to = '%s') WHERE scope_kind = 'all'", schemas.QuoteName(s.Database), instant, instant)
	if err := s.Conn.QueryRow(ctx, q).Scan(&o.Backlog, &o.OldestOpen); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("backlog: %w", err)
	}
	return nil
}
