package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// TestKilledServerKeepsWholeInserts kills the server at several moments during inserts and restarts it on the same data:
// every insert is there whole or not at all, and every acknowledged one is there.
func TestKilledServerKeepsWholeInserts(t *testing.T) {
	const kills, rows = 4, 20_000
	data := t.TempDir()
	acknowledged := map[uint32]bool{}
	tried := uint32(0)
	for round := range kills {
		c := startTest(t, data)
		conn := connect(t, c, driver.CompressionLZ4)
		execute(t, conn, "CREATE TABLE IF NOT EXISTS killed (batch UInt32, id UInt64, text String) ENGINE = MergeTree ORDER BY (batch, id)")
		killed := make(chan error, 1)
		time.AfterFunc(time.Duration(150+130*round)*time.Millisecond, func() { killed <- c.Kill() })
		for {
			tried++
			if err := insertBatch(conn, tried, rows); err != nil {
				break
			}
			acknowledged[tried] = true
		}
		if err := <-killed; err != nil {
			t.Fatal(err)
		}
		if c.Err() == nil {
			t.Error("a killed server tells no error")
		}
		_ = conn.Close()
	}
	conn := connect(t, startTest(t, data), driver.CompressionLZ4)
	found, err := conn.Query(t.Context(), "SELECT batch, count(), uniqExact(id) FROM killed GROUP BY batch")
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		var batch uint32
		var n, unique uint64
		if err := found.Scan(&batch, &n, &unique); err != nil {
			t.Fatal(err)
		}
		if n != rows || unique != rows {
			t.Errorf("batch %d has %d rows, %d different, in place of %d", batch, n, unique, rows)
		}
		delete(acknowledged, batch)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	if len(acknowledged) > 0 {
		t.Errorf("acknowledged batches are lost: %v", acknowledged)
	}
	t.Logf("%d kills, %d inserts tried", kills, tried)
}

func insertBatch(conn driver.Conn, batch uint32, rows int) error {
	b, err := conn.PrepareBatch(context.Background(), "INSERT INTO killed")
	if err != nil {
		return err
	}
	for i := range rows {
		if err := b.Append(batch, uint64(i), "text of row "+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return b.Send()
}

const parentVariable = "CSATFLOW_TEST_PARENT"

// runParent is a process that starts a ClickHouse, prints its child's pid and waits to be killed.
func runParent() {
	data, ok := os.LookupEnv(parentVariable)
	if !ok {
		return
	}
	c, err := StartClickHouse(context.Background(), ClickHouseOptions{Library: os.Getenv("CSATFLOW_LIBCHDB"), Data: data, NativeAddr: "127.0.0.1:0"})
	if err != nil {
		_, _ = os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(strconv.Itoa(c.Pid()) + "\n")
	select {}
}

func TestChildDiesWithItsParent(t *testing.T) {
	path := library(t)
	data := t.TempDir()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"="+data, "CSATFLOW_LIBCHDB="+path)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = parent.Process.Kill() }()
	buf := make([]byte, 500)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n])))
	if err != nil {
		t.Fatalf("parent: %s", buf[:n])
	}
	group, err := syscall.Getpgid(pid)
	if err != nil || group != pid {
		t.Errorf("child %d is in process group %d: %v", pid, group, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
	for range 100 {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) {
			startTest(t, data) // the directory is free at once
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("child %d outlives its parent", pid)
}

// zombie reports whether a process has ended and waits for init to reap it.
func zombie(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(b), ") Z ")
}

func TestStopEndsTheServerInOrderWhileAQueryRuns(t *testing.T) {
	c := startTest(t, t.TempDir())
	conn := connect(t, c, driver.CompressionNone)
	failed := make(chan error, 1)
	go func() { failed <- conn.QueryRow(context.Background(), endless).Err() }()
	time.Sleep(200 * time.Millisecond)
	start := time.Now()
	if err := c.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the query of a stopped server succeeds")
	}
	if d := time.Since(start); d > 8*time.Second {
		t.Errorf("took %v to stop", d)
	}
	if c.Err() != nil {
		t.Errorf("orderly end tells %v", c.Err())
	}
}

func TestAWrongLibraryIsNamed(t *testing.T) {
	_, err := StartClickHouse(t.Context(), ClickHouseOptions{Library: os.Args[0], Data: t.TempDir(), NativeAddr: "127.0.0.1:0"})
	if err == nil || !strings.Contains(err.Error(), os.Args[0]) {
		t.Error(err)
	}
	if _, err = StartClickHouse(t.Context(), ClickHouseOptions{Data: t.TempDir(), NativeAddr: "0.0.0.0:0"}); err == nil {
		t.Error("serves all the network")
	}
}
