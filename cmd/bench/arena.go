package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/apachekafka"
	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
)

// arena is the servers, a folder, and the program that is measured.
type arena struct {
	binary string
	dir    string
	broker *apachekafka.Broker
	engine *local.ClickHouse
	conn   driver.Conn
	lives  int // configurations made

	profiles string // folder of CPU profiles, "" for none
}

func newArena(ctx context.Context, binary string) (_ *arena, err error) {
	if binary, err = filepath.Abs(binary); err != nil {
		return nil, err
	}
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("the program to measure (make build makes it): %w", err)
	}
	a := &arena{binary: binary}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.dir, err = os.MkdirTemp("", "csatflow-bench-"); err != nil {
		return nil, err
	}
	lib, err := libchdb.Fetch(ctx, libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		return nil, err
	}
	kafka := filepath.Join(a.dir, "kafka")
	if err = os.Mkdir(kafka, 0o755); err != nil {
		return nil, err
	}
	if a.broker, err = apachekafka.Start(ctx, kafka, "log.retention.ms=-1"); err != nil {
		return nil, err
	}
	if a.engine, err = local.StartClickHouse(ctx, local.ClickHouseOptions{Library: lib, Data: filepath.Join(a.dir, "clickhouse"), NativeAddr: "127.0.0.1:0", MemoryBytes: 6 << 30}); err != nil {
		return nil, err
	}
	a.conn, err = clickhouse.Open(&clickhouse.Options{Addr: []string{a.engine.NativeAddr()}, ReadTimeout: 5 * time.Minute})
	return a, err
}

func (a *arena) close() error {
	var errs []error
	if a.conn != nil {
		errs = append(errs, a.conn.Close())
	}
	if a.engine != nil {
		errs = append(errs, a.engine.Kill())
	}
	if a.broker != nil {
		errs = append(errs, a.broker.Kill())
	}
	return errors.Join(append(errs, os.RemoveAll(a.dir))...)
}

// life is one configuration: a group and a database of its own over the topics of a feed.
type life struct {
	file, database, listen string
}

// configure writes a configuration; more lines of YAML come after its own.
func (a *arena) configure(f *feed, raw bool, more ...string) (*life, error) {
	a.lives++
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	l := &life{file: filepath.Join(a.dir, fmt.Sprintf("life%d.yaml", a.lives)), database: fmt.Sprintf("bench%d", a.lives), listen: listen}
	text := fmt.Sprintf("kafka: {brokers: [%s], group: bench%d, partitions: %d, topics: {responses: %s, complaints: %s, deadletter: %s}}\nclickhouse: {address: [%s], database: %s, raw_tables: %v}\nlisten: %s\nlog: {level: warn}\n%s\n",
		a.broker.Addr, a.lives, f.partitions, f.topics[0], f.topics[1], f.topics[2], a.engine.NativeAddr(), l.database, raw, listen, strings.Join(more, "\n"))
	return l, os.WriteFile(l.file, []byte(text), 0o644)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
