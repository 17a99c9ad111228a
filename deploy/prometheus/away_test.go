package prometheus

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// proxied puts a network that can fail in front of a server.
func proxied(t *testing.T, upstream string) *toxiproxy.Proxy {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled)
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()), "clickhouse", address(t), upstream)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// TestTheRulesFireWhileClickHouseIsAwayAndEndAfterIt: a minute lasts a second, except the 60 s of PartitionStalled, which
// last five.
func TestTheRulesFireWhileClickHouseIsAwayAndEndAfterIt(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes two minutes")
	}
	server, manager := program(t, "prometheus"), program(t, "prometheus-alertmanager", "alertmanager")
	in := &inbox{}
	hook := httptest.NewServer(in)
	t.Cleanup(hook.Close)
	dir, page, alertmanager := t.TempDir(), address(t), address(t)
	var network *toxiproxy.Proxy
	csatflow, _ := serviceThrough(t, dir, page, "alerts: {enabled: false}\n", func(clickhouse string) string {
		network = proxied(t, clickhouse)
		return network.Listen
	})
	prometheusAt := monitoring(t, dir, page, alertmanager, hook.URL, server, manager)
	second := 0
	feed := func() {
		var lines bytes.Buffer
		for i := range 200 {
			fmt.Fprintf(&lines, `{"event_id":"%d-%d","occurred_at":"%s","customer_id":"c-%d","grade":6,"store_id":"s"}`+"\n", second, i, time.Now().UTC().Format(time.RFC3339Nano), i)
		}
		second++
		cmd := exec.CommandContext(t.Context(), csatflow, "send", "--config", filepath.Join(dir, "csatflow.yaml"), "--topic", "responses", "-")
		cmd.Stdin = &lines
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
	}
	status := func(path string) (int, string) {
		res, err := http.Get("http://" + page + path)
		if err != nil {
			return 0, err.Error()
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body) // as much as there is
		return res.StatusCode, string(b)
	}
	rules := []string{"FlushFailures", "PartitionStalled", "NoProgress", "FallingBehind"}
	// all reports whether each rule was reported with this state, while events go on.
	all := func(state string, most time.Duration, more func() bool) bool {
		for began := time.Now(); time.Since(began) < most; {
			tick := time.Now()
			feed()
			done := more()
			for _, rule := range rules {
				_, found := in.has(state, rule, "")
				done = done && found
			}
			if done {
				return true
			}
			time.Sleep(time.Until(tick.Add(time.Second)))
		}
		return false
	}
	for range 5 {
		feed()
		time.Sleep(time.Second)
	}
	for _, rule := range rules {
		if a, found := in.has("firing", rule, ""); found {
			t.Errorf("%s before anything happened: %v", rule, a)
		}
	}
	network.Stop()
	notReady := func() bool {
		code, why := status("/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(why, "no rows have been written")
	}
	if !all("firing", 2*time.Minute, notReady) {
		code, why := status("/readyz")
		t.Fatalf("ClickHouse is away; /readyz: %d %s; rules: %s", code, why, ask(t, prometheusAt, "ALERTS"))
	}
	if code, _ := status("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d", code)
	}
	if err := network.Start(); err != nil {
		t.Fatal(err)
	}
	ready := func() bool { code, _ := status("/readyz"); return code == http.StatusOK }
	if !all("resolved", 2*time.Minute, ready) {
		code, why := status("/readyz")
		t.Fatalf("ClickHouse is back; /readyz: %d %s; rules: %s", code, why, ask(t, prometheusAt, "ALERTS"))
	}
}
