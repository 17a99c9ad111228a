package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAWrongCountIsAnError falsifies the simulator's counts.
func TestAWrongCountIsAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Apache Kafka and ClickHouse's engine")
	}
	c := small(t)
	c.Events = 3000
	a, err := newTestbed(t.Context(), &c, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}()
	f, err := a.fill(t.Context(), c.feedConfig)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.written(t.Context(), f, true, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got.events != 3000 || got.cpu <= 0 || got.wall <= 0 || got.rss <= 0 || got.engineRSS <= 0 || int64(got.rows) < f.responses || got.inserted == 0 || got.written == 0 || got.disk == 0 {
		t.Errorf("a run of 3000 events took %+v", got)
	}
	dry, err := a.dry(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if dry.rows != 0 || dry.cpu <= 0 {
		t.Errorf("a dry run took %+v", dry)
	}
	for what, spoil := range map[string]func(f *feed){
		"view satisfaction_by_survey: ": func(f *feed) { f.responses++ },
		"view recovery: ":               func(f *feed) { f.opened-- },
	} {
		wrong := *f
		spoil(&wrong)
		if _, err := a.written(t.Context(), &wrong, false, 1); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("with a wrong count the error is %v, not of %s", err, what)
		}
	}
}

// TestTheCommandWritesItsTable runs it like a user, on a tiny feed.
func TestTheCommandWritesItsTable(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Apache Kafka and ClickHouse's engine")
	}
	c := small(t)
	if err := (&runCommand{common: c, Events: 2000, Repeats: 1, Latency: 2 * time.Second}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.holds(t, map[string][]string{
		"bench.md": {"2,000 events of", "| the pipeline alone (`run --dry-run`) |", "| marginal: with ClickHouse |", "40 marked events"},
	})
}

// TestACurveIsATableAndAPlot takes minutes: make slow.
func TestACurveIsATableAndAPlot(t *testing.T) {
	if os.Getenv("CSATFLOW_TEST_SLOW") == "" {
		t.Skip("CSATFLOW_TEST_SLOW is not set")
	}
	c := small(t)
	if err := (&curvesCommand{common: c, Which: []string{"processes"}, Events: 2000, Repeats: 1}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.holds(t, map[string][]string{
		"curves/processes.md":  {"| 1 | 2,000 |", "| 2 | 2,000 |", "(processes.svg)"},
		"curves/processes.svg": {"<svg", "CPU seconds per million events"},
	})
}

// holds looks for words in the files that a command wrote.
func (c *common) holds(t *testing.T, words map[string][]string) {
	t.Helper()
	for file, words := range words {
		b, err := os.ReadFile(filepath.Join(c.Out, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if !strings.Contains(string(b), w) {
				t.Errorf("%s has no %q:\n%s", file, w, b)
			}
		}
	}
}

func TestACommandThatGoesWrongSaysWhatItSaid(t *testing.T) {
	if testing.Short() {
		t.Skip("builds csatflow")
	}
	if _, err := measured(t.Context(), "absent", t.TempDir()); err == nil || !strings.Contains(err.Error(), "--binary") {
		t.Errorf("a program that is not there: %v", err)
	}
	binary, err := measured(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := &testbed{binary: binary}
	_, err = a.together(t.Context(), [][]string{{"version"}, {"run", "--config", "absent.yaml"}})
	if err == nil || !strings.Contains(err.Error(), "absent.yaml") || !strings.Contains(err.Error(), "exit status 2") {
		t.Errorf("%v", err)
	}
}
