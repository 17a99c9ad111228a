package chdb

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/local/libchdb"
)

func TestTheEngineRunsStatements(t *testing.T) {
	path, err := libchdb.Fetch(context.Background(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	library, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	base, err := library.Connect(data)
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	conn, err := library.Connect(data)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	t.Run("a query takes parameters", func(t *testing.T) {
		got, _, err := conn.Query("SELECT {a:UInt8} + 1, {b:String}, {c:String}", "TSVRaw", Param{"a", "6"}, Param{"b", "x'y"}, Param{"c", ""})
		if err != nil || string(got) != "7\tx'y\t\n" {
			t.Errorf("%q: %v", got, err)
		}
	})
	t.Run("an error is the engine's", func(t *testing.T) {
		var e *Error
		for _, query := range []string{"SELECT * FROM absent", ""} {
			if _, _, err := conn.Query(query, "TSV"); query != "" && (!errors.As(err, &e) || !strings.HasPrefix(e.Text, "Code: 60.")) {
				t.Errorf("%q: %v", query, err)
			}
		}
	})
	t.Run("a stream comes in chunks and can be ended", func(t *testing.T) {
		var rows, chunks uint64
		err := conn.Stream("SELECT number FROM numbers(300000)", "Native", nil, func(_ []byte, s Stats) error {
			rows += s.Rows
			chunks++
			return nil
		})
		if err != nil || rows != 300_000 || chunks < 2 {
			t.Errorf("%d rows in %d chunks: %v", rows, chunks, err)
		}
		enough := errors.New("enough")
		err = conn.Stream("SELECT number FROM numbers(1000000000)", "Native", nil, func([]byte, Stats) error { return enough })
		if !errors.Is(err, enough) {
			t.Errorf("ended stream: %v", err)
		}
		if err = conn.Stream("SELECT throwIf(number = 150000) FROM numbers(200000)", "TSV", nil, func([]byte, Stats) error { return nil }); err == nil {
			t.Error("a stream that fails tells no error")
		}
		if got, _, err := base.Query("SELECT count() FROM system.processes", "TSV"); err != nil || string(got) != "1\n" {
			t.Errorf("%s statements run after streams that failed: %v", got, err)
		}
	})
	t.Run("an insert is stored when done and vanishes when cancelled", func(t *testing.T) {
		if _, _, err := conn.Query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", "Null"); err != nil {
			t.Fatal(err)
		}
		for _, done := range []bool{true, false} {
			i, err := conn.Insert("INSERT INTO t", "TSV")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := i.Write([]byte("1\n2\n")); err != nil {
				t.Fatal(err)
			}
			if done {
				if s, err := i.Done(); err != nil || s.WrittenRows != 2 {
					t.Errorf("%+v: %v", s, err)
				}
			} else {
				i.Cancel()
			}
			if got, _, err := base.Query("SELECT count() FROM t", "TSV"); err != nil || string(got) != "2\n" {
				t.Errorf("done %v: %q rows: %v", done, got, err)
			}
		}
		if _, err := conn.Insert("INSERT INTO absent", "TSV"); err == nil {
			t.Error("an insert into a table that is absent opens")
		}
	})
	t.Run("a statement that fails leaves nothing to the next", func(t *testing.T) {
		for _, statement := range []string{"SELECT throwIf(number = 3) FROM numbers(5) SETTINGS max_block_size = 1", "SELECT number, throwIf(number = 300000, 'x') FROM numbers(400000)", "SELECT sleepEachRow(0.2) FROM numbers(20) SETTINGS max_block_size = 1, max_execution_time = 1", "SELECT sum(sleepEachRow(0.2)) FROM numbers(20) SETTINGS max_block_size = 1, max_execution_time = 1, timeout_overflow_mode = 'throw'"} {
			if _, _, err := conn.Query(statement, "JSON"); err == nil {
				t.Errorf("%s does not fail", statement)
			}
			if got, _, err := conn.Query("SELECT 42", "TSV"); err != nil || string(got) != "42\n" {
				t.Errorf("after %s: %.100q: %v", statement, got, err)
			}
		}
		killed := make(chan error)
		go func() {
			_, _, err := conn.Query("SELECT sum(sleepEachRow(1)) FROM numbers(30) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0", "JSON")
			killed <- err
		}()
		for running, end := "", time.Now().Add(10*time.Second); running != "1\n"; {
			if time.Now().After(end) {
				t.Fatalf("running: %.200q", running)
			}
			got, _, err := base.Query("SELECT count() FROM system.processes WHERE query LIKE 'SELECT sum(sleep%'", "TSV")
			if err != nil {
				t.Fatal(err)
			}
			running = string(got)
		}
		if _, _, err := base.Query("KILL QUERY WHERE query LIKE 'SELECT sum(sleep%' SYNC", "Null"); err != nil {
			t.Fatal(err)
		}
		if err := <-killed; err == nil {
			t.Log("a killed statement has an answer") // that of no rows
		}
		if got, _, err := conn.Query("SELECT 42", "TSV"); err != nil || string(got) != "42\n" {
			t.Errorf("after a killed statement: %.200q: %v", got, err)
		}
	})
	t.Run("statements are counted", func(t *testing.T) {
		for query, want := range map[string]int{"SELECT 1;": 1, "SELECT 1;-- one\nSELECT ';'": 2, "INSERT INTO t FORMAT CSV\na;b": 1, "INSERT INTO t VALUES (1); SELECT 1": 2, "SELEC 1; SELECT 1": 0, "-- none": 0, "": 0} {
			if got := conn.Statements(query); got != want {
				t.Errorf("%q: %d statements", query, got)
			}
		}
	})
	t.Run("read-only statements are told", func(t *testing.T) {
		for query, want := range map[string]bool{
			"SELECT 1 FORMAT JSON": true, "SHOW TABLES": true, "WITH 1 AS x SELECT x": true,
			"DROP TABLE t": false, "INSERT INTO t VALUES (1)": false, "SET max_threads = 1": false, "SELEC 1": false, "": false,
		} {
			if conn.ReadOnly(query) != want {
				t.Errorf("%q: %v", query, !want)
			}
		}
	})
}

func TestAFileThatIsNoLibraryIsNamed(t *testing.T) {
	if _, err := Load(os.Args[0] + ".absent"); err == nil || !strings.Contains(err.Error(), ".absent") {
		t.Error(err)
	}
}
