package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas"
)

// reader reads the views.
type reader struct {
	conn       Conn
	database   string
	dimensions *dimension.Set
}

// newReader reads for a report, and puts the built-in dimensions where its options name none.
func newReader(conn Conn, o *Options) *reader {
	if o.Dimensions == nil {
		o.Dimensions = dimension.Usual()
	}
	return &reader{conn: conn, database: o.Database, dimensions: o.Dimensions}
}

func (q *reader) view(name string) string { return schemas.QuoteName(q.database) + "." + name }

func (q *reader) rows(ctx context.Context, into any, query string, args ...any) error {
	return q.conn.Select(ctx, into, query, args...)
}

func utc(t time.Time) string { return t.UTC().Format(time.DateTime) }

// cells reads grades by slot: of all, and of each scope of the kinds.
func (q *reader) cells(ctx context.Context, from, to time.Time, slot time.Duration, kinds []string) (all []Cell, scopes []Scope, err error) {
	resolution := 3600
	if slot < time.Hour {
		resolution = 60
	}
	var rows []struct {
		Kind, ID        string
		Slot            int64
		N, Sum, Squares float64
	}
	query := fmt.Sprintf(`SELECT toString(scope_kind) AS Kind, toString(scope_id) AS ID, intDiv(toInt64(toUnixTimestamp(pane_start)) - %d, %d) AS Slot, toFloat64(sum(responses)) AS N,
	toFloat64(sum(grade_1 + 2 * grade_2 + 3 * grade_3 + 4 * grade_4 + 5 * grade_5 + 6 * grade_6 + 7 * grade_7)) AS Sum,
	toFloat64(sum(grade_1 + 4 * grade_2 + 9 * grade_3 + 16 * grade_4 + 25 * grade_5 + 36 * grade_6 + 49 * grade_7)) AS Squares
FROM %s WHERE resolution = %d AND pane_start >= toDateTime(?, 'UTC') AND pane_start < toDateTime(?, 'UTC') AND scope_kind IN ('all', %s)
GROUP BY Kind, ID, Slot ORDER BY Kind, ID, Slot`, from.Unix(), int(slot/time.Second), q.view("satisfaction"), resolution, "'"+strings.Join(kinds, "', '")+"'")
	if err := q.rows(ctx, &rows, query, utc(from), utc(to)); err != nil {
		return nil, nil, err
	}
	n := int(to.Sub(from) / slot)
	all = make([]Cell, n)
	for _, row := range rows {
		if row.Slot < 0 || row.Slot >= int64(n) {
			continue
		}
		if row.Kind == "all" {
			all[row.Slot] = Cell{row.N, row.Sum, row.Squares}
			if !slices.Contains(kinds, "all") {
				continue
			}
		}
		if last := len(scopes) - 1; last < 0 || scopes[last].Kind != row.Kind || scopes[last].ID != row.ID {
			scopes = append(scopes, Scope{Kind: row.Kind, ID: row.ID, Cells: make([]Cell, n)})
		}
		scopes[len(scopes)-1].Cells[row.Slot] = Cell{row.N, row.Sum, row.Squares}
	}
	return all, scopes, nil
}

// column is that of a dimension in the events as received; "" where responses do not have it.
func (q *reader) column(kind string) string {
	if d := q.dimensions.Of(kind); d != nil && d.Topics.Responses {
		return d.Column
	}
	return ""
}

// responses is a subquery: instant responses about the own brand between two instants, each event once, of the scope.
func (q *reader) responses(from, to time.Time, kind, id string) (query string, args []any) {
	where, args := "", []any{utc(from), utc(to)}
	if c := q.column(kind); c != "" {
		where, args = " AND "+c+" = ?", append(args, id)
	}
	return "(SELECT * FROM " + q.view("responses") + " FINAL WHERE survey = 'instant' AND brand = '' AND occurred_at >= toDateTime64(?, 3, 'UTC') AND occurred_at < toDateTime64(?, 3, 'UTC')" + where +
		" ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id)", args
}
