package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/sinks/clickhouse"
	"csatflow/sinks/web/api"
)

// FuzzEndpoints sends any request while ClickHouse is away: no panic, only intended answers, and the security headers
// on all of them.
func FuzzEndpoints(f *testing.F) {
	store, err := clickhouse.Open(clickhouse.Config{Address: []string{"127.0.0.1:1"}, Database: "csat"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = store.Close() })
	o := api.Options{Conn: store.Conn(), Database: "csat", Zone: time.UTC, Gatherer: prometheus.NewRegistry(), Tick: func() {}, Log: slog.New(slog.DiscardHandler)}
	s := &Server{Options: Options{Options: o}, api: api.New(o)}
	s.api.Close() // or a stream would never end
	handler := secured(s.routes())
	for _, target := range []string{"/", "/api/v1/trend", "/api/v1/trend?range=x%27--&range=2", "/api/v1/places?kind=store&limit=7&sort=1", "/api/v1/names?lang=zh", "/api/v1/live", "/api/v1/deadletters?limit=-1", "/api/openapi.json", "/metrics", "/healthz", "/readyz", "/app.js", "/../../etc/passwd", "//", "/%00", "/api/v1/trend;x", "/page/../server.go"} {
		f.Add("GET", target, "Range", "bytes=0-9999999999")
	}
	f.Add("POST", "/api/v1/trend", "Accept-Encoding", "gzip;q=0")
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
