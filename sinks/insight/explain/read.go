package explain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas"
	"csatflow/sinks/insight/detect"
)

// Conn queries the database.
type Conn interface {
	Select(ctx context.Context, into any, query string, args ...any) error
}

// Reader reads the views.
type Reader struct {
	Conn       Conn
	Database   string
	Dimensions *dimension.Set // those of the events
}

// View is the name of a view in SQL.
func (q *Reader) View(name string) string { return schemas.QuoteName(q.Database) + "." + name }

// Rows reads the result of a query.
func (q *Reader) Rows(ctx context.Context, into any, query string, args ...any) error {
	return q.Conn.Select(ctx, into, query, args...)
}

// Kinds are the scope kinds that can be broken down.
func Kinds(dimensions *dimension.Set) []string {
	return append([]string{dimension.All}, dimensions.OfResponses()...)
}

// HasKind reports whether a kind is one of them.
func HasKind(dimensions *dimension.Set, kind string) bool {
	return slices.Contains(Kinds(dimensions), kind)
}

// Slot is the default length of a cell.
const Slot = time.Hour

// Cells reads grades by slot: of the scope of all, and of each scope of the kinds.
func (q *Reader) Cells(ctx context.Context, from, to time.Time, slot time.Duration, kinds []string) (all []detect.Cell, scopes []detect.Series, err error) {
	resolution := 3600
	if slot < time.Hour {
		resolution = 60
	}
	var rows []struct {
		Kind, ID        string
		Slot            int64
		N, Sum, Squares float64
	}
	query := fmt.Sprintf(`SELECT toString(scope_kind) AS Kind, toString(scope_id) AS ID, intDiv(toInt64(toUnixTimestamp(step_start)) - %d, %d) AS Slot, toFloat64(responses) AS N,
	toFloat64(grade_1 + 2 * grade_2 + 3 * grade_3 + 4 * grade_4 + 5 * grade_5 + 6 * grade_6 + 7 * grade_7) AS Sum,
	toFloat64(grade_1 + 4 * grade_2 + 9 * grade_3 + 16 * grade_4 + 25 * grade_5 + 36 * grade_6 + 49 * grade_7) AS Squares
FROM %[3]s(resolution = %[4]d, step_s = %[2]d, from = '%[5]s', to = '%[6]s') WHERE scope_kind IN (%[7]s) ORDER BY Kind, ID, Slot`,
		from.Unix(), int(slot/time.Second), q.View("grades_between"), resolution, schemas.DateTime(from), schemas.DateTime(to), schemas.QuoteTexts(append([]string{dimension.All}, kinds...)))
	if err := q.Rows(ctx, &rows, query); err != nil {
		return nil, nil, err
	}
	n := int(to.Sub(from) / slot)
	all = make([]detect.Cell, n)
	for _, row := range rows {
		if row.Slot < 0 || row.Slot >= int64(n) {
			continue
		}
		cell := detect.Cell{N: row.N, Sum: row.Sum, Squares: row.Squares}
		if row.Kind == "all" {
			all[row.Slot] = cell
			if !slices.Contains(kinds, "all") {
				continue
			}
		}
		if last := len(scopes) - 1; last < 0 || scopes[last].Kind != row.Kind || scopes[last].ID != row.ID {
			scopes = append(scopes, detect.Series{Kind: row.Kind, ID: row.ID, Cells: make([]detect.Cell, n)})
		}
		scopes[len(scopes)-1].Cells[row.Slot] = cell
	}
	return all, scopes, nil
}

// Column is the column of a dimension in events as received; "" if responses do not have it.
func (q *Reader) Column(kind string) string {
	if d := q.Dimensions.Of(kind); d != nil && d.Topics.Responses {
		return d.Column
	}
	return ""
}

// Responses is a subquery: instant responses of the scope about the own brand between two instants, each event once.
func (q *Reader) Responses(from, to time.Time, kind, id string) (query string, args []any) {
	where, args := "", []any{schemas.DateTime(from), schemas.DateTime(to)}
	if c := q.Column(kind); c != "" {
		where, args = " AND "+c+" = ?", append(args, id)
	}
	return "(SELECT * FROM " + q.View("responses") + " FINAL WHERE survey = 'instant' AND brand = '' AND occurred_at >= toDateTime64(?, 3, 'UTC') AND occurred_at < toDateTime64(?, 3, 'UTC')" + where +
		" ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id)", args
}
