package local

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// ask sends a request and gives status, the exception's code and the body.
func ask(t *testing.T, c *ClickHouse, method, rawQuery, body string, header ...string) (status int, code, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+c.HTTPAddr()+"/?"+rawQuery, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answered.Body.Close() }()
	b, err := io.ReadAll(answered.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered.StatusCode, answered.Header.Get("X-ClickHouse-Exception-Code"), string(b)
}

func values(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func httpServes(t *testing.T, c *ClickHouse, conn driver.Conn) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte("{\"k\":3,\"v\":\"c\"}\n"))
	_ = z.Close()
	cases := []struct {
		name, method, query, body string
		header                    []string
		status                    int
		code, want                string
	}{
		{"curl", "GET", "query=SELECT+1", "", nil, 200, "", "1\n"},
		{"query in the body", "POST", "", "SELECT 1", nil, 200, "", "1\n"},
		{"default format", "GET", values("query", "SELECT 1 AS x", "default_format", "JSONEachRow"), "", nil, 200, "", "{\"x\":1}\n"},
		{"FORMAT clause", "GET", values("query", "SELECT 1 AS x, 'a,b' AS y FORMAT CSVWithNames"), "", nil, 200, "", "\"x\",\"y\"\n1,\"a,b\"\n"},
		{"parameter", "GET", values("query", "SELECT {n:UInt8} + 1", "param_n", "6"), "", nil, 200, "", "7\n"},
		{"setting", "GET", values("query", "SELECT getSetting('max_block_size')", "max_block_size", "1234"), "", nil, 200, "", "1234\n"},
		{"setting is gone", "GET", values("query", "SELECT getSetting('max_block_size')"), "", nil, 200, "", "65409\n"},
		{"database", "GET", values("query", "SELECT currentDatabase()", "database", "system"), "", nil, 200, "", "system\n"},
		{"database is gone", "GET", values("query", "SELECT currentDatabase()"), "", nil, 200, "", "default\n"},
		{"create", "POST", "", "CREATE TABLE web (k UInt8, v String) ENGINE = MergeTree ORDER BY k", nil, 200, "", ""},
		{"insert a body", "POST", values("query", "INSERT INTO web FORMAT JSONEachRow"), "{\"k\":1,\"v\":\"a\"}\n", nil, 200, "", ""},
		{"insert in one text", "POST", "", "INSERT INTO web FORMAT CSV\n2,\"b\"\n", nil, 200, "", ""},
		{"insert gzipped", "POST", values("query", "INSERT INTO web FORMAT JSONEachRow"), zipped.String(), []string{"Content-Encoding", "gzip"}, 200, "", ""},
		{"insert values", "POST", values("query", "INSERT INTO web VALUES"), "(4, 'd')", nil, 200, "", ""},
		{"all are there", "GET", values("query", "SELECT * FROM web ORDER BY k"), "", nil, 200, "", "1\ta\n2\tb\n3\tc\n4\td\n"},
		{"show", "GET", values("query", "EXISTS TABLE web"), "", nil, 200, "", "1\n"},
		{"common table", "GET", values("query", "WITH 2 AS x SELECT x"), "", nil, 200, "", "2\n"},
		{"gzipped answer", "GET", values("query", "SELECT 1", "enable_http_compression", "1"), "", []string{"Accept-Encoding", "identity"}, 200, "", "1\n"},
		{"GET changes nothing", "GET", values("query", "DROP TABLE web"), "", nil, 500, "164", ""},
		{"unknown table", "POST", "", "SELECT * FROM no_such", nil, 404, "60", ""},
		{"syntax", "POST", "", "SELEC 1", nil, 400, "62", ""},
		{"syntax by GET", "GET", values("query", "SELEC 1"), "", nil, 400, "62", ""},
		{"bad row", "POST", values("query", "INSERT INTO web FORMAT CSV"), "x,y\n", nil, 400, "", ""},
		{"insert after WITH", "POST", "", "WITH 5 AS x INSERT INTO web SELECT x, 'e'", nil, 200, "", ""},
		{"it is there", "GET", values("query", "SELECT v FROM web WHERE k = 5"), "", nil, 200, "", "e\n"},
		{"no file is written", "POST", "", "SELECT 1 INTO  OUTFILE '/nowhere/x'", nil, 501, "48", ""},
		{"a word is not a clause", "GET", values("query", "SELECT 'INTO OUTFILE'"), "", nil, 200, "", "INTO OUTFILE\n"},
		{"a session begins", "POST", values("session_id", "s"), "CREATE TEMPORARY TABLE temp AS SELECT 7 AS x", nil, 200, "", ""},
		{"it keeps settings", "POST", values("session_id", "s"), "SET max_block_size = 77", nil, 200, "", ""},
		{"it keeps its database", "POST", values("session_id", "s"), "USE system", nil, 200, "", ""},
		{"a setting of one request", "POST", values("session_id", "s", "max_block_size", "78"), "SELECT getSetting('max_block_size'), x, currentDatabase() FROM temp", nil, 200, "", "78\t7\tsystem\n"},
		{"the session goes on", "POST", values("session_id", "s"), "SELECT getSetting('max_block_size'), x, currentDatabase() FROM temp", nil, 200, "", "77\t7\tsystem\n"},
		{"another has none of it", "POST", values("session_id", "other", "close_session", "1"), "SELECT getSetting('max_block_size'), currentDatabase()", nil, 200, "", "65409\tdefault\n"},
		{"a session that is closed", "GET", values("query", "SELECT 1", "session_id", "other", "session_check", "1"), "", nil, 500, "372", ""},
		{"a session ends", "GET", values("query", "SELECT 1", "session_id", "s", "close_session", "1"), "", nil, 200, "", "1\n"},
		{"its table is gone", "POST", values("session_id", "s", "close_session", "1"), "SELECT * FROM temp", nil, 404, "60", ""},
		{"a session for ever", "GET", values("query", "SELECT 1", "session_id", "s", "session_timeout", "999999"), "", nil, 500, "374", ""},
		{"unknown setting", "GET", values("query", "SELECT 1", "no_such_setting", "1"), "", nil, 404, "115", ""},
		{"another origin", "POST", "", "DROP TABLE web", []string{"Origin", "http://example.com"}, 403, "", ""},
		{"image of another page", "GET", values("query", "SELECT 1"), "", []string{"Sec-Fetch-Site", "cross-site"}, 403, "", ""},
	}
	for _, x := range cases {
		status, code, answer := ask(t, c, x.method, x.query, x.body, x.header...)
		if status != x.status || x.code != "" && code != x.code || x.status == 200 && answer != x.want {
			t.Errorf("%s: status %d, code %q, answer %q; want %d, %q, %q", x.name, status, code, answer, x.status, x.code, x.want)
		}
	}
	_, _, streamed := ask(t, c, "GET", values("query", "SELECT number, toString(number) FROM numbers(300000) FORMAT TSV"), "")
	if n := strings.Count(streamed, "\n"); n != 300_000 || !strings.HasSuffix(streamed, "299999\t299999\n") {
		t.Errorf("streamed %d lines", n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.HTTPAddr()+"/?"+values("query", endless), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.DefaultClient.Do(request); !errors.Is(err, context.DeadlineExceeded) { //nolint:bodyclose // there is none
		t.Errorf("long query: %v", err)
	}
	gone(t, conn)
	r, err := http.Get("http://" + c.HTTPAddr() + "/ping")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("ping: %v %v", r, err)
	}
	_ = r.Body.Close()
}

func TestAServerWithAUserAsksForThePassword(t *testing.T) {
	c, err := StartClickHouse(t.Context(), ClickHouseOptions{
		Library: library(t), Data: t.TempDir(), NativeAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Password: "secret", Log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Stop(t.Context()) }()
	for password, want := range map[string]int{"secret": 200, "wrong": 401, "": 401} {
		if status, _, answer := ask(t, c, "GET", "query=SELECT+1", "", "X-ClickHouse-User", "default", "X-ClickHouse-Key", password); status != want {
			t.Errorf("password %q: %d %s", password, status, answer)
		}
	}
	conn, err := driver.Open(&driver.Options{Addr: []string{c.NativeAddr()}, Auth: driver.Auth{Username: "default", Password: "wrong"}})
	if err != nil {
		t.Fatal(err)
	}
	var e *driver.Exception
	if err := conn.Ping(t.Context()); !errors.As(err, &e) || e.Code != 516 {
		t.Errorf("wrong password: %v", err)
	}
	_ = conn.Close()
}
