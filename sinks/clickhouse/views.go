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
	views, err := m.Views()
	if err != nil {
		return err
	}
	version, err := s.Ping(ctx)
	if err != nil {
		return err
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
		return fmt.Errorf("looking for the views of database %s: %w", s.database, err)
	}
	for _, step := range views {
		made := false
		for i, q := range step.Statements {
			name := makesView.FindStringSubmatch(q)
			if name == nil {
				return fmt.Errorf("views %s, statement %d makes no view", step.Name, i+1)
			}
			if there[name[1]] == mark {
				continue
			}
			if err := s.patiently(ctx, q+"\nCOMMENT "+schemas.QuoteText(mark)); err != nil {
				return fmt.Errorf("view %s: %w", name[1], err)
			}
			made = true
		}
		if made {
			said("views " + step.Name)
		}
	}
	return nil
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
