package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/localtest"
	"csatflow/pipeline"
	"csatflow/sinks/clickhouse"
)

// readyName is the database that a server of [ClickHouse] has from its start.
const readyName = "csat_test"

// fresh holds the addresses of servers whose ready database nobody has taken yet.
var fresh sync.Map

// ClickHouse starts the embedded ClickHouse until the test ends, on a copy of data that have the tables and views of the default settings,
// or takes the user's own server ([localtest.ClickHouse]). It returns the address of the native protocol.
func ClickHouse(t testing.TB) (address string) {
	t.Helper()
	if os.Getenv(localtest.OwnServer) != "" {
		return localtest.ClickHouse(t)
	}
	dir, err := readyData(t.Context(), localtest.Library(t))
	if err != nil {
		t.Fatalf("data with the tables and views: %v", err)
	}
	data := t.TempDir()
	if err := os.CopyFS(data, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	address = localtest.Start(t, data)
	fresh.Store(address, true)
	return address
}

// Database names a database that nobody else uses on a server. For the first who asks it is the ready one, of which all that a migration
// with the default settings makes is there.
func Database(address string) string {
	if _, first := fresh.LoadAndDelete(address); first {
		return readyName
	}
	return fmt.Sprintf("test_%d", time.Now().UnixNano())
}

// readyData returns the directory of the data, which it makes once for an engine and what is declared. Several processes may ask at once.
func readyData(ctx context.Context, library string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	model := Model(readyName, pipeline.DefaultSettings())
	views, err := model.Views()
	if err != nil {
		return "", err
	}
	of := sha256.Sum256([]byte(library + " " + clickhouse.Declared(model, views)))
	all := filepath.Join(cache, "csatflow", "tests")
	dir := filepath.Join(all, hex.EncodeToString(of[:16]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(all, 0o755); err != nil {
		return "", err
	}
	removeOlder(all)
	making, err := os.MkdirTemp(all, "making-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(making) }() // of what is left, removeOlder makes an end
	c, err := local.StartClickHouse(ctx, local.ClickHouseOptions{Library: library, Data: making, NativeAddr: "127.0.0.1:0"})
	if err != nil {
		return "", err
	}
	s, err := clickhouse.Open(clickhouse.Config{Address: []string{c.NativeAddr()}, Database: readyName})
	if err == nil {
		err = s.Migrate(ctx, model, func(string) {})
		_ = s.Close()
	}
	if stopped := c.Stop(ctx); err == nil {
		err = stopped
	}
	if err != nil {
		return "", err
	}
	if err := os.Rename(making, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // nor has another process made it meanwhile
			return "", err
		}
	}
	return dir, nil
}

// removeOlder makes room: what was made a day ago is of other declarations, or is soon made again.
func removeOlder(all string) {
	entries, err := os.ReadDir(all)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(all, e.Name())) // the next one tries again
		}
	}
}
