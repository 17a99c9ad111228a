package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"csatflow/deploy/local"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// small is a bench of a chain that is over in seconds, with a program built for the test.
func small(t *testing.T) common {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "csatflow")
	if out, err := exec.Command("go", "build", "-o", binary, "csatflow/cmd/csatflow").CombinedOutput(); err != nil {
		t.Fatalf("building csatflow: %v\n%s", err, out)
	}
	return common{shape: shape{Customers: 500, Stores: 5, Employees: 20, Partitions: 2, Late: 0.02}, Binary: binary, Out: t.TempDir()}
}

// contextUntil ends when a file is there.
func contextUntil(t *testing.T, file string) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(file); err == nil {
				cancel()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return ctx, cancel
}
