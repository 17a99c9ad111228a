package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
)

// spawn starts a command line in a new process: this test binary, which TestMain turns into csatflow.
func spawn(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			if b, err := os.ReadFile(log.Name()); err == nil && len(b) > 0 {
				t.Logf("a process said:\n%s", b[max(0, len(b)-3000):])
			}
		}
		_ = log.Close()
	})
	return cmd
}

// TestStoppedAnywhereItEndsInTheSameTables kills or stops run at random instants, restarts it, and compares with the
// reference.
func TestStoppedAnywhereItEndsInTheSameTables(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), measured+"flush: {interval: 50ms, rows: 30000}\n")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "40000", "--seed", "11", "--duplicates", "0.03", "--late", "0.1", "--bad", "0.001", "--start", longAgo(), "--duration", "48h")
	must(t, "send", "--config", p.file, filepath.Join(dir, "responses.jsonl"), filepath.Join(dir, "complaints.jsonl"))
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
	killed, ended := 0, 0
	for i := range 8 {
		running := start(t, "run", "--config", p.file)
		time.Sleep(time.Duration(400+r.IntN(1500)) * time.Millisecond)
		signal := syscall.SIGKILL
		if i%3 == 2 {
			signal = syscall.SIGTERM
		}
		if err := running.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err := running.wait(t, time.Minute)
		if signal == syscall.SIGTERM {
			ended++
			if err != nil || time.Since(began) > 10*time.Second {
				t.Errorf("SIGTERM: ended after %v with %v, must be within 10 s with exit code 0", time.Since(began), err)
			}
		} else {
			killed++
		}
	}
	must(t, "run", "--config", p.file, "--until-end")
	t.Logf("%d kills, %d stops", killed, ended)
	compareWithRaw(t, p.connect(t))
	truth := readTruth(t, dir)
	var raw uint64
	if err := p.connect(t).QueryRow(t.Context(), "SELECT count() FROM responses FINAL").Scan(&raw); err != nil || int64(raw) != truth.Responses.Sent-truth.Responses.Bad {
		t.Errorf("%d responses as received (%v), %d were sent", raw, err, truth.Responses.Sent-truth.Responses.Bad)
	}
}
