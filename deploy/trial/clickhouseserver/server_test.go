package clickhouseserver

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
)

func TestMain(m *testing.M) {
	RunChild()
	local.RunChild()
	os.Exit(m.Run())
}

func library(t *testing.T) string {
	t.Helper()
	path, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func started(t *testing.T, o Options) *Server {
	t.Helper()
	o.Library, o.Dir = library(t), t.TempDir()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reset ends a client's connection by RST.
func reset(t *testing.T, addr string) {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{addr}, MaxOpenConns: 1, DialContext: func(ctx context.Context, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			err = c.(*net.TCPConn).SetLinger(0)
		}
		return c, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, addr, query string) (n uint64) {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // only read
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestAServerWhoseProcessEndsIsStartedAgainOnTheSamePortAndData(t *testing.T) {
	s := started(t, Options{ResetsKill: true})
	execute(t, s.Addr, "CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a", "INSERT INTO kept VALUES (1)")
	reset(t, s.Addr)
	for deadline := time.Now().Add(10 * time.Second); s.Starts() == 1; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a reset did not end the library as it is: the patch is of no more use")
		}
	}
	if err := s.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := ask(t, s.Addr, "SELECT count() FROM kept"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestAClientThatResetsItsConnectionDoesNoHarm(t *testing.T) {
	if err := Replicates(library(t)); err != nil {
		t.Skip(err)
	}
	s := started(t, Options{})
	for range 5 {
		reset(t, s.Addr)
	}
	if n := ask(t, s.Addr, "SELECT toUInt64(1)"); n != 1 || s.Starts() != 1 {
		t.Errorf("%d; started %d times", n, s.Starts())
	}
}

func execute(t *testing.T, addr string, statements ...string) {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // all is done
	for _, q := range statements {
		if err := conn.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}
