package main

import (
	"context"
	"fmt"
	"time"
)

// meters are the counters of both servers.
type meters struct {
	engine, broker time.Duration // CPU
	peak           int64         // bytes of memory, ClickHouse
	rows           uint64        // inserted
	inserted       uint64        // bytes of those rows, not compressed
	written        uint64        // bytes written to files: parts, merged ones included
}

// read reads the counters.
func (a *testbed) read(ctx context.Context) (m meters, err error) {
	if m.broker, err = cpuOf(a.broker.Pid()); err != nil || a.engine == nil {
		return m, err
	}
	if m.engine, err = cpuOf(a.engine.Pid()); err != nil {
		return m, err
	}
	if m.peak, err = peakMemory(a.engine.Pid()); err != nil {
		return m, err
	}
	err = a.conn.QueryRow(ctx, `SELECT sumIf(value, event = 'InsertedRows'), sumIf(value, event = 'InsertedBytes'),
		sumIf(value, event = 'WriteBufferFromFileDescriptorWriteBytes') FROM system.events`).Scan(&m.rows, &m.inserted, &m.written)
	if err != nil {
		return m, fmt.Errorf("reading ClickHouse's counters: %w", err)
	}
	return m, nil
}

// mergesEnd is how long merges may go on after a run.
const mergesEnd = 2 * time.Minute

// settle waits until ClickHouse has merged its parts, so that a run pays for all of its own merges and for no others.
func (a *testbed) settle(ctx context.Context) error {
	if a.engine == nil {
		return nil
	}
	quiet := 0
	for end := time.Now().Add(mergesEnd); quiet < 5 && time.Now().Before(end); {
		var merges uint64
		if err := a.conn.QueryRow(ctx, "SELECT count() FROM system.merges").Scan(&merges); err != nil {
			return fmt.Errorf("asking for ClickHouse's merges: %w", err)
		}
		quiet++
		if merges > 0 {
			quiet = 0
		}
		time.Sleep(200 * time.Millisecond)
	}
	return nil
}

// onDisk is how many bytes the tables of a database take.
func (a *testbed) onDisk(ctx context.Context, database string) (bytes uint64, err error) {
	if err := a.conn.QueryRow(ctx, "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = ?", database).Scan(&bytes); err != nil {
		return 0, fmt.Errorf("asking for the size of database %s: %w", database, err)
	}
	return bytes, nil
}
