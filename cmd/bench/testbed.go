package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
	"csatflow/deploy/trial/apachekafka"
)

// testbed has the servers, a folder, and the measured program.
type testbed struct {
	binary   string
	profiles string // folder of CPU profiles, "" for none
	dir      string
	broker   *apachekafka.Broker
	engine   *local.ClickHouse // nil if only dry runs are measured
	conn     driver.Conn
	setups   int // configurations made
	feeds    int // feeds made
}

// newTestbed starts Kafka and, if asked for, ClickHouse.
func newTestbed(ctx context.Context, c *common, clickHouse bool) (_ *testbed, err error) {
	a := &testbed{profiles: c.Profile}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.dir, err = os.MkdirTemp("", "csatflow-bench-"); err != nil {
		return nil, fmt.Errorf("folder of the servers: %w", err)
	}
	if a.binary, err = measured(ctx, c.Binary, a.dir); err != nil {
		return nil, err
	}
	if a.profiles != "" {
		if err := os.MkdirAll(a.profiles, 0o755); err != nil {
			return nil, fmt.Errorf("--profile: %w", err)
		}
	}
	kafka := filepath.Join(a.dir, "kafka")
	if err := os.Mkdir(kafka, 0o755); err != nil {
		return nil, fmt.Errorf("folder of Kafka: %w", err)
	}
	if a.broker, err = apachekafka.Start(ctx, kafka); err != nil {
		return nil, err
	}
	if clickHouse {
		err = a.startEngine(ctx)
	}
	return a, err
}

// measured returns the program to measure: the named one, or one built in dir from these sources.
func measured(ctx context.Context, named, dir string) (string, error) {
	if named == "" {
		binary := filepath.Join(dir, "csatflow")
		if said, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "csatflow/cmd/csatflow").CombinedOutput(); err != nil {
			return "", fmt.Errorf("building csatflow: %w\n%s", err, said)
		}
		return binary, nil
	}
	binary, err := filepath.Abs(named)
	if err == nil {
		_, err = os.Stat(binary)
	}
	if err != nil {
		return "", fmt.Errorf("--binary: %w", err)
	}
	return binary, nil
}

func (a *testbed) startEngine(ctx context.Context) error {
	lib, err := libchdb.Fetch(ctx, libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		return err
	}
	o := local.ClickHouseOptions{Library: lib, Data: filepath.Join(a.dir, "clickhouse"), NativeAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", MemoryBytes: 6 << 30}
	if a.engine, err = local.StartClickHouse(ctx, o); err != nil {
		return err
	}
	a.conn, err = clickhouse.Open(&clickhouse.Options{Addr: []string{a.engine.NativeAddr()}, ReadTimeout: 5 * time.Minute})
	if err != nil {
		return fmt.Errorf("connecting to ClickHouse: %w", err)
	}
	return nil
}

func (a *testbed) close() error {
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

// setup is one configuration: a group and a database of its own over the topics of a feed.
type setup struct {
	file, database, listen string
}

// configure writes a configuration, with more as further lines of YAML. Without ClickHouse it names an address at which
// nothing listens, for dry runs.
func (a *testbed) configure(topics *topics, raw bool, more ...string) (*setup, error) {
	a.setups++
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	engine := "127.0.0.1:1"
	if a.engine != nil {
		engine = a.engine.NativeAddr()
	}
	l := &setup{file: filepath.Join(a.dir, fmt.Sprintf("setup%d.yaml", a.setups)), database: fmt.Sprintf("bench%d", a.setups), listen: listen}
	text := fmt.Sprintf(`kafka: {brokers: [%s], group: bench%d, partitions: %d, topics: {responses: %s, complaints: %s, purchases: '', observations: '', departures: '', asked: '', deadletter: %s}}
clickhouse: {address: [%s], database: %s, raw_tables: %v}
listen: %s
log: {level: warn}
alerts: {enabled: false}
%s
`, a.broker.Addr, a.setups, topics.partitions, topics.responses, topics.complaints, topics.dead, engine, l.database, raw, listen, strings.Join(more, "\n"))
	if err := os.WriteFile(l.file, []byte(text), 0o644); err != nil {
		return nil, fmt.Errorf("writing a configuration: %w", err)
	}
	return l, nil
}

// migrated writes a configuration and makes its tables.
func (a *testbed) migrated(ctx context.Context, topics *topics, raw bool, more ...string) (*setup, error) {
	l, err := a.configure(topics, raw, more...)
	if err != nil {
		return nil, err
	}
	p, err := a.start(ctx, "migrate", "--config", l.file)
	if err != nil {
		return nil, err
	}
	return l, p.wait()
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
