package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

// TestAfterALoadAtOnceTheFallOfTheStoreIsAmongTheAlerts follows the README: a day in files, Kafka, run; alerts has what backtest finds.
func TestAfterALoadAtOnceTheFallOfTheStoreIsAmongTheAlerts(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "40000", "--side-topics")
	must(t, append([]string{"send", "--config", p.file}, feedFiles(t, dir)...)...)
	truth := readTruth(t, dir)
	must(t, "migrate", "--config", p.file)
	log := &alert.Log{Conn: p.connect(t), Database: p.database}
	begun := time.Now()
	service := start(t, "run", "--config", p.file)
	end := truth.Config.Start.Add(truth.Config.Duration)
	within(t, 4*time.Minute, "alerts have been looked for until the end of what was loaded", func() bool {
		c, err := log.Evaluated(t.Context())
		return err == nil && c.Until.After(end.Add(-2*time.Hour)) // nobody answers late at night
	})
	t.Logf("loaded and looked for within %s", time.Since(begun).Round(time.Millisecond))
	firing, resolved, err := log.Read(t.Context(), truth.Config.Start)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, a := range append(firing, resolved...) {
		found[a.Key()] = true
		if a.Rule == ruleset.SatisfactionDrop && a.Kind == "store" && a.ID != truth.Incident.StoreID {
			t.Errorf("%s: nothing happened there", a.Summary())
		}
	}
	// What backtest finds by default, in the second half of the day.
	fall := false
	for line := range strings.Lines(must(t, "backtest", "--config", p.file, "--format", "json")) {
		var a alert.Alert
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if a.Rule == ruleset.SatisfactionDrop && a.ID == truth.Incident.StoreID {
			fall = true
			if !found[a.Key()] {
				t.Errorf("backtest finds what alerts lacks: %s", a.Summary())
			}
		}
	}
	if !fall {
		t.Errorf("backtest does not find the fall of %s", truth.Incident.StoreID)
	}
	service.stop(t)
	said := service.said(t)
	if n := strings.Count(said, "have been looked for in the time that had come at once"); n != 1 {
		t.Errorf("told %d times that alerts were caught up with:\n%s", n, said)
	}
}
