package clickhouse

import (
	"context"
	"fmt"

	"csatflow/schemas"
)

// readerStatements create a user who may only read a database, or replace it with a new password. The user may neither change
// anything nor read files or other servers.
func readerStatements(database, username, password string) []string {
	user := schemas.QuoteName(username)
	return []string{
		fmt.Sprintf("CREATE USER OR REPLACE %s IDENTIFIED WITH sha256_password BY %s SETTINGS readonly = 2", user, schemas.QuoteText(password)),
		fmt.Sprintf("GRANT SELECT ON %s.* TO %s", schemas.QuoteName(database), user),
	}
}

// MakeReader creates a user who may only read the database.
func (s *Store) MakeReader(ctx context.Context, username, password string) error {
	for _, q := range readerStatements(s.database, username, password) {
		if err := s.conn.Exec(ctx, q); err != nil {
			return fmt.Errorf("creating the user %s, who may only read: %w", username, err)
		}
	}
	return nil
}

// CanRead returns an error unless the store's user can read the views.
func (s *Store) CanRead(ctx context.Context) error {
	var n uint64
	if err := s.conn.QueryRow(ctx, "SELECT count() FROM "+s.table("freshness")).Scan(&n); err != nil {
		return fmt.Errorf("reading %s.freshness: %w", s.database, err)
	}
	return nil
}
