package improvement

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/rows"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// Log is the improvements of a database.
type Log struct {
	Conn     clickhouse.Conn
	Database string
}

// Plan is an improvement in any state.
type Plan struct {
	ID          string     `ch:"id"`
	Name        string     `ch:"name"`
	Measure     string     `ch:"measure"`
	Method      string     `ch:"method"`
	ScopeKind   string     `ch:"scope_kind"`
	ScopeID     string     `ch:"scope_id"`
	Target      float64    `ch:"target"`
	PlannedAt   time.Time  `ch:"planned_at"`
	ChangedAt   *time.Time `ch:"changed_at"`
	CheckedAt   *time.Time `ch:"checked_at"`
	ClosedAt    *time.Time `ch:"closed_at"`
	State       string     `ch:"state"`
	Effect      *float64   `ch:"effect"`
	Low         *float64   `ch:"low"`
	High        *float64   `ch:"high"`
	Placebo     *float64   `ch:"p_placebo"`
	Before      *float64   `ch:"before"`
	After       *float64   `ch:"after"`
	ControlFrom *float64   `ch:"control_before"`
	ControlTo   *float64   `ch:"control_after"`
	DaysBefore  uint32     `ch:"days_before"`
	DaysAfter   uint32     `ch:"days_after"`
	Outcome     string     `ch:"outcome"`
	Note        string     `ch:"note"`
}

// Methods and outcomes of improvements.
var (
	Methods  = []string{"pdca", "six_sigma"}
	Outcomes = []string{"adopted", "adjusted", "dropped"}
)

// Errors of a log, for errors.Is.
var (
	ErrNone  = errors.New("no such improvement")
	ErrTwice = errors.New("there is an improvement with this id already")
	// ErrUnseen is that of a scope without a response or a complaint.
	ErrUnseen = errors.New("no response and no complaint of this scope yet")
	// ErrKind is that of a kind of scope that has none to compare.
	ErrKind = errors.New("not a kind of scope that can be improved")
)

const view = "SELECT id, name, toString(measure) AS measure, toString(method) AS method, toString(scope_kind) AS scope_kind, scope_id, target, planned_at, changed_at, checked_at, closed_at, state, effect, low, high, p_placebo, before, after, control_before, control_after, days_before, days_after, toString(outcome) AS outcome, note FROM "

func (l *Log) table(name string) string { return schemas.QuoteName(l.Database) + "." + name }

// List returns all improvements, in the order of their planning.
func (l *Log) List(ctx context.Context) (list []Plan, err error) {
	return list, l.Conn.Select(ctx, &list, view+l.table("improvements"))
}

// Find returns the improvement with an id, or ErrNone with the known ids.
func (l *Log) Find(ctx context.Context, id string) (*Plan, error) {
	list, err := l.List(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i := range list {
		if list[i].ID == id {
			return &list[i], nil
		}
		ids[i] = list[i].ID
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w: %q (there is none yet; csatflow improvement add makes one)", ErrNone, id)
	}
	return nil, fmt.Errorf("%w: %q (there are %s)", ErrNone, id, strings.Join(ids, ", "))
}

// Add adds a new improvement. Its measure must be a column of the view satisfaction or recovery.
func (l *Log) Add(ctx context.Context, p *Plan) error {
	if _, err := l.Find(ctx, p.ID); !errors.Is(err, ErrNone) {
		if err == nil {
			err = fmt.Errorf("%w: %s", ErrTwice, p.ID)
		}
		return err
	}
	if _, err := l.viewOf(ctx, p.Measure); err != nil {
		return err
	}
	return l.Put(ctx, p)
}

// Seen returns nil if a scope has had a response or a complaint, ErrUnseen with what was likely meant if not, or ErrKind.
func (l *Log) Seen(ctx context.Context, kind, id string) error {
	var scopes []struct {
		Kind string   `ch:"kind"`
		IDs  []string `ch:"ids"`
	}
	both := "SELECT toString(scope_kind) AS kind, toString(scope_id) AS id FROM " + l.table("satisfaction") + " WHERE resolution = 86400 UNION DISTINCT SELECT toString(scope_kind), toString(scope_id) FROM " + l.table("recovery") + " WHERE resolution = 86400"
	if err := l.Conn.Select(ctx, &scopes, "SELECT kind, arraySort(groupUniqArray(id)) AS ids FROM ("+both+") WHERE kind != ? GROUP BY kind ORDER BY kind", dimension.All); err != nil {
		return fmt.Errorf("asking for the known scopes: %w", err)
	}
	var kinds []string
	for _, s := range scopes {
		kinds = append(kinds, s.Kind)
		switch {
		case s.Kind != kind:
		case slices.Contains(s.IDs, id):
			return nil
		default:
			return fmt.Errorf("%w: %s %q; did you mean %q? There are %d of the kind", ErrUnseen, kind, id, dimension.Nearest(id, s.IDs), len(s.IDs))
		}
	}
	if kind == dimension.All {
		return fmt.Errorf("%w: the whole company has no other to be compared with; name a store, a region, an employee or another part", ErrKind)
	}
	if len(kinds) == 0 {
		return fmt.Errorf("%w: there is none of any", ErrUnseen)
	}
	return fmt.Errorf("%w: %w", ErrKind, dimension.Unknown("kind with responses or complaints", kind, kinds))
}

// Put writes an improvement as it is now.
func (l *Log) Put(ctx context.Context, p *Plan) error {
	var w rows.ImprovementLog
	w.Row()
	w.ID = append(w.ID, p.ID)
	w.Version = append(w.Version, uint64(time.Now().UnixMilli()))
	w.Name = append(w.Name, p.Name)
	w.Method = append(w.Method, p.Method)
	w.Measure = append(w.Measure, p.Measure)
	w.ScopeKind = append(w.ScopeKind, p.ScopeKind)
	w.ScopeID = append(w.ScopeID, p.ScopeID)
	w.Target = append(w.Target, p.Target)
	w.PlannedAt = append(w.PlannedAt, p.PlannedAt)
	w.ChangedAt = append(w.ChangedAt, p.ChangedAt)
	w.CheckedAt = append(w.CheckedAt, p.CheckedAt)
	w.ClosedAt = append(w.ClosedAt, p.ClosedAt)
	w.Outcome = append(w.Outcome, p.Outcome)
	w.Note = append(w.Note, p.Note)
	w.Effect = append(w.Effect, p.Effect)
	w.Low = append(w.Low, p.Low)
	w.High = append(w.High, p.High)
	w.PPlacebo = append(w.PPlacebo, p.Placebo)
	w.Before = append(w.Before, p.Before)
	w.After = append(w.After, p.After)
	w.ControlBefore = append(w.ControlBefore, p.ControlFrom)
	w.ControlAfter = append(w.ControlAfter, p.ControlTo)
	w.DaysBefore = append(w.DaysBefore, p.DaysBefore)
	w.DaysAfter = append(w.DaysAfter, p.DaysAfter)
	return clickhouse.Insert(ctx, l.Conn, l.Database, w.Take())
}

var notMeasures = []string{"resolution", "pane_start", "scope_kind", "scope_id"}

// viewOf finds the view that has a measure.
func (l *Log) viewOf(ctx context.Context, measure string) (string, error) {
	var columns []struct {
		Table string `ch:"table"`
		Name  string `ch:"name"`
	}
	if err := l.Conn.Select(ctx, &columns, "SELECT table, name FROM system.columns WHERE database = ? AND table IN ('satisfaction', 'recovery') ORDER BY table DESC, position", l.Database); err != nil {
		return "", err
	}
	var names []string
	for _, c := range columns {
		if c.Name == measure && !slices.Contains(notMeasures, measure) {
			return c.Table, nil
		}
		if !slices.Contains(notMeasures, c.Name) {
			names = append(names, c.Name)
		}
	}
	return "", fmt.Errorf("no measure %q: must be a column of satisfaction or recovery, one of %s", measure, strings.Join(names, ", "))
}

var plainName = regexp.MustCompile(`^[a-z0-9_]+$`)

// Check estimates the effect of an improvement from this many days before and after its change.
func (l *Log) Check(ctx context.Context, p *Plan, days int) (*Effect, error) {
	table, err := l.viewOf(ctx, p.Measure)
	if err != nil {
		return nil, err
	}
	if !plainName.MatchString(p.Measure) {
		return nil, fmt.Errorf("no measure %q", p.Measure)
	}
	weight := "responses"
	if table == "recovery" {
		weight = "greatest(opened, resolved)"
	}
	var rows []struct {
		ID    string
		Day   int64
		Value float64
		N     float64
	}
	change := p.ChangedAt.UTC()
	query := fmt.Sprintf("SELECT toString(scope_id) AS ID, toInt64(toUnixTimestamp(pane_start)) AS Day, toFloat64(assumeNotNull(%s)) AS Value, toFloat64(%s) AS N FROM %s WHERE resolution = 86400 AND scope_kind = ? AND isNotNull(%s) AND pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC')",
		p.Measure, weight, l.table(table), p.Measure)
	if err := l.Conn.Select(ctx, &rows, query, p.ScopeKind, change.AddDate(0, 0, -days).Format(time.DateTime), change.AddDate(0, 0, days).Format(time.DateTime)); err != nil {
		return nil, err
	}
	by := map[string]map[int]Day{}
	for _, r := range rows {
		if by[r.ID] == nil {
			by[r.ID] = map[int]Day{}
		}
		by[r.ID][int(r.Day)] = Day{r.Value, max(r.N, 1)}
	}
	touched, err := l.touched(ctx, p, days)
	if err != nil {
		return nil, err
	}
	treated := by[p.ScopeID]
	delete(by, p.ScopeID)
	var controls []map[int]Day
	for id, scope := range by {
		if !slices.Contains(touched, id) {
			controls = append(controls, scope)
		}
	}
	// A day counts by its begin: one that begins before the change is before it.
	return Estimate(treated, controls, int(change.Unix()))
}

// touched returns the scopes in which another improvement changed something in that time.
func (l *Log) touched(ctx context.Context, p *Plan, days int) (ids []string, err error) {
	list, err := l.List(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		o := &list[i]
		if o.ID != p.ID && o.ScopeKind == p.ScopeKind && o.ChangedAt != nil && o.ChangedAt.Sub(*p.ChangedAt).Abs() < time.Duration(days)*24*time.Hour {
			ids = append(ids, o.ScopeID)
		}
	}
	return ids, nil
}

// Take copies the result of a check into the plan.
func (p *Plan) Take(e *Effect, at time.Time) {
	p.CheckedAt = &at
	p.Effect, p.Low, p.High, p.Placebo = &e.Effect, &e.Low, &e.High, &e.Placebo
	p.Before, p.After, p.ControlFrom, p.ControlTo = &e.Before, &e.After, &e.ControlBefore, &e.ControlAfter
	p.DaysBefore, p.DaysAfter = uint32(e.DaysBefore), uint32(e.DaysAfter)
}
