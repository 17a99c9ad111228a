package clickhouseserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/local"
)

// both are the server's own handlers and those of the embedded ClickHouse, which must behave the same.
type both struct{ own, front side }

type side struct {
	conn driver.Conn
	http string
}

func startBoth(t *testing.T) both {
	t.Helper()
	own := started(t, Options{})
	front, err := local.StartClickHouse(t.Context(), local.ClickHouseOptions{Library: library(t), Data: t.TempDir(), NativeAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Kill() }) // its data are not needed any more
	open := func(addr string) driver.Conn {
		// One connection: what a statement leaves in its session shows in the next.
		conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{addr}, MaxOpenConns: 1, MaxIdleConns: 1, Compression: &clickhouse.Compression{Method: clickhouse.CompressionLZ4}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	return both{side{open(own.Addr), own.HTTP}, side{open(front.NativeAddr()), front.HTTPAddr()}}
}

// outcome is the part of an error that a client sees.
func outcome(err error) string {
	var e *clickhouse.Exception
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &e):
		return fmt.Sprintf("code %d", e.Code)
	}
	return err.Error()
}

// rows returns columns and values of a result, or the error's code.
func (s side) rows(ctx context.Context, query string, args ...any) string {
	r, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return outcome(err)
	}
	defer func() { _ = r.Close() }() // Err says what is wrong
	var b strings.Builder
	for _, c := range r.ColumnTypes() {
		fmt.Fprintf(&b, "%s %s|", c.Name(), c.DatabaseTypeName())
	}
	n := 0
	for r.Next() {
		if n++; n > 5 {
			continue
		}
		into := make([]any, len(r.ColumnTypes()))
		for i, c := range r.ColumnTypes() {
			into[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := r.Scan(into...); err != nil {
			return "scan: " + err.Error()
		}
		b.WriteString("\n")
		for _, v := range into {
			fmt.Fprintf(&b, "%v|", reflect.ValueOf(v).Elem())
		}
	}
	if err := r.Err(); err != nil {
		return outcome(err)
	}
	return fmt.Sprintf("%s\n%d rows", &b, n)
}

func (s side) exec(ctx context.Context, statement string) string {
	return outcome(s.conn.Exec(ctx, statement))
}

// insert sends a batch with one column.
func (s side) insert(ctx context.Context, head string, values any) string {
	batch, err := s.conn.PrepareBatch(ctx, head)
	if err != nil {
		return outcome(err)
	}
	defer func() { _ = batch.Close() }() // Send says what is wrong
	if err := batch.Column(0).Append(values); err != nil {
		return "column: " + err.Error()
	}
	return outcome(batch.Send())
}

func (s side) ask(ctx context.Context, method, query, body string) string {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.http+"/?"+query, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = answer.Body.Close() }() // only read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	if code := answer.Header.Get("X-ClickHouse-Exception-Code"); code != "" {
		return fmt.Sprintf("%d, code %s", answer.StatusCode, code)
	}
	return fmt.Sprintf("%d %s %q", answer.StatusCode, answer.Header.Get("Content-Type"), text)
}

// within bounds a step, to tell a server that keeps its client waiting from one that answers.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// differences are the known differences, none of which matters to csatflow.
var differences = map[string]struct{ own, front string }{
	// A server stops reading after the rows of an INSERT, and ignores what follows.
	"exec INSERT INTO t (a) VALUES (3); SELECT 1":                     {"done", "code 62"},
	"exec INSERT INTO t (a) VALUES (4); INSERT INTO t (a) VALUES (5)": {"done", "code 62"},
	"POST  INSERT INTO t (a) VALUES (22); SELECT 1":                   {`200 text/plain; charset=UTF-8 ""`, "400, code 62"},
	"exec SELECT 1 INTO OUTFILE '/nowhere/x'":                         {"done", "code 48"}, // a server leaves the file to its clients
	"POST  SELECT 1 INTO OUTFILE '/nowhere/x'":                        {"500, code 358", "501, code 48"},
	"batch INSERT INTO FUNCTION null('a UInt64')":                     {"done", "code 108"},
}

func TestTheFrontDoesWhatClickHousesOwnHandlersDo(t *testing.T) {
	b := startBoth(t)
	var told []string
	compare := func(name string, do func(side) string) {
		t.Helper()
		begun := time.Now()
		own, front := do(b.own), do(b.front)
		if d := time.Since(begun); d > 3*time.Second {
			t.Logf("%s took %v", name, d)
		}
		if d, ok := differences[name]; ok {
			told = append(told, name)
			if own != d.own || front != d.front {
				t.Errorf("%s: the difference is another than the one that is known\n    own handlers: %.300s\n    front:        %.300s", name, own, front)
			}
		} else if own != front {
			t.Errorf("%s\n    own handlers: %.300s\n    front:        %.300s", name, own, front)
		}
	}
	for _, q := range []string{
		"CREATE TABLE t (a UInt64, s String DEFAULT 'x', m UInt64 MATERIALIZED a + 1) ENGINE = ReplacingMergeTree ORDER BY a",
		"INSERT INTO t (a) VALUES (1), (2);", "INSERT INTO t (a) SELECT number FROM numbers(3)", "INSERT INTO t (a) VALUES (3); SELECT 1", "INSERT INTO t (a) VALUES (4); INSERT INTO t (a) VALUES (5)",
		"SELECT 1; SELECT 2", "SELECT 1;\n\nSELECT 2;", "SELECT 1;;", "SELECT 1; -- the end", "SELECT 1; /* the end */ ;", "SELECT ';'; ", "SELECT 1 /* ; */ -- ; SELECT 2", "; SELECT 1", "",
		"CREATE VIEW v1 AS SELECT 1; CREATE VIEW v2 AS SELECT 2", "CREATE VIEW v1 AS SELECT 1;-- another\nCREATE VIEW v2 AS SELECT 2", "SET max_threads = 1; SELECT 1", "DROP TABLE IF EXISTS no_such; DROP TABLE IF EXISTS no_such",
		"CREATE VIEW v AS SELECT a, {n:UInt8} AS n FROM t", "ALTER TABLE t ADD COLUMN c UInt8, MODIFY SETTING min_bytes_for_wide_part = 0", "ALTER TABLE t ADD COLUMN c UInt8", "OPTIMIZE TABLE t FINAL",
		"CREATE TABLE t (a UInt64) ENGINE = Memory", "CREATE TABLE IF NOT EXISTS t (a UInt64) ENGINE = Memory", "CREATE DATABASE d", "CREATE DATABASE d", "CREATE TABLE no_such.t (a UInt8) ENGINE = Memory", "DROP DATABASE d SYNC",
		"SELEC 1", "SELECT no_such", "SELECT no_such(1)", "SELECT * FROM no_such", "SELECT * FROM no_such.t", "INSERT INTO no_such VALUES (1)", "INSERT INTO t (no_such) VALUES (1)", "INSERT INTO t (a) VALUES ('x')", "INSERT INTO t (a) VALUES (1, 2)",
		"SELECT toUInt8('x')", "SELECT throwIf(number = 100000) FROM numbers(200000)", "SELECT 1 SETTINGS no_such_setting = 1", "SELECT 1 SETTINGS max_result_rows = 1", "SELECT * FROM numbers(5) SETTINGS max_result_rows = 1",
		"SELECT sleepEachRow(0.2) FROM numbers(20) SETTINGS max_block_size = 1, max_execution_time = 1", "SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 1000000",
		"SELECT 1 INTO OUTFILE '/nowhere/x'", "KILL QUERY WHERE query_id = 'no such'", "SYSTEM SYNC REPLICA t", "SYSTEM FLUSH LOGS", "CREATE TEMPORARY TABLE temp (a UInt8)", "INSERT INTO temp VALUES (1)", "USE system", "SELECT count() FROM one", "USE default",
		"CREATE TABLE f (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS no_such = 1", "CREATE TABLE r (a UInt8) ENGINE = ReplicatedMergeTree('/r', '1') ORDER BY a", "RENAME TABLE no_such TO other", "TRUNCATE TABLE t", "EXPLAIN AST SELECT 1; SELECT 2",
		"INSERT INTO t (a) SETTINGS insert_quorum = 'auto' VALUES (1)", "INSERT INTO t (a) SETTINGS insert_quorum = 2 VALUES (1)", "GRANT SELECT ON *.* TO default", "CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE OR REPLACE TABLE o (a UInt8) ENGINE = Memory",
	} {
		compare("exec "+q, func(s side) string { return s.exec(within(t), q) })
	}
	for _, q := range []string{
		"SELECT a, s FROM t FINAL ORDER BY a", "SELECT 1 AS x, 'a' AS y, [1, 2] AS z, map('k', 1) AS m, (1, 'b') AS n", "SELECT number FROM numbers(200000)", "SELECT 1 AS x WHERE 0", "SELECT toDateTime('2026-03-01 10:00:00'), toDateTime64('2026-03-01 10:00:00.5', 3, 'Asia/Kolkata'), toDate('2026-03-01')",
		"SELECT NULL, toLowCardinality('x'), CAST('a', 'Enum8(\\'a\\' = 1)'), toDecimal64(1.5, 2), generateUUIDv4() != generateUUIDv4(), toInt128(5), toIPv4('127.0.0.1')", "SELECT number % 2 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k",
		"SELECT timezone(), currentDatabase(), currentUser()", "SELECT getSetting('max_block_size')", "SHOW TABLES", "SHOW CREATE TABLE v", "EXISTS TABLE t", "DESCRIBE TABLE t", "EXPLAIN SELECT 1", "WITH 2 AS x SELECT x FORMAT JSON", "SELECT 1 FORMAT Null", "SELECT 1; SELECT 2", "(SELECT 1) UNION ALL (SELECT 2)",
		"SELECT name FROM system.settings WHERE name = 'insert_quorum'", "SELECT count() > 0 FROM system.processes", "SELECT name, value FROM system.settings WHERE changed AND name IN ('async_insert', 'max_threads', 'readonly')", "SELECT is_leader FROM system.replicas", "SELECT 1 AS x SETTINGS max_threads = 1", "SELECT * FROM temp",
	} {
		compare("query "+q, func(s side) string { return s.rows(within(t), q) })
	}
	for _, text := range []string{"plain", "it's", `back\slash`, `\n`, "new\nline", "tab\t", "nul\x00", `"`, "`", "{a:String}", "门店", "", `\`, `\'`, "';--"} {
		compare(fmt.Sprintf("parameter %q", text), func(s side) string {
			return s.rows(clickhouse.Context(within(t), clickhouse.WithParameters(clickhouse.Parameters{"a": text})), "SELECT {a:String} AS a, length(a)")
		})
		compare(fmt.Sprintf("named %q", text), func(s side) string {
			return s.rows(within(t), "SELECT {a:String} AS a, length(a)", clickhouse.Named("a", text))
		})
		compare(fmt.Sprintf("bound %q", text), func(s side) string { return s.rows(within(t), "SELECT ? AS a, length(a)", text) })
		compare(fmt.Sprintf("parameter over HTTP %q", text), func(s side) string {
			return s.ask(within(t), http.MethodPost, url.Values{"param_a": {text}}.Encode(), "SELECT {a:String} AS a, length(a)")
		})
	}
	compare("array as a parameter", func(s side) string {
		return s.rows(within(t), "SELECT {a:Array(String)} AS a", clickhouse.Named("a", []string{"x'", "y\n"}))
	})
	compare("a parameter that is missing", func(s side) string { return s.rows(within(t), "SELECT {a:String}") })
	compare("a parameter of another type", func(s side) string { return s.rows(within(t), "SELECT {a:UInt8}", clickhouse.Named("a", "x")) })
	for name, pairs := range map[string]clickhouse.Settings{
		"unknown setting": {"no_such_setting": 1}, "readonly 1": {"readonly": 1}, "readonly 2": {"readonly": 2, "max_threads": 1},
		"quorum": {"insert_quorum": "auto", "insert_quorum_parallel": 1}, "async": {"async_insert": 0}, "a bad value": {"max_threads": "x"},
	} {
		ctx := clickhouse.Context(within(t), clickhouse.WithSettings(pairs))
		compare(name+": SELECT", func(s side) string { return s.rows(ctx, "SELECT 1") })
		compare(name+": SET", func(s side) string { return s.rows(ctx, "SELECT 1 SETTINGS max_threads = 2") })
		compare(name+": CREATE", func(s side) string { return s.exec(ctx, "CREATE TABLE IF NOT EXISTS t2 (a UInt8) ENGINE = Memory") })
		compare(name+": INSERT", func(s side) string { return s.insert(ctx, "INSERT INTO t (a)", []uint64{7, 8}) })
		compare(name+": left over", func(s side) string { return s.rows(within(t), "SELECT getSetting('readonly')") })
	}
	for head, values := range map[string]any{
		"INSERT INTO t (a)": []uint64{1, 2}, "INSERT INTO t (no_such)": []uint64{1}, "INSERT INTO no_such": []uint64{1}, "INSERT INTO v": []uint8{1}, "INSERT INTO t (s)": []string{"y"}, "INSERT INTO t (m)": []uint64{1}, "INSERT INTO t (a) VALUES": []uint64{9},
		"INSERT INTO t (a) SETTINGS async_insert = 0": []uint64{10}, "INSERT INTO `t` (`a`) FORMAT Native": []uint64{11}, "INSERT INTO system.one": []uint8{1}, "INSERT INTO FUNCTION null('a UInt64')": []uint64{1},
	} {
		compare("batch "+head, func(s side) string { return s.insert(within(t), head, values) })
	}
	compare("the rows of all that", func(s side) string { return s.rows(within(t), "SELECT count(), sum(a) FROM t FINAL") })
	compare("a query that is cancelled", func(s side) string {
		ctx, cancel := context.WithTimeout(within(t), 300*time.Millisecond)
		defer cancel()
		err := s.conn.Exec(ctx, "SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_block_size = 1")
		var late net.Error // the driver meets either its own deadline or that of its socket first
		return fmt.Sprint(errors.Is(err, context.DeadlineExceeded) || errors.As(err, &late) && late.Timeout())
	})
	for _, r := range [][3]string{
		{"POST", "", "SELECT 1; SELECT 2"}, {"GET", "query=SELECT+1;+SELECT+2", ""}, {"GET", "query=SELECT+1%3B+SELECT+2", ""}, {"POST", "", "SELECT 1;"}, {"GET", "query=SELECT+1", ""}, {"POST", "", ""}, {"POST", "", "CREATE TABLE w (a UInt8) ENGINE = Memory; SELECT 1"}, {"GET", "query=DROP+TABLE+t", ""},
		{"POST", "", "SELECT * FROM no_such"}, {"POST", "", "SELEC 1"}, {"POST", "no_such_setting=1", "SELECT 1"}, {"POST", "database=no_such", "SELECT 1"}, {"POST", "query=INSERT+INTO+t+(a)+FORMAT+CSV", "20\n21\n"}, {"POST", "query=INSERT+INTO+t+(a)+FORMAT+CSV", "x\n"}, {"POST", "", "INSERT INTO t (a) VALUES (22); SELECT 1"},
		{"POST", "", "SELECT 1 AS x FORMAT JSONEachRow"}, {"POST", "", "SELECT 1 AS x FORMAT JSONCompactEachRow"}, {"POST", "", "SELECT 1 AS x FORMAT PrettyCompact"}, {"POST", "", "SELECT 1 FORMAT NoSuch"}, {"POST", "default_format=CSVWithNames", "SELECT 1 AS x, 'a' AS y"}, {"POST", "readonly=1", "DROP TABLE t"}, {"POST", "readonly=2", "SELECT 1 SETTINGS max_threads = 1"},
		{"POST", "", "SELECT throwIf(1)"}, {"POST", "", "SELECT 1 INTO OUTFILE '/nowhere/x'"}, {"POST", "max_execution_time=1", "SELECT sleepEachRow(0.3) FROM numbers(10) SETTINGS max_block_size = 1 FORMAT Null"}, {"POST", "session_id=s", "SELECT 1"}, {"POST", "session_id=no&session_check=1", "SELECT 1"}, {"POST", "session_id=s&session_timeout=999999", "SELECT 1"}, {"POST", "session_id=s", "CREATE TEMPORARY TABLE kept AS SELECT 7 AS x"}, {"POST", "session_id=s", "SET max_block_size = 77"}, {"POST", "session_id=s", "SELECT x, getSetting('max_block_size') FROM kept"}, {"POST", "session_id=s&max_block_size=78", "SELECT x, getSetting('max_block_size') FROM kept"},
		{"POST", "session_id=s", "USE system"}, {"POST", "session_id=s", "SELECT currentDatabase(), x FROM kept"}, {"POST", "session_id=s&database=default", "SELECT currentDatabase()"}, {"POST", "session_id=s", "SELECT currentDatabase(), 1"}, {"POST", "session_id=s", "SELEC 1"}, {"POST", "session_id=s&readonly=2", "SELECT 2 AS x"}, {"POST", "session_id=s&close_session=1", "SELECT x FROM kept"}, {"POST", "session_id=s", "SELECT x FROM kept"}, {"GET", "", ""}, {"POST", "query=SELECT+{n:UInt8}&param_n=5", ""}, {"POST", "query=SELECT+{n:UInt8}", ""},
	} {
		compare(strings.Join(r[:], " "), func(s side) string { return s.ask(within(t), r[0], r[1], r[2]) })
	}
	for name := range differences {
		if !slices.Contains(told, name) {
			t.Errorf("%s: a difference is known of a step that there is not", name)
		}
	}
}

func TestSeveralStatementsAtOnceAreRefusedInTheSameWords(t *testing.T) {
	b := startBoth(t)
	for name, s := range map[string]side{"own handlers": b.own, "front": b.front} {
		err := s.conn.Exec(within(t), "SELECT 1\n;-- another\nSELECT 2")
		var e *clickhouse.Exception
		if !errors.As(err, &e) || e.Code != 62 || !strings.Contains(e.Message, "Syntax error (Multi-statements are not allowed): failed at position 10 (end of query) (line 2, col 1): ;-- another") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
