package prometheus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"csatflow/deploy/simulate"
	"csatflow/sinks/alert/deliver"
)

// signedInbox collects the signed messages of csatflow's own webhook.
type signedInbox struct {
	mu     sync.Mutex
	list   []deliver.Message
	broken []error
}

const hookSecret = "a secret of the test alone"

func (in *signedInbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = deliver.Verify(hookSecret, r.Header, body, time.Now())
	}
	var m deliver.Message
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if err != nil {
		in.broken = append(in.broken, err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in.list = append(in.list, m)
}

// times counts messages of a state about a store's fall.
func (in *signedInbox) times(state, store string) (n int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range in.list {
		if m.State == state && m.Alert.Rule == "satisfaction_drop" && m.Alert.Kind == "store" && (store == "" || m.Alert.ID == store) {
			n++
		}
	}
	return n
}

// split splits a file in two by event time: lines before a time, and the others.
func split(t *testing.T, file string, at time.Time) (before, after string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var parts [2]bytes.Buffer
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e struct {
			OccurredAt time.Time `json:"occurred_at"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		part := &parts[0]
		if !e.OccurredAt.Before(at) {
			part = &parts[1]
		}
		part.Write(append(lines.Bytes(), '\n'))
	}
	dir := t.TempDir()
	name := filepath.Base(file)
	before, after = filepath.Join(dir, name), filepath.Join(dir, "later", name)
	write(t, before, parts[0].String())
	write(t, after, parts[1].String())
	return before, after
}

// TestASimulatedIncidentReachesTheWebhooks runs the whole chain of csatflow's own alerts: the simulator's day in Kafka, a real csatflow
// run, Debian's Alertmanager with the project's configuration and a webhook behind it; and the signed webhook beside it.
func TestASimulatedIncidentReachesTheWebhooks(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	manager := program(t, "prometheus-alertmanager", "alertmanager")
	in, signed := &inbox{}, &signedInbox{}
	hook, signedHook := httptest.NewServer(in), httptest.NewServer(signed)
	t.Cleanup(hook.Close)
	t.Cleanup(signedHook.Close)
	dir, page, alertmanager := t.TempDir(), address(t), address(t)
	alertmanagerOf(t, dir, alertmanager, hook.URL, manager)
	csatflow, clickhouse := service(t, dir, page, fmt.Sprintf("alerts: {page_url: 'http://the.page', alertmanager: {urls: ['http://%s'], resend: 1s}, webhook: {url: '%s', secret: %q}}\n", alertmanager, signedHook.URL, hookSecret))
	feed := filepath.Join(dir, "feed")
	c := simulate.Default()
	c.Events = 12_000
	c.Start = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2)
	truth, err := simulate.WriteFiles(feed, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := truth.Incident
	responses, rest := split(t, filepath.Join(feed, "responses.jsonl"), i.From)
	during, after := split(t, rest, i.From.Add(time.Hour))
	ended, _ := split(t, after, i.To.Add(3*time.Hour))
	send := func(file string) {
		t.Helper()
		if said, err := exec.CommandContext(t.Context(), csatflow, "send", "--config", filepath.Join(dir, "csatflow.yaml"), "--topic", "responses", file).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	evaluated := func(until time.Time) func() bool {
		return func() bool {
			return scraped(t, page, "csatflow_alerts_known_timestamp_seconds") >= float64(until.Unix())
		}
	}
	send(responses)
	eventually(t, "the time before the incident is looked at", evaluated(i.From.Add(-10*time.Minute)))
	if n := signed.times("firing", ""); n > 0 {
		t.Errorf("%d alerts before anything happened: %+v", n, signed.list)
	}
	send(during)
	eventually(t, "the incident is at the signed webhook", func() bool { return signed.times("firing", i.StoreID) == 1 })
	eventually(t, "the incident is at the webhook behind Alertmanager", func() bool { _, found := in.has("firing", "SatisfactionDrop", i.StoreID); return found })
	send(ended)
	eventually(t, "the webhook hears that it is over", func() bool { return signed.times("resolved", i.StoreID) == 1 })
	eventually(t, "the webhook behind Alertmanager hears that it is over", func() bool { _, found := in.has("resolved", "SatisfactionDrop", i.StoreID); return found })
	if n := signed.times("firing", ""); n != 1 {
		t.Errorf("%d falls of stores are told, there was one: %+v", n, signed.list)
	}
	if len(signed.broken) > 0 {
		t.Errorf("%v", signed.broken)
	}
	res, err := http.Post("http://"+clickhouse+"/?database=csat", "text/plain", bytes.NewReader([]byte("SELECT scope_id, state FROM alerts WHERE rule = 'satisfaction_drop' AND scope_kind = 'store'")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if said, err := io.ReadAll(res.Body); err != nil || string(said) != i.StoreID+"\tresolved\n" {
		t.Errorf("the table has %q, %v", said, err)
	}
}

// scraped reads a metric without labels from the page.
func scraped(t *testing.T, page, name string) (v float64) {
	t.Helper()
	res, err := http.Get("http://" + page + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), name+" %g", &v); err == nil {
			return v
		}
	}
	return 0
}
