package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/schemas"
	"csatflow/schemas/tables"
)

// Migrate creates the database, brings its tables up to this release, and makes the views that are not of this release and its settings. It loses no row, and
// may run while others write. It calls said for each step.
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
	if err := s.Newer(ctx); err != nil {
		return err
	}
	there, err := s.made(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables.All() {
		if err := s.bring(ctx, t, there[t.Name], m.RawDays, said); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return s.makeViews(ctx, m, said)
}

// bring makes a table, or adds what an older release's table lacks. It notes each addition, so that older releases know
// that a newer one has been here.
func (s *Store) bring(ctx context.Context, t *tables.Table, there *made, rawDays int, said func(string)) error {
	db := schemas.QuoteName(s.database)
	note := func(name string) error {
		said("tables " + name)
		return s.patiently(ctx, "INSERT INTO "+db+".schema_migrations (name) VALUES (?)", name)
	}
	if there == nil {
		if err := s.patiently(ctx, t.Create(db, rawDays)); err != nil {
			return err
		}
		return note(t.Name)
	}
	for i, c := range t.Columns {
		if _, has := there.columns[c.Name]; has {
			continue
		}
		if err := s.patiently(ctx, t.Add(db, i)); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		if err := note(t.Name + "." + c.Name); err != nil {
			return err
		}
	}
	for _, q := range t.Bring(db, there.columns, there.indexes, there.engine) {
		if err := s.patiently(ctx, q); err != nil {
			return err
		}
		said("tables " + q)
	}
	return nil
}

// made is what a database has of a table.
type made struct {
	columns map[string]string // their codecs, "" for the usual one
	indexes []string
	engine  string // in full
}

// made returns the existing tables by name; none if there is no database.
func (s *Store) made(ctx context.Context) (map[string]*made, error) {
	all := map[string]*made{}
	err := s.each(ctx, "SELECT name, engine_full FROM system.tables WHERE database = ? AND engine LIKE '%MergeTree'", []any{s.database}, func(rows driver.Rows) error {
		var name string
		t := &made{columns: map[string]string{}}
		err := rows.Scan(&name, &t.engine)
		all[name] = t
		return err
	})
	if err == nil {
		err = s.each(ctx, "SELECT table, name, compression_codec FROM system.columns WHERE database = ?", []any{s.database}, func(rows driver.Rows) error {
			var table, name, codec string
			err := rows.Scan(&table, &name, &codec)
			if t := all[table]; t != nil {
				t.columns[name] = codec
			}
			return err
		})
	}
	if err == nil {
		err = s.each(ctx, "SELECT table, name FROM system.data_skipping_indices WHERE database = ?", []any{s.database}, func(rows driver.Rows) error {
			var table, name string
			err := rows.Scan(&table, &name)
			if t := all[table]; t != nil {
				t.indexes = append(t.indexes, name)
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the tables of database %s: %w", s.database, err)
	}
	return all, nil
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

// Pending names this release's tables that the database lacks, and the columns (table.column) that its tables lack.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	there, err := s.made(ctx)
	if err != nil {
		return nil, err
	}
	var pending []string
	for _, t := range tables.All() {
		if there[t.Name] == nil {
			pending = append(pending, t.Name)
			continue
		}
		for _, c := range t.Columns {
			if _, has := there[t.Name].columns[c.Name]; !has {
				pending = append(pending, t.Name+"."+c.Name)
			}
		}
	}
	return pending, nil
}
