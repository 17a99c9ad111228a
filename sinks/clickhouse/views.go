package clickhouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/schemas"
	"csatflow/schemas/tables"
)

// makeViews makes those views that are not yet as this release and its settings make them, in order: a view stands on those before it.
// Making all costs a server seconds, and every process does it at its start.
func (s *Store) makeViews(ctx context.Context, m *schemas.Model, said func(string)) error {
	list, err := s.outdated(ctx, m)
	if err != nil {
		return err
	}
	for i, v := range list {
		if err := s.patiently(ctx, v.statement); err != nil {
			return fmt.Errorf("view %s: %w", v.name, err)
		}
		if i+1 == len(list) || list[i+1].step != v.step {
			said("views " + v.step)
		}
	}
	return nil
}

// PendingViews names the views that a migration would make: those that are not there, and those of another release or of other settings.
func (s *Store) PendingViews(ctx context.Context, m *schemas.Model) ([]string, error) {
	list, err := s.outdated(ctx, m)
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = v.name
	}
	return names, err
}

// view is one that is to be made, of a step of the migration.
type view struct{ step, name, statement string }

// outdated returns the views that are not as they are declared, in the order in which they are made.
func (s *Store) outdated(ctx context.Context, m *schemas.Model) ([]view, error) {
	views, err := m.Views()
	if err != nil {
		return nil, err
	}
	version, err := s.Ping(ctx)
	if err != nil {
		return nil, err
	}
	mark := viewMark(version, Declared(m, views))
	there := map[string]string{}
	err = s.each(ctx, "SELECT name, comment FROM system.tables WHERE database = ? AND engine = 'View'", []any{s.database}, func(rows driver.Rows) error {
		var name, comment string
		err := rows.Scan(&name, &comment)
		there[name] = comment
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the views of database %s: %w", s.database, err)
	}
	var list []view
	for _, step := range views {
		for i, q := range step.Statements {
			name := makesView.FindStringSubmatch(q)
			if name == nil {
				return nil, fmt.Errorf("views %s, statement %d makes no view", step.Name, i+1)
			}
			if there[name[1]] != mark {
				list = append(list, view{step.Name, name[1], q + "\nCOMMENT " + schemas.QuoteText(mark)})
			}
		}
	}
	return list, nil
}

var makesView = regexp.MustCompile(`(?m)^CREATE OR REPLACE VIEW .+\.([a-z0-9_]+) AS\s`)

// viewMark is the comment of each view. A view keeps the names and types of its columns as they were when it was made, so the mark
// changes with all that they follow from: the tables and the views beneath, and what the server makes of types.
func viewMark(version, declared string) string {
	h := sha256.Sum256([]byte(version + " " + declared))
	return "made by csatflow, " + hex.EncodeToString(h[:16])
}

// Declared is a hash of the declarations of a model's tables and of its views.
func Declared(m *schemas.Model, views []schemas.Migration) string {
	h := sha256.New()
	for _, t := range tables.All() {
		fmt.Fprintln(h, t.Create(schemas.QuoteName(m.Database), m.RawDays))
	}
	for _, step := range views {
		for _, q := range step.Statements {
			_, _ = io.WriteString(h, q+"\n;\n") // a hash takes everything
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
