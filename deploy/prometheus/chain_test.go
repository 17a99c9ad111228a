package prometheus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"csatflow/deploy/local"
)

// faster rewrites the rules so that a minute lasts a second: a test must not take a day.
func faster(rules string) string {
	return regexp.MustCompile(`\b([0-9]+)(m|h|d)\b`).ReplaceAllStringFunc(rules, func(s string) string {
		n, _ := strconv.Atoi(s[:len(s)-1]) // the pattern lets only digits pass
		return strconv.Itoa(n*map[byte]int{'m': 1, 'h': 60, 'd': 1440}[s[len(s)-1]]) + "s"
	})
}

func TestFasterRulesKeepTheirProportions(t *testing.T) {
	if got, want := faster("increase(x[15m]) offset 1d for: 2m rate[15m:1m] 1h store15m"), "increase(x[15s]) offset 1440s for: 2s rate[15s:1s] 60s store15m"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// program finds a program of Debian's packages, which CI must have.
func program(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	want := names[0] + " is not on the PATH: apt-get install prometheus prometheus-alertmanager"
	if os.Getenv("CI") != "" || os.Getenv("CSATFLOW_REQUIRE_PROMTOOL") != "" {
		t.Fatal(want)
	}
	t.Skip(want)
	return ""
}

// built builds csatflow from these sources.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "csatflow")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "csatflow/cmd/csatflow").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return path
}

func address(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start runs a program until the test ends, and shows its output if the test has failed.
func start(t *testing.T, path string, args ...string) {
	t.Helper()
	said := &bytes.Buffer{}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended, as its output shows
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			text := said.String()
			t.Logf("%s:\n%s", filepath.Base(path), text[max(0, len(text)-4000):])
		}
	})
}

func answers(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		res, err := http.Get(url)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer: %v", url, err)
		}
	}
}

// message is what Alertmanager sends to a webhook.
type message struct {
	Status string
	Alerts []struct {
		Status              string
		Labels, Annotations map[string]string
	}
}

// inbox collects the messages of a webhook.
type inbox struct {
	mu   sync.Mutex
	list []message
}

func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.list = append(in.list, m)
}

// has reports whether an alert of a status arrived, and returns its annotations.
func (in *inbox) has(status, name, store string) (annotations map[string]string, found bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range in.list {
		for _, a := range m.Alerts {
			if a.Status == status && a.Labels["alertname"] == name && (store == "" || a.Labels["store"] == store) {
				return a.Annotations, true
			}
		}
	}
	return nil, false
}

// TestAnIncidentReachesTheWebhook runs the whole chain, with a minute in a second: events in Kafka, a real csatflow run,
// Debian's Prometheus with our rules and configuration, Debian's Alertmanager with ours and a webhook.
func TestAnIncidentReachesTheWebhook(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	server, manager := program(t, "prometheus"), program(t, "prometheus-alertmanager", "alertmanager")
	in := &inbox{}
	hook := httptest.NewServer(in)
	t.Cleanup(hook.Close)
	dir, page, alertmanager := t.TempDir(), address(t), address(t)
	program, clickhouse := service(t, dir, page, "alerts: {enabled: false}\n")
	prometheusAt := monitoring(t, dir, page, alertmanager, hook.URL, server, manager)

	send := func(ctx context.Context, second int, bad bool) {
		var lines bytes.Buffer
		for store := range 3 {
			for i := range 6 {
				grade := 6
				if i == 0 && second%2 == 0 || bad && store == 1 && i < 5 {
					grade = 2
				}
				fmt.Fprintf(&lines, `{"event_id":"%d-%d-%d","occurred_at":"%s","customer_id":"c-%d-%d","grade":%d,"store_id":"store-%d"}`+"\n",
					second, store, i, time.Now().UTC().Format(time.RFC3339Nano), store, (second*6+i)%500, grade, store)
			}
		}
		cmd := exec.CommandContext(ctx, program, "send", "--config", filepath.Join(dir, "csatflow.yaml"), "--topic", "responses", "-")
		cmd.Stdin = &lines
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
	}
	seconds := 0
	until := func(most int, bad bool, done func() bool) bool {
		for range most {
			began := time.Now()
			send(t.Context(), seconds, bad)
			if seconds++; done() {
				return true
			}
			time.Sleep(time.Until(began.Add(time.Second)))
		}
		return false
	}
	until(45, false, func() bool { return false })
	if _, found := in.has("firing", "SatisfactionDrop", ""); found {
		t.Error("an alert before anything happened")
	}
	if !until(60, true, func() bool { _, found := in.has("firing", "SatisfactionDrop", "store-1"); return found }) {
		t.Fatalf("the incident did not reach the webhook in a minute: %s", ask(t, prometheusAt, "store:csatflow_dissatisfied:share15m"))
	}
	annotations, _ := in.has("firing", "SatisfactionDrop", "store-1")
	if !strings.Contains(annotations["summary"], "store-1") || annotations["runbook"] != "deploy/runbooks/SatisfactionDrop.md" {
		t.Errorf("%v", annotations)
	}
	if !until(90, false, func() bool { _, found := in.has("resolved", "SatisfactionDrop", "store-1"); return found }) {
		t.Errorf("it was over, and the webhook was not told: %s", ask(t, prometheusAt, "ALERTS"))
	}
	for file, query := range queries(t) {
		res, err := http.Post("http://"+clickhouse+"/?database=csat", "text/plain", strings.NewReader(strings.ReplaceAll(query, "STORE", "store-1")))
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		_, err = said.ReadFrom(res.Body)
		if _ = res.Body.Close(); err != nil || res.StatusCode != http.StatusOK || strings.Contains(query, "FROM satisfaction") && said.Len() == 0 {
			t.Errorf("%s: %d, %v: %s", file, res.StatusCode, err, said.String())
		}
	}
	for _, store := range []string{"store-0", "store-2"} {
		if a, found := in.has("firing", "SatisfactionDrop", store); found {
			t.Errorf("%s: %v", store, a)
		}
	}
}

// queries returns the queries of the runbooks.
func queries(t *testing.T) map[string]string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range list {
		for _, m := range regexp.MustCompile(`(?m)^ +(SELECT .*(?:\n +.*)*)`).FindAllString(read(t, file), -1) {
			found[fmt.Sprintf("%s, query %d", file, len(found)+1)] = m
		}
	}
	if len(found) < 15 {
		t.Errorf("the runbooks have %d queries", len(found))
	}
	return found
}

// service starts the embedded servers and csatflow run, with more lines of configuration. It returns the program and ClickHouse's HTTP address with user and
// password.
func service(t *testing.T, dir, page, more string) (program, clickhouse string) {
	t.Helper()
	return serviceThrough(t, dir, page, more, func(clickhouse string) string { return clickhouse })
}

// serviceThrough is service, but csatflow reaches ClickHouse at the address that through returns for the real one.
func serviceThrough(t *testing.T, dir, page, more string, through func(clickhouse string) string) (program, clickhouse string) {
	t.Helper()
	program = built(t)
	kafka, native, clickhouse := address(t), address(t), address(t)
	write(t, filepath.Join(dir, "csatflow.yaml"), fmt.Sprintf("kafka: {brokers: [%q], partitions: 4}\nclickhouse: {address: [%q], password_file: %q}\nlisten: %q\nlog: {level: warn}\n%s", kafka, through(native), filepath.Join(dir, "data", "clickhouse-password"), page, more))
	password, _, err := local.Password(filepath.Join(dir, "data")) // made by csatflow local
	if err != nil {
		t.Fatal(err)
	}
	start(t, program, "local", "--data", filepath.Join(dir, "data"), "--kafka", kafka, "--clickhouse", native, "--http", clickhouse, "--partitions", "4")
	clickhouse = local.User + ":" + password + "@" + clickhouse
	answers(t, "http://"+clickhouse+"/?query=SELECT+1")
	if said, err := exec.CommandContext(t.Context(), program, "migrate", "--config", filepath.Join(dir, "csatflow.yaml"), "--topics").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	start(t, program, "run", "--config", filepath.Join(dir, "csatflow.yaml"))
	answers(t, "http://"+page+"/readyz")
	return program, clickhouse
}

// monitoring starts Prometheus and Alertmanager with the project's configuration, except addresses and times.
func monitoring(t *testing.T, dir, page, alertmanager, hook, server, manager string) (prometheus string) {
	t.Helper()
	prometheus = address(t)
	text := read(t, rulesFile)
	write(t, filepath.Join(dir, "rules", "csatflow.rules.yml"), strings.ReplaceAll(faster(text), "csatflow_lag_seconds) > 60", "csatflow_lag_seconds) > 5"))
	config := strings.NewReplacer("csatflow:8080", page, "alertmanager:9093", alertmanager, "127.0.0.1:9090", prometheus, "15s", "1s").Replace(read(t, "prometheus.yml"))
	write(t, filepath.Join(dir, "prometheus.yml"), config)
	alertmanagerOf(t, dir, alertmanager, hook, manager)
	start(t, server, "--config.file", filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path", filepath.Join(dir, "series"), "--web.listen-address", prometheus)
	answers(t, "http://"+prometheus+"/-/ready")
	return prometheus
}

// alertmanagerOf starts Alertmanager with the project's configuration, a webhook and no waiting.
func alertmanagerOf(t *testing.T, dir, alertmanager, hook, manager string) {
	t.Helper()
	routes := strings.NewReplacer("group_wait: 30s", "group_wait: 1s", "group_interval: 5m", "group_interval: 1s",
		"  - name: page", "  - name: page\n    webhook_configs: [{url: '"+hook+"', send_resolved: true}]").Replace(read(t, "../compose/alertmanager.yml"))
	write(t, filepath.Join(dir, "alertmanager.yml"), routes)
	start(t, manager, "--config.file", filepath.Join(dir, "alertmanager.yml"), "--storage.path", filepath.Join(dir, "alerts"), "--web.listen-address", alertmanager, "--cluster.listen-address=")
	answers(t, "http://"+alertmanager+"/-/ready")
}

// ask returns Prometheus's answer to an expression, for messages.
func ask(t *testing.T, prometheus, expr string) string {
	t.Helper()
	res, err := http.Get("http://" + prometheus + "/api/v1/query?query=" + expr)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body) // of what there is
	return b.String()
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
