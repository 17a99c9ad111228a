package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/trial/storetest"
)

// TestADryRunSaysWhatARunWrites starts without a ClickHouse.
func TestADryRunSaysWhatARunWrites(t *testing.T) {
	t.Parallel()
	broker := startFakeKafka(t, 8)
	without := newDeployment(t, broker, "", "") // clickhouse.address is empty
	p := newDeployment(t, broker, storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file, "--topics")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "3000", "--bad", "0.01")
	must(t, "send", "--config", p.file, filepath.Join(dir, "responses.jsonl"), filepath.Join(dir, "complaints.jsonl"))
	out := must(t, "run", "--config", without.file, "--dry-run")
	if n := len(p.deadLetters(t)); n != 0 {
		t.Errorf("%d dead letters were sent", n)
	}
	if again := must(t, "run", "--config", without.file, "--dry-run"); !strings.Contains(again, "nothing was written") {
		t.Errorf("a second one says:\n%s", again)
	}
	must(t, "run", "--config", p.file, "--until-end")
	for _, table := range []string{"responses", "complaint_events"} { // the number of other rows depends on flushes
		var n uint64
		if err := p.connect(t).QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%s: %d rows\n", table, n); !strings.Contains(out, want) || n == 0 {
			t.Errorf("run wrote %s, and the dry run said:\n%s", want, out)
		}
	}
	if want := fmt.Sprintf("dead letters: %d\n", len(p.deadLetters(t))); !strings.Contains(out, want) || strings.Contains(want, " 0") {
		t.Errorf("run sent %s, and the dry run said:\n%s", want, out)
	}
}

// TestADryRunEndsHoweverManyNamesThereAre: every event has a store of its own; run would free names by a restore.
func TestADryRunEndsHoweverManyNamesThereAre(t *testing.T) {
	t.Parallel()
	const events = 120_000 // many more names than the limit
	broker := startFakeKafka(t, 2)
	p := newDeployment(t, broker, "127.0.0.1:1", "memory: {panes: 1000}\nflush: {interval: 50ms}\n")
	client := franzClient(t, broker)
	for i := range events {
		value := fmt.Sprintf(`{"event_id":"e%d","occurred_at":"2026-03-01T12:00:00Z","terminal_id":"t%d","store_id":"s%d","grade":3}`, i, i%10, i)
		client.Produce(t.Context(), &kgo.Record{Topic: responsesTopic, Key: fmt.Append(nil, "t", i%10), Value: []byte(value)}, nil)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, want := must(t, "run", "--config", p.file, "--dry-run"), fmt.Sprintf("responses: %d rows\n", events); !strings.Contains(out, want) {
		t.Errorf("it says\n%s and not %s", out, want)
	}
}
