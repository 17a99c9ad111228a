package local

import (
	"context"
	"os"
	"testing"

	"csatflow/deploy/local/libchdb"
)

func TestMain(m *testing.M) {
	RunChild()
	runKafkaChild()
	runParent()
	os.Exit(m.Run())
}

// library returns the path of libchdb.so: CSATFLOW_LIBCHDB, or from the cache, or fetched.
func library(t *testing.T) string {
	t.Helper()
	path, err := libchdb.Fetch(context.Background(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return path
}
