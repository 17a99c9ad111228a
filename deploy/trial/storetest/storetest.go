// Package storetest makes databases with tables and views for tests of other packages, and writes the rows of a task to them.
package storetest

import (
	"testing"

	"csatflow/pipeline"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// Model describes the tables and views that New makes.
func Model(database string, set *pipeline.Settings) *schemas.Model {
	return clickhouse.Model(database, set, 400, schemas.DefaultRaterWeights, clickhouse.DefaultCompany())
}

// New gives a database of its own, with the tables and views of the settings, on [ClickHouse].
func New(t testing.TB, set *pipeline.Settings) (s *clickhouse.Store, address, database string) {
	t.Helper()
	address = ClickHouse(t)
	database = Database(address)
	s, err := clickhouse.Open(clickhouse.Config{Address: []string{address}, Database: database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context(), Model(database, set), func(string) {}); err != nil {
		t.Fatal(err)
	}
	return s, address, database
}

// Write flushes a task into the database.
func Write(t testing.TB, s *clickhouse.Store, task *pipeline.Task) {
	t.Helper()
	for _, stage := range task.Flush().Stages() {
		if err := s.Write(t.Context(), stage); err != nil {
			t.Fatal(err)
		}
	}
}
