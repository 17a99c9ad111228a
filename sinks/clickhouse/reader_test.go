package clickhouse

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/deploy/trial/localtest"
)

func TestTheStatementsThatMakeAReaderAreClickHouses(t *testing.T) {
	s, err := Open(Config{Address: []string{localtest.ClickHouse(t)}, Database: "default"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, q := range readerStatements("a `database`", "a `page`", `hu'sh\`) {
		if err := s.conn.Exec(t.Context(), "EXPLAIN AST "+q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	if err := s.conn.Exec(t.Context(), "EXPLAIN AST CREATE USER OR REPLACE page SETTINGS readonly IS 2"); err == nil {
		t.Error("what is no statement is taken for one")
	}
}

// ClickHouse's codes ACCESS_STORAGE_FOR_INSERTION_NOT_FOUND and ACCESS_DENIED.
const noUserStorage, accessDenied = 514, 497

// The embedded engine keeps no users: a server that does has to be named.
func TestAReaderReadsAndDoesNothingElse(t *testing.T) {
	address := os.Getenv("CSATFLOW_TEST_CLICKHOUSE")
	if address == "" {
		t.Skip("CSATFLOW_TEST_CLICKHOUSE names no server of yours")
	}
	database := fmt.Sprintf("test_%d", time.Now().UnixNano())
	s, err := Open(Config{Address: []string{address}, Database: database, Username: os.Getenv("CSATFLOW_TEST_CLICKHOUSE_USER"), Password: os.Getenv("CSATFLOW_TEST_CLICKHOUSE_PASSWORD")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	exec := func(q string) {
		t.Helper()
		if err := s.conn.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE DATABASE " + database)
	exec("CREATE TABLE " + database + ".kept (a UInt8) ENGINE = MergeTree ORDER BY a")
	exec("CREATE VIEW " + database + ".freshness AS SELECT count() AS events FROM " + database + ".kept")
	for _, password := range []string{"the former", "hush"} { // a second call replaces the user
		err := s.MakeReader(t.Context(), database+"_page", password)
		var refused *chgo.Exception
		if errors.As(err, &refused) && (refused.Code == noUserStorage || refused.Code == accessDenied) {
			t.Skipf("the server keeps no users, or does not let this one make others: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := Open(Config{Address: []string{address}, Database: database, Username: database + "_page", Password: "hush"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = page.Close() })
	if err := page.CanRead(t.Context()); err != nil {
		t.Error(err)
	}
	ctx := chgo.Context(t.Context(), chgo.WithSettings(chgo.Settings{"readonly": 2, "max_memory_usage": 1 << 30}))
	if err := page.conn.Exec(ctx, "SELECT 1"); err != nil {
		t.Errorf("with the settings of a question: %v", err)
	}
	for _, q := range []string{"INSERT INTO " + database + ".kept VALUES (1)", "DROP TABLE " + database + ".kept", "SELECT * FROM file('/etc/passwd', 'LineAsString')", "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
		"SYSTEM SHUTDOWN", "CREATE TABLE " + database + ".more (a UInt8) ENGINE = Memory", "SELECT name FROM system.users"} {
		var refused *chgo.Exception
		if err := page.conn.Exec(t.Context(), q); !errors.As(err, &refused) {
			t.Errorf("%s: %v", q, err)
		}
	}
}
