// Package localtest starts the embedded servers for tests. TestMain must call local.RunChild first.
package localtest

import (
	"context"
	"os"
	"testing"
	"time"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
)

// ClickHouse starts the embedded ClickHouse until the test ends, or takes the user's own server
// (CSATFLOW_TEST_CLICKHOUSE=host:port). It returns the address of the native protocol.
func ClickHouse(t testing.TB) (addr string) {
	t.Helper()
	if own := os.Getenv("CSATFLOW_TEST_CLICKHOUSE"); own != "" {
		return own
	}
	lib, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	c, err := local.StartClickHouse(t.Context(), local.ClickHouseOptions{Library: lib, Data: t.TempDir(), NativeAddr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return c.NativeAddr()
}
