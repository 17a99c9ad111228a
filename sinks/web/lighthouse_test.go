package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csatflow/deploy/trial/browsertest"
	"csatflow/deploy/trial/nodetest"
	"csatflow/deploy/trial/webtest"
)

// judgement is what Lighthouse says of a page.
type judgement struct {
	Categories map[string]struct{ Score float64 }
	Audits     map[string]struct {
		Title        string
		Score        *float64
		DisplayValue string
		Weight       float64
	}
}

// lighthouse judges a page on a phone or a desktop, with throttling that is computed and not made, and returns the median of three by performance.
func lighthouse(t *testing.T, url string, more ...string) judgement {
	t.Helper()
	tool := nodetest.Tool(t, "lighthouse")
	t.Setenv("CHROME_PATH", browsertest.Path(t))
	var list []judgement
	for i := range 3 {
		file := filepath.Join(t.TempDir(), fmt.Sprintf("%d.json", i))
		args := append([]string{url, "--quiet", "--output=json", "--output-path=" + file, "--throttling-method=simulate", "--no-enable-error-reporting", "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"}, more...)
		if _, err := nodetest.Run(t, tool, args...); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var j judgement
		if err := json.Unmarshal(text, &j); err != nil {
			t.Fatal(err)
		}
		list = append(list, j)
	}
	slices.SortFunc(list, func(a, b judgement) int {
		return int(1000*a.Categories["performance"].Score) - int(1000*b.Categories["performance"].Score)
	})
	return list[1]
}

// TestLighthouse judges the page with a company's data. It takes minutes, and a score needs a machine that does little else: CSATFLOW_TEST_LIGHTHOUSE=1.
func TestLighthouse(t *testing.T) {
	if os.Getenv("CSATFLOW_TEST_LIGHTHOUSE") == "" {
		t.Skip("scores need a quiet machine: make lighthouse")
	}
	w := webtest.New(t)
	server := listen(t, w, "127.0.0.1:0")
	t.Cleanup(func() { _ = server.Close() })
	server.Warm(t.Context())
	for _, device := range []struct {
		name  string
		flags []string
		least map[string]float64
	}{
		{"phone", nil, map[string]float64{"performance": 0.90, "accessibility": 0.95, "best-practices": 1, "seo": 0.9}},
		{"desktop", []string{"--preset=desktop"}, map[string]float64{"performance": 0.99, "accessibility": 0.95, "best-practices": 1, "seo": 0.9}},
	} {
		j := lighthouse(t, "http://"+server.Addr()+"/", device.flags...)
		var scores []string
		for _, category := range []string{"performance", "accessibility", "best-practices", "seo"} {
			scores = append(scores, fmt.Sprintf("%s %.0f", category, 100*j.Categories[category].Score))
			if j.Categories[category].Score < device.least[category] {
				t.Errorf("on a %s %s is %.2f, want %.2f", device.name, category, j.Categories[category].Score, device.least[category])
			}
		}
		for _, audit := range []string{"first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index", "total-byte-weight"} {
			scores = append(scores, audit+" "+strings.ReplaceAll(j.Audits[audit].DisplayValue, "\u00a0", " "))
		}
		t.Logf("%s: %s", device.name, strings.Join(scores, ", "))
		for id, a := range j.Audits {
			if a.Score != nil && *a.Score < 0.9 {
				t.Logf("%s: %s %.2f: %s %s", device.name, id, *a.Score, a.Title, a.DisplayValue)
			}
		}
	}
}
