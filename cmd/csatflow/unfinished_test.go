package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
	"csatflow/deploy/trial/logtest"
)

// TestRunThatCannotFlushItsLastSaysSo stops run while ClickHouse is away: it must not claim that everything is committed.
func TestRunThatCannotFlushItsLastSaysSo(t *testing.T) {
	t.Parallel()
	lib, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	server, err := local.StartClickHouse(t.Context(), local.ClickHouseOptions{Library: lib, Data: t.TempDir(), NativeAddr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	p := newDeployment(t, startFakeKafka(t, 8), server.NativeAddr(), "")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log logtest.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(&system{ctx: ctx, stdin: strings.NewReader(""), stdout: &log, stderr: &log}, []string{"run", "--config", p.file})
	}()
	says := func(text string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !strings.Contains(log.String(), text); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("run never said %q:\n%s", text, log.String())
			}
		}
	}
	send := func(id string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "responses.jsonl")
		line := `{"event_id":"` + id + `","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":7}` + "\n"
		if err := os.WriteFile(file, []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
		must(t, "send", "--config", p.file, file)
	}
	says("partitions assigned")
	send("1")
	conn := p.connect(t)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var n uint64
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM customer_responses").Scan(&n); err == nil && n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the first event was never written:\n%s", log.String())
		}
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	send("2")
	says("write rows went wrong")
	stop()
	select {
	case code := <-ended:
		if code != exitUnreachable || strings.Contains(log.String(), "everything flushed") || !strings.Contains(log.String(), "did not finish") {
			t.Errorf("exit code %d, said:\n%s", code, log.String())
		}
	case <-time.After(20 * time.Second):
		t.Error("run did not end")
	}
}
