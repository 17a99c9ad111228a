package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/local"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// TestARunThatMiscountsMeasuresNothing runs a small feed on real servers, and then claims that it was larger.
func TestARunThatMiscountsMeasuresNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	binary := filepath.Join(t.TempDir(), "csatflow")
	if out, err := exec.Command("go", "build", "-o", binary, "csatflow/cmd/csatflow").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	a, err := newArena(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}()
	f, err := a.fill(t.Context(), shape{Events: 3000, Customers: 500, Stores: 5, Employees: 20, Partitions: 2, Late: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.written(t.Context(), f, true)
	if err != nil {
		t.Fatal(err)
	}
	if got.events < 3000 || got.cpu <= 0 || got.engine <= 0 || got.rss <= 0 || got.bytes <= 0 || got.stored < f.responses {
		t.Errorf("%+v", got)
	}
	if got, err := a.dry(t.Context(), f); err != nil || got.cpu <= 0 {
		t.Errorf("dry run: %+v, %v", got, err)
	}
	f.responses++
	if _, err := a.written(t.Context(), f, false); err == nil || !strings.Contains(err.Error(), "nothing was measured") {
		t.Errorf("a wrong count was measured: %v", err)
	}
}

func TestFiguresAreAMillionEventsWorth(t *testing.T) {
	f := &figures{events: 500_000, wall: 10 * time.Second, cpu: 3 * time.Second}
	if f.perMillion(f.cpu) != 6 || f.rate() != 50_000 {
		t.Errorf("%v CPU s a million, %v events/s", f.perMillion(f.cpu), f.rate())
	}
	var list latencies
	for i := range 100 {
		list = append(list, time.Duration(i)*time.Millisecond)
	}
	if list.quantile(0.5) != 50*time.Millisecond || list.quantile(0.99) != 99*time.Millisecond || list.quantile(1) != 99*time.Millisecond || latencies(nil).quantile(0.5) != 0 {
		t.Errorf("p50 %v, p99 %v", list.quantile(0.5), list.quantile(0.99))
	}
}

func TestPeersStandBesideWithTheirRatios(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.jsonl")
	lines := `{"peer":"flink","guarantee":"exactly_once","events":1000000,"wall_s":10,"cpu_s":16,"rss_mib":1200,"check":"same"}
{"peer":"flink","guarantee":"exactly_once","events":1000000,"wall_s":10,"cpu_s":20,"rss_mib":1200,"check":"same"}
{"peer":"flink","guarantee":"exactly_once","events":1000000,"wall_s":10,"cpu_s":18,"rss_mib":1200,"check":"same"}
`
	if err := os.WriteFile(file, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	theirs, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	got := beside([]row{{"alone", &figures{events: 1e6, wall: 4 * time.Second, cpu: 6 * time.Second, rss: 300 << 20}}}, theirs)
	for _, want := range []string{"| csatflow: alone | 250000 | 6.00 | 1.00 | 300 |", "| flink exactly_once | 100000 | 18.00 | 3.00 | 1200 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table has no line %s:\n%s", want, got)
		}
	}
	if err := os.WriteFile(file, []byte(strings.Replace(lines, "same", "DIFFERENT", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := read(file); err == nil {
		t.Error("a peer's wrong results are in the table")
	}
}
