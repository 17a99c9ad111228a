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

// OwnServer is the variable that names the user's own ClickHouse, host:port, for the tests.
const OwnServer = "CSATFLOW_TEST_CLICKHOUSE"

// ClickHouse starts an empty embedded ClickHouse until the test ends, or takes the user's own server ([OwnServer]). It returns the
// address of the native protocol.
func ClickHouse(t testing.TB) (addr string) {
	t.Helper()
	if own := os.Getenv(OwnServer); own != "" {
		return own
	}
	return Start(t, t.TempDir())
}

// Library is the path of ClickHouse's engine, which is fetched if need be.
func Library(t testing.TB) string {
	t.Helper()
	lib, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// Start starts the embedded ClickHouse on a data directory until the test ends.
func Start(t testing.TB, data string) (addr string) {
	t.Helper()
	c, err := local.StartClickHouse(t.Context(), local.ClickHouseOptions{Library: Library(t), Data: data, NativeAddr: "127.0.0.1:0"})
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
