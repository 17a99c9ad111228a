package main

import (
	"context"
	"os"
	"testing"
	"time"

	"csatflow/deploy/local"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// small returns the flags of a bench that takes seconds.
func small(t *testing.T) common {
	t.Helper()
	return common{feedConfig: feedConfig{Customers: 500, Stores: 5, Employees: 20, Partitions: 2, Late: 0.02}, Out: t.TempDir()}
}

// contextUntil returns a context that ends when a file exists.
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
