package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
)

// TestAPromiseThatMayStillBeKeptIsNotBroken: one promise of a day breaks in ten minutes, another is broken.
func TestAPromiseThatMayStillBeKeptIsNotBroken(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file, "--topics")
	file := filepath.Join(t.TempDir(), "complaints.jsonl")
	text := ""
	for id, age := range map[string]time.Duration{"new": 24*time.Hour - 10*time.Minute, "old": 48 * time.Hour} {
		text += fmt.Sprintf(`{"event_id":%q,"occurred_at":%q,"customer_id":"c1","complaint_id":%q,"step":"opened","store_id":%q}`+"\n", id, time.Now().Add(-age).UTC().Format(time.RFC3339), id, id)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "send", "--config", p.file, file)
	must(t, "run", "--config", p.file, "--until-end")
	for id, broken := range map[string]float64{"new": 0, "old": 1} {
		p.figures(t, "complaint_state", "complaint_id = '"+id+"'", map[string]float64{"state = 'open'": 1, "breached": broken})
		p.figures(t, "recovery", "resolution = 86400 AND scope_kind = 'store' AND scope_id = '"+id+"'", map[string]float64{"sum(opened)": 1, "sum(breached)": broken})
	}
}
