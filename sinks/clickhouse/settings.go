package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"csatflow/pipeline"
	"csatflow/pipeline/rows"
	"csatflow/schemas/tables"
)

// Settings returns the settings that the rows depend on, by configuration key, as the first process noted them. They are
// empty before the first process, if only older releases have written the tables, and if there is no database.
func (s *Store) Settings(ctx context.Context) (map[string]string, error) {
	kept := map[string]string{}
	q := "SELECT name, argMin(value, (noted_at, value)) FROM " + s.table("settings") + " GROUP BY name"
	err := s.each(ctx, q, nil, func(rows driver.Rows) error {
		var name, value string
		err := rows.Scan(&name, &value)
		kept[name] = value
		return err
	})
	var said *proto.Exception
	if errors.As(err, &said) && (said.Code == unknownTable || said.Code == unknownDatabase) {
		return kept, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the settings with which the tables were made: %w", err)
	}
	return kept, nil
}

// ClickHouse's error codes for things that do not exist.
const (
	unknownTable    = 60
	unknownDatabase = 81
)

// KeepSettings notes values under names that have none yet. If another process does so at the same time one of the two
// wins: read [Store.Settings] again. fingerprint is that of all the settings.
func (s *Store) KeepSettings(ctx context.Context, values map[string]string, fingerprint uint64) error {
	w := rows.NewSettings(len(values))
	for name, value := range values {
		w.Row()
		w.Name = append(w.Name, name)
		w.Value = append(w.Value, value)
		w.Fingerprint = append(w.Fingerprint, fingerprint)
	}
	if err := Insert(ctx, s.conn, s.database, w.Take()); err != nil {
		return fmt.Errorf("noting the settings: %w", final(err))
	}
	return nil
}

// NewerError refuses tables that a newer release has made or written, and that this one cannot interpret.
type NewerError struct{ What string }

func (e *NewerError) Error() string {
	return e.What + ": a newer release of csatflow has been here. Run that release; or, to go back, use another database (clickhouse.database) and read the topics again"
}

// Newer returns a [NewerError] if the database has migrations that this release does not know, or rows of a newer logic.
// It returns nil if there is no database.
func (s *Store) Newer(ctx context.Context) error {
	there, err := s.made(ctx)
	if err != nil || there["schema_migrations"] == nil {
		return err
	}
	applied, err := s.applied(ctx)
	if err != nil {
		return err
	}
	known := tables.Names()
	var unknown []string
	for name := range applied {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return &NewerError{fmt.Sprintf("database %s has the migrations %s, which this release does not know", s.database, strings.Join(unknown, ", "))}
	}
	if there[pipeline.TablePositions] == nil {
		return nil
	}
	var version uint64
	if err := s.conn.QueryRow(ctx, "SELECT max(version) FROM "+s.table(pipeline.TablePositions)).Scan(&version); err != nil {
		return fmt.Errorf("reading the version of the rows: %w", final(err))
	}
	if logic := rows.LogicOf(version); logic > rows.LogicVersion {
		return &NewerError{fmt.Sprintf("database %s has rows of logic version %d, and this release has logic version %d", s.database, logic, rows.LogicVersion)}
	}
	return nil
}
