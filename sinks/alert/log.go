package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"csatflow/pipeline/rows"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// Log keeps alerts in the database.
type Log struct {
	Conn     clickhouse.Conn
	Database string
}

func (l *Log) table(name string) string { return schemas.QuoteName(l.Database) + "." + name }

// Write stores alerts as they are now.
func (l *Log) Write(ctx context.Context, alerts []Alert) error {
	w := rows.NewAlertLog(len(alerts))
	for i := range alerts {
		a := &alerts[i]
		evidence, err := json.Marshal(a.Evidence)
		if err != nil {
			return fmt.Errorf("evidence of alert %s of %s: %w", a.Rule, a.Scope(), err)
		}
		version := uint64(a.Seen.Unix()) * 2
		var resolved *time.Time
		if !a.Resolved.IsZero() {
			version++
			resolved = &a.Resolved
		}
		w.Row()
		w.Rule = append(w.Rule, a.Rule)
		w.ScopeKind = append(w.ScopeKind, a.Kind)
		w.ScopeID = append(w.ScopeID, a.ID)
		w.StartedAt = append(w.StartedAt, a.Start)
		w.Version = append(w.Version, version)
		w.Severity = append(w.Severity, a.Severity)
		w.FiredAt = append(w.FiredAt, a.Fired)
		w.ResolvedAt = append(w.ResolvedAt, resolved)
		w.Measure = append(w.Measure, a.Measure)
		w.Value = append(w.Value, a.Value)
		w.Expected = append(w.Expected, a.Expected)
		w.Low = append(w.Low, a.Low)
		w.High = append(w.High, a.High)
		w.Cases = append(w.Cases, uint64(a.Cases))
		w.P = append(w.P, a.P)
		w.Part = append(w.Part, a.Part)
		w.Evidence = append(w.Evidence, string(evidence))
		w.Untold = append(w.Untold, uint8(a.Untold))
	}
	if err := clickhouse.Insert(ctx, l.Conn, l.Database, w.Take()); err != nil {
		return fmt.Errorf("writing alerts: %w", err)
	}
	return nil
}

// Read returns the firing alerts, and the resolved ones that ended at since or later, or whose end was not told.
func (l *Log) Read(ctx context.Context, since time.Time) (firing, resolved []Alert, err error) {
	var rows []struct {
		Rule, Kind, ID, Part, Severity, Measure, Evidence string
		Start, Fired                                      time.Time
		Resolved                                          *time.Time
		Value, Expected, Low, High, P                     float64
		Cases                                             uint64
		Untold                                            uint8
	}
	query := `SELECT toString(rule) AS Rule, toString(scope_kind) AS Kind, scope_id AS ID, toString(part) AS Part, toString(severity) AS Severity, toString(measure) AS Measure, evidence AS Evidence,
	started_at AS Start, fired_at AS Fired, resolved_at AS Resolved, value AS Value, expected AS Expected, low AS Low, high AS High, p AS P, cases AS Cases, untold AS Untold
FROM ` + l.table("alert_log") + " FINAL WHERE isNull(resolved_at) OR resolved_at >= toDateTime(?, 'UTC') OR untold = ? ORDER BY fired_at, rule, scope_kind, scope_id, part"
	if err := l.Conn.Select(ctx, &rows, query, schemas.DateTime(since), uint8(EndUntold)); err != nil {
		return nil, nil, fmt.Errorf("reading alerts: %w", err)
	}
	for _, r := range rows {
		a := Alert{Rule: r.Rule, Kind: r.Kind, ID: r.ID, Part: r.Part, Severity: r.Severity, Start: r.Start.UTC(), Fired: r.Fired.UTC(), Seen: r.Fired.UTC(), Untold: Untold(r.Untold),
			Measure: r.Measure, Figures: Figures{Value: r.Value, Expected: r.Expected, Low: r.Low, High: r.High, Cases: int(r.Cases), P: r.P}}
		if err := json.Unmarshal([]byte(r.Evidence), &a.Evidence); err != nil {
			return nil, nil, fmt.Errorf("evidence of alert %s of %s in the table: %w", a.Rule, a.Scope(), err)
		}
		if r.Resolved == nil {
			firing = append(firing, a)
			continue
		}
		a.Resolved, a.Seen = r.Resolved.UTC(), r.Resolved.UTC()
		resolved = append(resolved, a)
	}
	return firing, resolved, nil
}

// NoteRisk stores how many customers are at risk at an event time: churn_risk shows only the present.
func (l *Log) NoteRisk(ctx context.Context, at time.Time) error {
	query := "INSERT INTO " + l.table("risk_levels") + " (at, scope_kind, scope_id, customers, high, value_at_risk) SELECT toDateTime(?, 'UTC'), 'all', '', count(), countIf(churn_band = 'high'), sum(value_at_risk) FROM " +
		l.table("churn_risk") + " WHERE NOT ifNull(churned, false) HAVING count() > 0"
	if err := l.Conn.Exec(ctx, query, schemas.DateTime(at)); err != nil {
		return fmt.Errorf("noting customers at risk: %w", err)
	}
	return nil
}

// Step is the time between two evaluations, in event time.
const Step = 5 * time.Minute

// Coverage is the time that was evaluated without a gap; zero if there is none.
type Coverage struct{ From, Until time.Time }

// Evaluated returns the evaluated time. If the database has not noted it yet, the alerts show it.
func (l *Log) Evaluated(ctx context.Context) (c Coverage, err error) {
	noted := "SELECT toUInt64(toUnixTimestamp(max(evaluated_until))) AS Until, toUInt64(toUnixTimestamp(max((evaluated_until, evaluated_from)).2)) AS Since FROM " + l.table("alert_evaluations") + " WHERE what = 'alerts'"
	told := "SELECT intDiv(max(version), 2) AS Until, toUInt64(toUnixTimestamp(min(fired_at))) AS Since FROM " + l.table("alert_log")
	for _, query := range []string{noted, told} {
		var rows []struct{ Until, Since uint64 }
		if err := l.Conn.Select(ctx, &rows, query); err != nil {
			return c, fmt.Errorf("reading until when alerts have been looked for: %w", err)
		}
		if len(rows) > 0 && rows[0].Until > 0 {
			return Coverage{time.Unix(int64(rows[0].Since), 0).UTC().Truncate(Step), time.Unix(int64(rows[0].Until), 0).UTC().Truncate(Step)}, nil
		}
	}
	return c, nil
}

// NoteEvaluated stores the evaluated time.
func (l *Log) NoteEvaluated(ctx context.Context, c Coverage) error {
	var w rows.AlertEvaluations
	w.Row()
	w.What = append(w.What, "alerts")
	w.EvaluatedFrom = append(w.EvaluatedFrom, c.From)
	w.EvaluatedUntil = append(w.EvaluatedUntil, c.Until)
	if err := clickhouse.Insert(ctx, l.Conn, l.Database, w.Take()); err != nil {
		return fmt.Errorf("noting until when alerts have been looked for: %w", err)
	}
	return nil
}
