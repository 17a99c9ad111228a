package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/sinks/clickhouse"
)

// FuzzEndpoints asks for anything in any way, while ClickHouse is away: no panic, no other answer than those that are
// meant, and the security headers on all of them.
func FuzzEndpoints(f *testing.F) {
	store, err := clickhouse.Open(clickhouse.Config{Address: []string{"127.0.0.1:1"}, Database: "csat"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = store.Close() })
	s := &Server{Options: Options{Conn: store.Conn(), Database: "csat", Gatherer: prometheus.NewRegistry(), Tick: func() {}, Log: slog.New(slog.DiscardHandler)}}
	handler := secured(s.routes())
	for _, target := range []string{"/", "/api/overview", "/api/overview?at=x%27--&at=2", "/metrics", "/healthz", "/readyz", "/page.js", "/../../etc/passwd", "//", "/%00", "/api/overview;x", "/page/../server.go"} {
		f.Add("GET", target, "Range", "bytes=0-9999999999")
	}
	f.Add("POST", "/api/overview", "Accept-Encoding", "gzip;q=0")
	f.Add("HEAD", "/metrics", "Accept", "application/openmetrics-text; version=9")
	meant := []int{http.StatusOK, http.StatusPartialContent, http.StatusNotModified, http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusBadRequest, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable, http.StatusServiceUnavailable}
	f.Fuzz(func(t *testing.T, method, target, header, value string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://csatflow", nil)
		if err != nil {
			return // no client can send it
		}
		path, query, _ := strings.Cut(target, "?")
		r.URL.Path, r.URL.RawQuery = "/"+strings.TrimPrefix(path, "/"), query
		r.Header.Set(header, value)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if !slices.Contains(meant, w.Code) {
			t.Errorf("%s %q answers %d: %s", method, target, w.Code, w.Body)
		}
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %q lacks security headers", method, target)
		}
		if body := w.Body.String(); strings.Contains(body, "goroutine ") || strings.Contains(body, "127.0.0.1:1:") {
			t.Errorf("%s %q tells of its inside: %s", method, target, body)
		}
	})
}
