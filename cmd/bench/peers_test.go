package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func results(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	flinkOnce  = `{"peer":"flink","guarantee":"exactly_once","events":2000000,"wall_s":10,"cpu_s":16,"rss_mib":3000.5,"broker_cpu_s":2,"check":"same"}`
	flinkAgain = `{"peer":"flink","guarantee":"exactly_once","events":2000000,"wall_s":20,"cpu_s":20,"rss_mib":3000.5,"broker_cpu_s":2,"check":"same"}`
	floorOnce  = `{"peer":"floor-fetch-none","guarantee":"-","events":2000000,"wall_s":1,"cpu_s":1.5,"rss_mib":40,"broker_cpu_s":1,"check":"-"}`
)

func TestPeersAreReadInOrderWithTheirRepetitions(t *testing.T) {
	rows, err := readPeers(results(t, floorOnce, flinkOnce, flinkAgain))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].name != "floor-fetch-none" || rows[1].name != "flink exactly_once" || len(rows[1].runs) != 2 {
		t.Fatalf("%+v", rows)
	}
	if got := rows[1].median(cpu); got != 9 {
		t.Errorf("Flink takes %g CPU s a million, want 9", got)
	}
	if got := rows[1].median(brokerCPU); got != 1 {
		t.Errorf("its Kafka takes %g CPU s a million, want 1", got)
	}
}

func TestRatiosAreAgainstThePeersThatRan(t *testing.T) {
	peers, err := readPeers(results(t, floorOnce, flinkOnce))
	if err != nil {
		t.Fatal(err)
	}
	ours := row{"csatflow", runs{{events: 1_000_000, wall: 10 * time.Second, cpu: 4 * time.Second, rss: 1 << 30}}}
	got := table("engine", append([]row{ours}, peers...), besideColumns(peers))
	want := `| engine | events/s | CPU s per million events | of ClickHouse | of Kafka | memory MiB | CPU × Flink | speed × Flink |
|---|--:|--:|--:|--:|--:|--:|--:|
| csatflow | 100,000 | 4.00 | – | – | 1,024 | 0.50 | 0.50 |
| floor-fetch-none | 2,000,000 | 0.75 | – | 0.50 | 40 | 0.09 | 10.00 |
| flink exactly_once | 200,000 | 8.00 | – | 1.00 | 3,000 | 1.00 | 1.00 |
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestResultsThatCannotBeBelievedAreErrors(t *testing.T) {
	for what, path := range map[string]string{
		"are wrong": results(t, strings.Replace(flinkOnce, "same", "DIFFERENT", 1)),
		"there are": results(t),
		"invalid":   results(t, "RESULT {}"),
		"no such":   filepath.Join(t.TempDir(), "absent"),
	} {
		if _, err := readPeers(path); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("the error is %v, not %q", err, what)
		}
	}
}

// TestPeersStopWithBench: the peers are a script that starts processes in groups of their own, like timeout(1).
func TestPeersStopWithBench(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/bash\ntimeout 100 sleep 100 &\necho $! > " + dir + "/pid.tmp\nmv " + dir + "/pid.tmp " + dir + "/pid\nwait\n"
	if err := os.WriteFile(filepath.Join(dir, "run.sh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, stop := contextUntil(t, filepath.Join(dir, "pid"))
	defer stop()
	cmd := &peersCommand{Peers: dir, Repeats: 1}
	began := time.Now()
	if err := cmd.theirs(ctx, &feed{responses: 1}, dir); err == nil {
		t.Error("a run that was stopped has no error")
	}
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("it stopped after %v", d)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatal("a process in a group of its own goes on")
		}
	}
}
