package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/chromedp/chromedp"
	"github.com/prometheus/client_golang/prometheus"

	"csatflow/deploy/trial/browsertest"
	"csatflow/sinks/web"
	"csatflow/sinks/web/api"
)

// A page of evil.example points its name at this machine once it is loaded, and asks from its visitor's browser.
func TestAPageElsewhereReadsNothingByRebindingItsName(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "csatflow_secret_total"}))
	s, err := web.Listen(web.Options{Listen: "127.0.0.1:0", Options: api.Options{Database: "csat", Zone: time.UTC, Gatherer: registry, Tick: func() {}, Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	_, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	browser := browsertest.Start(t, chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1"))
	type answer struct {
		Status int
		Body   string
	}
	read := func(host, path string) answer {
		t.Helper()
		tab := browser.Open(t, "http://"+host+":"+port+"/healthz", 800, 600) // a document of that origin
		defer tab.Close()
		return browsertest.Eval[answer](tab, fmt.Sprintf(`fetch(%q).then(async r => ({ Status: r.status, Body: await r.text() }))`, path))
	}
	for path, held := range map[string]string{"/api/v1/names": "csat_index", "/api/v1/pipeline": "csatflow_secret_total", "/metrics": "csatflow_secret_total", "/": "<main"} {
		if own := read("localhost", path); own.Status != 200 || !strings.Contains(own.Body, held) {
			t.Fatalf("the page itself does not read %s: %d %.200s", path, own.Status, own.Body)
		}
		if evil := read("evil.example", path); evil.Status != 421 || strings.Contains(evil.Body, held) {
			t.Errorf("evil.example reads %s: %d %.200s", path, evil.Status, evil.Body)
		}
	}
}

// busyConn is a ClickHouse that reports its freshness and answers no question.
type busyConn struct{ driver.Conn }

type freshRow struct{ driver.Row }

func (freshRow) Scan(into ...any) error {
	*into[0].(*uint64) = 1
	return nil
}

func (busyConn) QueryRow(context.Context, string, ...any) driver.Row { return freshRow{} }

func (busyConn) Query(ctx context.Context, _ string, _ ...any) (driver.Rows, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestThePageSaysThatTheServerIsBusyAndAsksAgain(t *testing.T) {
	s, err := web.Listen(web.Options{Listen: "127.0.0.1:0", Options: api.Options{Conn: busyConn{}, Database: "csat", Zone: time.UTC, Gatherer: prometheus.NewRegistry(), Tick: func() {}, Log: slog.New(slog.DiscardHandler), Bounds: api.Bounds{Questions: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	browser := browsertest.Start(t)
	// One question of this page runs, and eight wait: others are rejected.
	first := browser.Open(t, "http://"+s.Addr()+"/healthz", 800, 600)
	browsertest.Eval[bool](first, `for (let i = 0; i < 9; i++) setTimeout(() => fetch("/api/v1/places?search=" + i), 0); true`)
	another := browser.Open(t, "http://localhost:"+s.Addr()[strings.LastIndexByte(s.Addr(), ':')+1:]+"/?view=quality&lang=en", 1440, 900)
	another.Until("it says that the server is busy", `[...document.querySelectorAll(".panel .note[role=alert]:not([hidden])")].some(e => e.innerText === "The server is busy; asking again")`)
	another.Until("it asks again", `performance.getEntriesByType("resource").filter(e => e.responseStatus === 429).length > new Set(performance.getEntriesByType("resource").filter(e => e.responseStatus === 429).map(e => e.name)).size`)
	if boxes := browsertest.Eval[int](another, `[...document.querySelectorAll(".trouble:not([hidden])")].filter(e => e.innerText.includes("busy") || e.innerText.includes("under way")).length`); boxes > 0 {
		t.Errorf("%d panels show it as an error", boxes)
	}
}
