package clickhouse_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"csatflow/deploy/trial/localtest"
	"csatflow/pipeline"
	"csatflow/sinks/clickhouse"
)

// relay passes connections on to a server, and counts them.
type relay struct {
	addr    string
	clients atomic.Int64
	last    atomic.Pointer[net.Conn]
}

func startRelay(t *testing.T, to string, secure *tls.Config) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	t.Cleanup(func() { _ = l.Close() }) // ends its Accept
	r := &relay{addr: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.clients.Add(1)
			r.last.Store(&c)
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = c.Close() // the client sees that
				continue
			}
			go func() { _, _ = io.Copy(server, c); _ = server.Close() }()
			go func() { _, _ = io.Copy(c, server); _ = c.Close() }()
		}
	}()
	return r
}

func TestARestoreReadsOverOneConnectionToOneAddress(t *testing.T) {
	real := localtest.ClickHouse(t)
	first, second := startRelay(t, real, nil), startRelay(t, real, nil)
	s, err := clickhouse.Open(clickhouse.Config{Address: []string{first.addr, second.addr}, Database: "csat_reader"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	migrated(t, s, "csat_reader")
	before := [2]int64{first.clients.Load(), second.clients.Load()}
	from, done, err := s.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	read := func() error {
		if err := from.Positions(t.Context(), func(pipeline.PositionRow) error { return nil }); err != nil {
			return err
		}
		_, err := from.Panes(t.Context(), 0, pipeline.Responses, 10, func(pipeline.PaneRow) error { return nil })
		return err
	}
	for range 60 { // one after the other, as fast as the driver lets them
		if err := read(); err != nil {
			t.Fatal(err)
		}
	}
	if n := [2]int64{first.clients.Load() - before[0], second.clients.Load() - before[1]}; n != [2]int64{1, 0} {
		t.Errorf("%v connections", n)
	}
	// Behind one address there may be several replicas: a connection that broke is not made again.
	if err := (*first.last.Load()).Close(); err != nil {
		t.Fatal(err)
	}
	failed := read()
	for range 2 {
		if failed == nil || !strings.Contains(failed.Error(), "broke") {
			failed = read()
		}
	}
	if failed == nil || !strings.Contains(failed.Error(), "broke") {
		t.Errorf("after its connection broke it reads on: %v", failed)
	}
	// A server that is away is skipped.
	away, err := clickhouse.Open(clickhouse.Config{Address: []string{"127.0.0.1:1", second.addr}, Database: "csat_reader"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = away.Close() })
	other, finish, err := away.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer finish()
	if err := other.Positions(t.Context(), func(pipeline.PositionRow) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestARestoreReadsOverTLS(t *testing.T) {
	web := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate, of 127.0.0.1
	defer web.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startRelay(t, localtest.ClickHouse(t), &tls.Config{Certificates: web.TLS.Certificates})
	for _, c := range []clickhouse.Config{{CAFile: authority}, {}} {
		c.Address, c.Database, c.TLS = []string{r.addr, r.addr}, "system", true
		s, err := clickhouse.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		from, done, err := s.Synced(t.Context())
		if c.CAFile == "" {
			if err == nil || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("a certificate of nobody's: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if _, err := from.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		}
		done()
		_ = s.Close()
	}
	if n := r.clients.Load(); n > 4 {
		t.Errorf("%d connections", n)
	}
}
