package local

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

func interruptedInsert(t *testing.T, c *ClickHouse, conn driver.Conn) {
	execute(t, conn, "CREATE TABLE interrupted (id UInt64) ENGINE = MergeTree ORDER BY id")
	var raw net.Conn
	cut, err := driver.Open(&driver.Options{Addr: []string{c.NativeAddr()}, DialContext: func(ctx context.Context, addr string) (net.Conn, error) {
		var err error
		raw, err = (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		return raw, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cut.Close() }()
	batch, err := cut.PrepareBatch(t.Context(), "INSERT INTO interrupted")
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(50_000) {
		if err := batch.Append(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Flush(); err != nil { // sends the block, but not the end
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	expect(t, conn, uint64(0), "SELECT count() FROM interrupted")
	expect(t, conn, uint64(0), "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO interrupted%'")
}

func malformedPackets(t *testing.T, c *ClickHouse, conn driver.Conn) {
	huge := "\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
	hello := "\x00\x01c\x01\x01\xbc\xa9\x03\x00\x00\x00" // client c, revision 54460, no database, user, password
	query := "\x01\x00\x00\x00\x00\x02\x00"              // Query: no id, no client info, no settings, no secret, complete, plain
	for name, packet := range map[string]string{
		"not the protocol":         "GET / HTTP/1.1\r\n\r\n",
		"endless name":             "\x00" + huge,
		"endless database":         "\x00\x01c\x01\x01\xbc\xa9\x03" + huge,
		"unknown packet":           hello + "\x00" + "\x63",
		"endless query":            hello + "\x00" + query + huge,
		"endless table name":       hello + "\x00" + query + "\x08SELECT 1\x00\x02" + huge,
		"endless columns":          hello + "\x00" + query + "\x08SELECT 1\x00\x02\x00\x00" + huge,
		"endless rows of a string": hello + "\x00" + query + "\x08SELECT 1\x00\x02\x00\x00\x01\xff\xff\xff\x7f\x01a\x06String\x00" + huge,
		"cut off in the query":     hello + "\x00" + query + "\x08SELE",
		"an array that runs back":  hello + "\x00" + query + "\x08SELECT 1\x00\x02\x00\x00\x01\x02\x01a\x0cArray(UInt8)\x00" + "\x09\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00",
	} {
		raw, err := net.Dial("tcp", c.NativeAddr())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write([]byte(packet)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = raw.(*net.TCPConn).CloseWrite()
		_ = raw.SetReadDeadline(time.Now().Add(5 * time.Second))
		var sink [4096]byte
		for {
			if _, err = raw.Read(sink[:]); err != nil {
				break
			}
		}
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			t.Errorf("%s: the connection stays open", name)
		}
		_ = raw.Close()
	}
	select {
	case <-c.Done():
		t.Fatalf("the server died: %v", c.Err())
	default:
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func memoryLimit(t *testing.T, conn driver.Conn) {
	var n uint64
	err := conn.QueryRow(t.Context(), "SELECT length(groupArray(number)) FROM numbers(1000000000)").Scan(&n)
	var e *driver.Exception
	if !errors.As(err, &e) || e.Code != 241 {
		t.Errorf("8 GB of numbers within %d bytes: %d %v", testMemory, n, err)
	}
	expect(t, conn, uint8(1), "SELECT 1")
}

func secondIsRefused(t *testing.T, c *ClickHouse, data string) {
	_, err := StartClickHouse(t.Context(), ClickHouseOptions{Library: library(t), Data: data, NativeAddr: "127.0.0.1:0", Log: testLog(t)})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), data) {
		t.Errorf("second server: %v", err)
	}
	_, err = StartClickHouse(t.Context(), ClickHouseOptions{Library: library(t), Data: t.TempDir(), NativeAddr: c.NativeAddr(), Log: testLog(t)})
	if err == nil || !strings.Contains(err.Error(), c.NativeAddr()) || !strings.Contains(err.Error(), "--clickhouse") {
		t.Errorf("second server on the port: %v", err)
	}
}
