package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/schemas"
)

// Migrate creates the database, brings its tables up to this release and makes the views anew. It loses no row and may
// run while others write; said hears of each step.
func (s *Store) Migrate(ctx context.Context, m *schemas.Model, said func(step string)) error {
	db := schemas.QuoteName(s.database)
	for _, q := range []string{
		"CREATE DATABASE IF NOT EXISTS " + db,
		"CREATE TABLE IF NOT EXISTS " + db + ".schema_migrations (name String, applied_at DateTime('UTC') DEFAULT now()) ENGINE = ReplacingMergeTree ORDER BY name",
	} {
		if err := s.patiently(ctx, q); err != nil {
			return fmt.Errorf("creating database %s: %w", s.database, err)
		}
	}
	if err := s.Newer(ctx, m); err != nil {
		return err
	}
	applied, err := s.applied(ctx)
	if err != nil {
		return err
	}
	tables, err := m.Tables()
	if err != nil {
		return err
	}
	for _, step := range tables {
		if applied[step.Name] {
			continue
		}
		if err := s.run(ctx, step); err != nil {
			return err
		}
		if err := s.patiently(ctx, "INSERT INTO "+db+".schema_migrations (name) VALUES (?)", step.Name); err != nil {
			return fmt.Errorf("noting migration %s: %w", step.Name, err)
		}
		said("tables " + step.Name)
	}
	views, err := m.Views()
	if err != nil {
		return err
	}
	for _, step := range views {
		if err := s.run(ctx, step); err != nil {
			return err
		}
		said("views " + step.Name)
	}
	return nil
}

func (s *Store) applied(ctx context.Context) (map[string]bool, error) {
	applied := map[string]bool{}
	err := s.each(ctx, "SELECT DISTINCT name FROM "+s.table("schema_migrations"), nil, func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		applied[name] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading schema_migrations: %w", err)
	}
	return applied, nil
}

func (s *Store) run(ctx context.Context, m schemas.Migration) error {
	for i, q := range m.Statements {
		if err := s.patiently(ctx, q); err != nil {
			return fmt.Errorf("migration %s, statement %d: %w", m.Name, i+1, err)
		}
	}
	return nil
}

// migrated says that the database has had a migration.
func (s *Store) migrated(ctx context.Context) (bool, error) {
	var exists uint8
	if err := s.conn.QueryRow(ctx, "SELECT count() > 0 FROM system.tables WHERE database = ? AND name = 'schema_migrations'", s.database).Scan(&exists); err != nil {
		return false, fmt.Errorf("looking for schema_migrations: %w", err)
	}
	return exists == 1, nil
}

// Pending names the migrations of tables that the database has not had yet.
func (s *Store) Pending(ctx context.Context, m *schemas.Model) ([]string, error) {
	exists, err := s.migrated(ctx)
	if err != nil {
		return nil, err
	}
	applied := map[string]bool{}
	if exists {
		if applied, err = s.applied(ctx); err != nil {
			return nil, err
		}
	}
	tables, err := m.Tables()
	if err != nil {
		return nil, err
	}
	var pending []string
	for _, step := range tables {
		if !applied[step.Name] {
			pending = append(pending, step.Name)
		}
	}
	return pending, nil
}
