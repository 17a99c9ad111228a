package prometheus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/deliver"
)

// routed starts Alertmanager with two receivers: one for a single store, one for everything else that needs action; info goes nowhere.
func routed(t *testing.T) (manager string, rest, own *inbox) {
	t.Helper()
	rest, own = &inbox{}, &inbox{}
	hooks := http.NewServeMux()
	hooks.Handle("/rest", rest)
	hooks.Handle("/own", own)
	server := httptest.NewServer(hooks)
	t.Cleanup(server.Close)
	dir, manager := t.TempDir(), address(t)
	write(t, filepath.Join(dir, "alertmanager.yml"), fmt.Sprintf(`
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  routes:
    - {matchers: ['store = "store-9"'], receiver: own}
    - {matchers: ['severity =~ "page|warning"'], receiver: rest}
receivers:
  - name: nobody
  - {name: rest, webhook_configs: [{url: '%[1]s/rest', send_resolved: true}]}
  - {name: own, webhook_configs: [{url: '%[1]s/own', send_resolved: true}]}
`, server.URL))
	start(t, program(t, "prometheus-alertmanager", "alertmanager"), "--config.file", filepath.Join(dir, "alertmanager.yml"), "--storage.path", filepath.Join(dir, "alerts"), "--web.listen-address", manager, "--cluster.listen-address=")
	answers(t, "http://"+manager+"/-/ready")
	return manager, rest, own
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// together reports whether one message had alerts of all these stores.
func (in *inbox) together(status string, stores ...string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range in.list {
		found := map[string]bool{}
		for _, a := range m.Alerts {
			if a.Status == status {
				found[a.Labels["store"]] = true
			}
		}
		all := true
		for _, s := range stores {
			all = all && found[s]
		}
		if all {
			return true
		}
	}
	return false
}

func fallOf(store string) alert.Alert {
	began := time.Now().UTC().Add(-time.Hour)
	return alert.Alert{Rule: ruleset.SatisfactionDrop, Kind: "store", ID: store, Severity: alert.Page, Start: began, Fired: began.Add(20 * time.Minute), Seen: began.Add(20 * time.Minute),
		Measure: "mean_grade", Figures: alert.Figures{Value: 3.9, Expected: 5.3, Low: 1, High: 1.8, Cases: 40},
		Evidence: []alert.Evidence{{Dimension: "employee", ID: "e-7", Value: 2.5, Before: 5.2, Share: .6, Cases: 20, Z: 6}, {Dimension: "rater", ID: "empathy", Value: 3, Before: 5, Cases: 9, Z: 4}}}
}

func TestAlertmanagerRoutesGroupsSilencesAndResolvesWhatItIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for Alertmanager")
	}
	manager, rest, own := routed(t)
	outcomes := map[string]int{}
	to, err := deliver.NewAlertmanager(deliver.AlertmanagerConfig{URLs: []string{"http://127.0.0.1:1", "http://" + manager}, Resend: time.Second, Links: deliver.Links{PageURL: "http://page/"}},
		slog.New(slog.DiscardHandler), func(_, outcome string) { outcomes[outcome]++ })
	if err != nil {
		t.Fatal(err)
	}
	silence, err := json.Marshal(map[string]any{"matchers": []map[string]any{{"name": "store", "value": "store-3", "isRegex": false, "isEqual": true}},
		"startsAt": time.Now().UTC(), "endsAt": time.Now().UTC().Add(time.Hour), "createdBy": "test", "comment": "known"})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post("http://"+manager+"/api/v2/silences", "application/json", bytes.NewReader(silence))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", res, err)
	}
	_ = res.Body.Close()
	a, b, silenced, other, info := fallOf("store-1"), fallOf("store-2"), fallOf("store-3"), fallOf("store-9"), fallOf("store-4")
	info.Severity = alert.Info
	all := []alert.Alert{a, b, silenced, other, info}
	send := func(list ...alert.Alert) {
		t.Helper()
		if err := to.Send(t.Context(), time.Now(), list); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "two alerts of a group in one message", func() bool { send(all...); return rest.together("firing", "store-1", "store-2") })
	eventually(t, "the store with a receiver of its own", func() bool { send(all...); _, found := own.has("firing", "SatisfactionDrop", "store-9"); return found })
	said, _ := rest.has("firing", "SatisfactionDrop", "store-1")
	for name, want := range map[string]string{"summary": "store store-1 has fallen since " + a.Start.Format("2006-01-02 15:04"), "description": "employee e-7 60 %", "runbook": "deploy/runbooks/SatisfactionDrop.md"} {
		if !bytes.Contains([]byte(said[name]), []byte(want)) {
			t.Errorf("%s is %q, want %q in it", name, said[name], want)
		}
	}
	over := a
	over.Resolved = time.Now().UTC().Add(-30 * time.Minute) // by event time
	eventually(t, "what is over is told so", func() bool {
		send(over, b, silenced, other, info)
		_, found := rest.has("resolved", "SatisfactionDrop", "store-1")
		return found
	})
	if _, found := rest.has("resolved", "SatisfactionDrop", "store-2"); found {
		t.Error("store-2 is told resolved while it fires")
	}
	// Without further messages, a firing alert ends by itself.
	eventually(t, "what is not told any more ends", func() bool { _, found := rest.has("resolved", "SatisfactionDrop", "store-2"); return found })
	for _, store := range []string{"store-3", "store-4", "store-9"} {
		if _, found := rest.has("firing", "SatisfactionDrop", store); found {
			t.Errorf("%s came to a receiver that it is not for", store)
		}
	}
	if _, found := own.has("firing", "SatisfactionDrop", "store-1"); found {
		t.Error("store-1 came to the receiver of store-9")
	}
	down, err := deliver.NewAlertmanager(deliver.AlertmanagerConfig{URLs: []string{"http://someone:hush@127.0.0.1:1"}, Resend: time.Second}, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := down.Send(t.Context(), time.Now(), all); err == nil || bytes.Contains([]byte(err.Error()), []byte("hush")) {
		t.Errorf("no member answers: %v", err)
	}
}
