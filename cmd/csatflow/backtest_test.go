package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/sinks/alert"
)

func TestBacktestFindsTheSimulatorsIncidentsInStoredHistory(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file)
	ends(t, exitNo, []string{"backtest", "--config", p.file}, "no responses and purchases are stored yet")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "250000", "--seed", "5", "--stores", "5", "--employees", "60", "--duration", "240h", "--start", "2026-05-01T00:00:00Z", "--falls", "12")
	must(t, append([]string{"send", "--config", p.file}, feedFiles(t, dir)...)...)
	must(t, "run", "--config", p.file, "--until-end")
	file, plot := filepath.Join(dir, "truth.json"), filepath.Join(dir, "sweep.svg")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var truth simulate.Truth
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	args := []string{"backtest", "--config", p.file, "--from", "2026-05-04", "--rules", "satisfaction_drop", "--incidents", file}
	out := must(t, args...)
	t.Log(out)
	m := regexp.MustCompile(`(\d+) alerts, (\d+) of (\d+) incidents found, precision (\d+) %`).FindStringSubmatch(out)
	if m == nil || m[3] != "13" {
		t.Fatalf("%s", out)
	}
	// Every incident of at least one grade and four hours is found, in stores of some hundred responses an hour.
	for _, f := range truth.Config.Falls {
		missed := "missed: store " + f.StoreID + ", " + f.From.UTC().Format(shortTime)
		if f.Grades >= 1 && f.To.Sub(f.From) >= 4*time.Hour && strings.Contains(out, missed) {
			t.Errorf("%+v was missed", f)
		}
	}
	last := append(args[:3:3], "--from", "2026-05-10", "--rules", "satisfaction_drop", "--incidents", file)
	list := must(t, append(last, "--format", "json")...)
	alerts := 0
	for line := range bytes.Lines([]byte(list)) {
		var a alert.Alert
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		alerts++
		if a.Fired.Before(truth.Config.Start.Add(9*24*time.Hour)) || a.Start.After(a.Fired) {
			t.Errorf("%s", line)
		}
	}
	if alerts == 0 {
		t.Error("the last day has no alert as JSON")
	}
	swept := must(t, append(last, "--sweep", "0.1,10", "--plot", plot)...)
	if !strings.Contains(swept, "false_alerts 0.1:") || !strings.Contains(swept, "false_alerts 10:") {
		t.Errorf("%s", swept)
	}
	if b, err := os.ReadFile(plot); err != nil || !bytes.Contains(b, []byte("<svg")) {
		t.Errorf("the plot: %v, %d bytes", err, len(b))
	}
	ends(t, exitUsage, append(last, "--plot", plot), "--sweep")
	ends(t, exitUsage, append(last, "--sweep", "0"), "--sweep", "false_alerts")
	ends(t, exitUsage, []string{"backtest", "--config", p.file, "--rules", "moods"}, "moods", "satisfaction_drop")
	ends(t, exitUsage, []string{"backtest", "--config", p.file, "--from", "2026-06-01"}, "--from", "before --to")
	ends(t, exitUsage, []string{"backtest", "--config", p.file, "--from", "yesterday"}, "--from", "2026-03-02")
	bad := filepath.Join(dir, "bad.jsonl")
	for text, word := range map[string]string{`{"scope_kind":"store","scope_id":"a","from":"2026-05-05T00:00:00Z","to":"2026-05-04T00:00:00Z"}`: "from before to", `{"shop":1}`: "shop", `x`: "scope_kind"} {
		if err := os.WriteFile(bad, []byte("\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ends(t, exitUsage, []string{"backtest", "--config", p.file, "--incidents", bad}, "bad.jsonl:2", word)
	}
	if err := os.WriteFile(bad, []byte(`{"scope_kind":"store","scope_id":"a","from":"2020-05-03T00:00:00Z","to":"2020-05-04T00:00:00Z"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ends(t, exitNo, []string{"backtest", "--config", p.file, "--incidents", bad}, "no incident that begins between")
	ends(t, exitUnreachable, []string{"backtest", "--config", newDeployment(t, p.kafka, nobody(t), "").file}, "ClickHouse")
}
