package web

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/sinks/clickhouse"
)

// serve starts a server whose ClickHouse is away.
func serve(t *testing.T, tick func()) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := l.Addr().String()
	_ = l.Close()
	store, err := clickhouse.Open(clickhouse.Config{Address: []string{away}, Database: "csat", Password: "hush"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "answer", Help: "Of all."}, func() float64 { return 42 }))
	s, err := Listen(Options{Listen: "127.0.0.1:0", Conn: store.Conn(), Database: "csat", Gatherer: reg, Tick: tick, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func get(t *testing.T, s *Server, path string) (status int, header http.Header, body string) {
	t.Helper()
	res, err := http.Get("http://" + s.Addr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestItIsHealthyAtOnceAndReadyWhenTold(t *testing.T) {
	s := serve(t, func() {})
	expect := func(path string, want int) {
		t.Helper()
		if status, _, body := get(t, s, path); status != want || body == "" {
			t.Errorf("%s answers %d %q, want %d", path, status, body, want)
		}
	}
	expect("/healthz", http.StatusOK)
	expect("/readyz", http.StatusServiceUnavailable)
	s.Ready(true)
	expect("/readyz", http.StatusOK)
	s.Ready(false)
	expect("/readyz", http.StatusServiceUnavailable)
	expect("/healthz", http.StatusOK)
	expect("/elsewhere", http.StatusNotFound)
}

func TestMetricsAreBroughtUpToDateBeforeEachScrape(t *testing.T) {
	ticks := 0
	s := serve(t, func() { ticks++ })
	for n := 1; n <= 2; n++ {
		if status, _, body := get(t, s, "/metrics"); status != http.StatusOK || !strings.Contains(body, "\nanswer 42\n") || ticks != n {
			t.Errorf("after %d ticks it answers %d:\n%s", ticks, status, body)
		}
	}
}

func TestThePageComesWithItsPartsAndNothingFromElsewhereMayRun(t *testing.T) {
	s := serve(t, func() {})
	for path, kind := range map[string]string{"/": "text/html", "/page.js": "text/javascript", "/page.css": "text/css"} {
		status, h, body := get(t, s, path)
		if status != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), kind) || len(body) < 100 {
			t.Errorf("%s answers %d, %s, %d bytes", path, status, h.Get("Content-Type"), len(body))
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s has the headers %v", path, h)
		}
		// What the policy forbids the page must not need.
		for _, forbidden := range []string{"<script>", " style=", " onclick=", "src=\"http"} {
			if path == "/" && strings.Contains(body, forbidden) {
				t.Errorf("the page has %q, which its policy forbids", forbidden)
			}
		}
	}
}

func TestWithClickHouseAwayTheOverviewSaysSoInJSON(t *testing.T) {
	s := serve(t, func() {})
	status, h, body := get(t, s, "/api/overview")
	var answer map[string]string
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusServiceUnavailable || h.Get("Content-Type") != "application/json" || !strings.Contains(answer["error"], "ClickHouse") {
		t.Errorf("it answers %d, %s (%v): %s", status, h.Get("Content-Type"), err, body)
	}
	if strings.Contains(body, "hush") || h.Get("Cache-Control") != "no-store" {
		t.Errorf("it answers %v %s", h, body)
	}
}

func TestAnAddressThatIsTakenIsToldWithItsKey(t *testing.T) {
	s := serve(t, func() {})
	if _, err := Listen(Options{Listen: s.Addr()}); err == nil || !strings.Contains(err.Error(), s.Addr()+" (listen)") {
		t.Errorf("got %v", err)
	}
}

func TestTheNamesOnThePageAreThoseOfTheCatalogue(t *testing.T) {
	s := serve(t, func() {})
	_, _, script := get(t, s, "/page.js")
	used := regexp.MustCompile(`\bm\.([a-z][a-z_0-9]+)`).FindAllStringSubmatch(script, -1)
	if len(used) < 10 {
		t.Errorf("the page names %d measures", len(used))
	}
	for lang, want := range map[string][2]string{"en": {"Satisfaction index", "High"}, "zh": {"满意度指数", "高"}} {
		status, _, body := get(t, s, "/api/names?lang="+lang)
		var got names
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
			t.Fatalf("%d, %v: %s", status, err, body)
		}
		if got.Measures["csat_index"] != want[0] || got.Scales["churn_band"]["high"] != want[1] || got.Columns["customer_id"] == "" {
			t.Errorf("%s: %q, %q, %q", lang, got.Measures["csat_index"], got.Scales["churn_band"]["high"], got.Columns["customer_id"])
		}
		for _, u := range used {
			if got.Measures[u[1]] == "" {
				t.Errorf("the page names %s, the catalogue does not", u[1])
			}
		}
	}
	if status, _, body := get(t, s, "/api/names?lang=fr"); status != http.StatusBadRequest || !strings.Contains(body, "en, zh") {
		t.Errorf("%d: %s", status, body)
	}
}
