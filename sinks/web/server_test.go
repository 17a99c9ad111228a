package web

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/schemas/catalogue"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/web/api"
)

// serve starts a server whose ClickHouse is away.
func serve(t *testing.T, tick func()) *Server {
	t.Helper()
	return serveWith(t, func(o *Options) { o.Tick = tick })
}

func serveWith(t *testing.T, change func(*Options)) *Server {
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
	o := Options{Listen: "127.0.0.1:0", Options: api.Options{Conn: store.Conn(), Database: "csat", Zone: time.UTC, Gatherer: reg, Tick: func() {}, Log: slog.New(slog.DiscardHandler), Bounds: api.Bounds{Streams: 3}}}
	change(&o)
	s, err := Listen(o)
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
	for path, kind := range map[string]string{"/": "text/html", "/app.js": "text/javascript", "/views/now.js": "text/javascript", "/vendor/echarts.js": "text/javascript", "/vendor/echarts.LICENSE.txt": "text/plain", "/page.css": "text/css", "/icon.svg": "image/svg+xml"} {
		status, h, body := get(t, s, path)
		if status != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), kind) || len(body) < 100 {
			t.Errorf("%s answers %d, %s, %d bytes", path, status, h.Get("Content-Type"), len(body))
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s has the headers %v", path, h)
		}
		// The page must not need what the policy forbids.
		for _, forbidden := range []string{"<script>", " style=", " onclick=", "src=\"http"} {
			if path == "/" && strings.Contains(body, forbidden) {
				t.Errorf("the page has %q, which its policy forbids", forbidden)
			}
		}
	}
}

func TestWithClickHouseAwayAQuestionSaysSoInJSON(t *testing.T) {
	s := serve(t, func() {})
	status, h, body := get(t, s, "/api/v1/satisfaction")
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

func TestTheTextsOnThePageAreThoseOfTheCatalogue(t *testing.T) {
	known := map[string]bool{}
	for _, text := range catalogue.MustLoad().Texts() {
		known[text.ID] = true
	}
	literal, made := regexp.MustCompile(`\b(?:t|filled)\("([a-z_0-9]+)"[),]`), regexp.MustCompile(`\b(?:t|filled)\("([a-z]+_)" \+`)
	used := map[string]bool{}
	err := fs.WalkDir(embedded, "page", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".js") || strings.Contains(name, "vendor") {
			return err
		}
		text, err := fs.ReadFile(embedded, name)
		for _, m := range literal.FindAllSubmatch(text, -1) {
			if used[string(m[1])] = true; !known[string(m[1])] {
				t.Errorf("%s says %s, which schemas/catalogue/page.yaml has not", name, m[1])
			}
		}
		for _, m := range made.FindAllSubmatch(text, -1) {
			for id := range known {
				used[id] = used[id] || strings.HasPrefix(id, string(m[1]))
			}
		}
		// Texts that are chosen by a condition or a name.
		for id := range known {
			used[id] = used[id] || bytes.Contains(text, []byte(`"`+id+`"`)) || strings.HasPrefix(id, "col_")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(used) < 100 {
		t.Errorf("the page says %d texts", len(used))
	}
	for id := range known {
		if !used[id] {
			t.Errorf("nothing says %s", id)
		}
	}
}

func TestABrowserKeepsThePartsOfThePage(t *testing.T) {
	s := serve(t, func() {})
	_, h, body := get(t, s, "/vendor/echarts.js")
	req, err := http.NewRequest(http.MethodGet, "http://"+s.Addr()+"/vendor/echarts.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("If-None-Match", h.Get("ETag"))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotModified {
		t.Errorf("it comes again: %d", res.StatusCode)
	}
	req.Header.Del("If-None-Match")
	req.Header.Set("Accept-Encoding", "gzip")
	if res, err = http.DefaultTransport.RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	packed, err := io.ReadAll(res.Body)
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" || len(packed) > len(body)/2 {
		t.Errorf("%d bytes of %d come, as %q (%v)", len(packed), len(body), res.Header.Get("Content-Encoding"), err)
	}
}
