package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/deploy/trial/clickhouseserver"
)

const inserterVariable = "CSATFLOW_TEST_INSERTER"

func TestMain(m *testing.M) {
	clickhouseserver.RunChild()
	if os.Getenv(inserterVariable) != "" {
		if err := insert(os.Getenv("CSATFLOW_TEST_CLICKHOUSE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func insert(addr string) error {
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{addr}})
	if err != nil {
		return err
	}
	for _, q := range []string{"CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a", "INSERT INTO t VALUES (1)"} {
		if err := conn.Exec(context.Background(), q); err != nil {
			return err
		}
	}
	return conn.Close()
}

func TestACommandThatDoesNotUseTheServerFails(t *testing.T) {
	if err := run("true", nil); err == nil || !strings.Contains(err.Error(), "CSATFLOW_TEST_CLICKHOUSE") {
		t.Errorf("a command that does nothing: %v", err)
	}
	if err := run("false", nil); err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("a command that fails: %v", err)
	}
	t.Setenv(inserterVariable, "1")
	if err := run(os.Args[0], nil); err != nil {
		t.Errorf("a command that inserts: %v", err)
	}
}
