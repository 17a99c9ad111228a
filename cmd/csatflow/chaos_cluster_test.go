package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
	"csatflow/deploy/trial/apachekafka"
	"csatflow/pipeline/event/lines"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/deadletter"
)

const sessionTimeout = 3 * time.Second

// cluster has servers that can be broken, each behind a proxy, and processes that are restarted when they die.
type cluster struct {
	*deployment
	ctx     context.Context
	broker  *apachekafka.Broker
	engine  *local.ClickHouse
	options local.ClickHouseOptions
	proxies map[string]*proxy
	disk    string // of ClickHouse, where it can be filled
	keepers []*keeper
	starts  atomic.Int64
	count   map[string]int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	a := &cluster{ctx: t.Context(), proxies: map[string]*proxy{}, count: map[string]int{}}
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=3g"); err == nil {
		a.disk = data
		t.Cleanup(func() {
			if err := syscall.Unmount(data, 0); err != nil {
				t.Error(err)
			}
		})
	} else {
		t.Logf("a full disk is not tried, since a file system cannot be mounted here: %v", err)
	}
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxics log everything
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	ports := freePorts(t, 3)
	var err error
	a.broker, err = apachekafka.Start(t.Context(), t.TempDir(), "advertised.listeners=PLAINTEXT://"+ports[0], "group.min.session.timeout.ms=1000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.broker.Kill(); err != nil {
			t.Error(err)
		}
	})
	lib, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	a.options = local.ClickHouseOptions{Library: lib, Data: data, NativeAddr: ports[2]}
	if err := a.startEngine(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.engine.Kill(); err != nil {
			t.Error(err)
		}
	})
	a.proxies["Kafka"] = newProxy(t, server, "kafka", ports[0], a.broker.Addr)
	a.proxies["ClickHouse"] = newProxy(t, server, "clickhouse", ports[1], ports[2])
	a.deployment = newDeployment(t, ports[0], ports[1], measured+"flush: {interval: 200ms}\n")
	text, err := os.ReadFile(a.file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("session_timeout: 6s"), []byte("rebalance_timeout: 3s, session_timeout: "+sessionTimeout.String()), 1)
	if err := os.WriteFile(a.file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "migrate", "--config", a.file, "--topics")
	return a
}

func (a *cluster) startEngine() (err error) {
	ctx, cancel := context.WithTimeout(a.ctx, time.Minute)
	defer cancel()
	a.engine, err = local.StartClickHouse(ctx, a.options)
	return err
}

func freePorts(t testing.TB, n int) (list []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		list = append(list, l.Addr().String())
	}
	return list
}

// proxy is a network that can be disturbed.
type proxy struct{ *toxiproxy.Proxy }

func newProxy(t *testing.T, server *toxiproxy.ApiServer, name, listen, upstream string) *proxy {
	t.Helper()
	p := toxiproxy.NewProxy(server, name, listen, upstream)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return &proxy{p}
}

// spoil adds a toxic to one direction for a while.
func (p *proxy) spoil(stream, toxic string, d time.Duration) error {
	text := strings.Replace(toxic, "{", `{"name": "spoilt", "stream": "`+stream+`", `, 1)
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		return err
	}
	time.Sleep(d)
	return p.Toxics.RemoveToxic(context.Background(), "spoilt")
}

// leftOfDisk is less than the free space that inserts need (schemas/tables/ddl.go), and enough for running merges.
const leftOfDisk = 128 << 20

// fill fills a file system except for leftOfDisk.
func fill(file, disk string) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(disk, &s); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(syscall.Fallocate(int(f.Fd()), 0, 0, int64(s.Bavail)*s.Bsize-leftOfDisk), f.Close())
}

// keeper runs csatflow run, and restarts it whenever it was killed.
type keeper struct {
	mu      sync.Mutex
	cmd     *exec.Cmd
	log     *os.File
	stopped bool
	trouble error // an end that the test did not cause
	done    chan struct{}
}

func (a *cluster) keep(t *testing.T) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{log: log, done: make(chan struct{})}
	a.keepers = append(a.keepers, k)
	t.Cleanup(func() {
		if err := k.signal(syscall.SIGKILL); err != nil {
			t.Error(err)
		}
		k.mu.Lock()
		k.stopped = true
		k.mu.Unlock()
		<-k.done
		if t.Failed() {
			if b, err := os.ReadFile(log.Name()); err == nil {
				t.Logf("a process said:\n%s", b[max(0, len(b)-6000):])
			}
		}
		_ = log.Close()
	})
	go func() {
		defer close(k.done)
		for k.start(a.file) {
			a.starts.Add(1)
			k.wait()
		}
	}()
}

func (k *keeper) start(file string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return false
	}
	self, err := os.Executable()
	if err != nil {
		k.trouble = err
		return false
	}
	k.cmd = exec.Command(self, "run", "--config", file)
	k.cmd.Env = append(os.Environ(), asCommand+"=1")
	k.cmd.Stdout, k.cmd.Stderr = k.log, k.log
	if err := k.cmd.Start(); err != nil {
		k.trouble = err
		return false
	}
	return true
}

func (k *keeper) wait() {
	_ = k.cmd.Wait() // its state says how it ended
	k.mu.Lock()
	defer k.mu.Unlock()
	status, _ := k.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
	case status.ExitStatus() == exitDone && k.stopped:
	case status.Signaled() && k.stopped: // just started, it did not handle signals yet
	case status.ExitStatus() == exitUnreachable && !k.stopped: // at its start, a server was away for too long
	default:
		k.trouble = errors.Join(k.trouble, fmt.Errorf("a process ended by itself: %s", k.cmd.ProcessState))
	}
	k.cmd = nil
}

// signal sends a signal to the process, if there is one.
func (k *keeper) signal(s syscall.Signal) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cmd == nil {
		return nil
	}
	if err := k.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// trouble returns an error if a process ended by itself.
func (a *cluster) trouble() error {
	var errs []error
	for _, k := range a.keepers {
		k.mu.Lock()
		errs = append(errs, k.trouble)
		k.mu.Unlock()
	}
	return errors.Join(errs...)
}

// stop ends all processes in order.
func (a *cluster) stop(t *testing.T) {
	t.Helper()
	for _, k := range a.keepers {
		k.mu.Lock()
		k.stopped = true
		k.mu.Unlock()
		if err := k.signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range a.keepers {
		<-k.done
	}
	if err := a.trouble(); err != nil {
		t.Fatal(err)
	}
}

// send sends the simulator's files to Kafka over some time, each line until it is acknowledged; a line whose
// acknowledgement is lost is there twice. wait waits for the end.
func (a *cluster) send(t *testing.T, dir string, over time.Duration) (wait func()) {
	t.Helper()
	messages := map[string][]kafkago.Message{}
	for _, topic := range inputTopics() {
		f, err := os.Open(filepath.Join(dir, strings.TrimPrefix(topic, "csat.")+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(f)
		for scanner.Scan() {
			line := bytes.Clone(scanner.Bytes())
			messages[topic] = append(messages[topic], kafkago.Message{Key: lines.LooseKey(line), Value: line})
		}
		if err := errors.Join(scanner.Err(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	const pieces = 400
	var senders sync.WaitGroup
	for topic, list := range messages {
		senders.Go(func() {
			w := &kafkago.Writer{Addr: kafkago.TCP(a.kafka), Topic: topic, Balancer: &kafkago.Murmur2Balancer{}, RequiredAcks: kafkago.RequireAll, BatchTimeout: 5 * time.Millisecond, MaxAttempts: 1}
			defer func() { _ = w.Close() }()
			for i := range pieces {
				piece := list[len(list)*i/pieces : len(list)*(i+1)/pieces]
				for w.WriteMessages(a.ctx, piece...) != nil && a.ctx.Err() == nil {
					time.Sleep(200 * time.Millisecond)
				}
				time.Sleep(over / pieces)
			}
		})
	}
	return senders.Wait
}

func (a *cluster) connection(t *testing.T) *kafka.Connection {
	t.Helper()
	c, err := kafka.Connect(kafka.Config{Brokers: []string{a.kafka}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// logEnds returns the number of messages in the input topics.
func (a *cluster) logEnds(t *testing.T) (messages int64) {
	t.Helper()
	for _, topic := range inputTopics() {
		bounds, err := a.connection(t).Bounds(t.Context(), topic, 8)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bounds {
			messages += b.End - b.First
		}
	}
	return messages
}

// applied returns how many messages the rows have absorbed.
func (a *cluster) applied(t *testing.T) (messages int64) {
	t.Helper()
	if err := a.connect(t).QueryRow(t.Context(), "SELECT sum(next) FROM positions FINAL").Scan(&messages); err != nil {
		t.Fatal(err)
	}
	return messages
}

// everyMessageIsThere checks that each message is a row as received or a dead letter.
func (a *cluster) everyMessageIsThere(t *testing.T, sent int64) {
	t.Helper()
	var rows uint64
	if err := a.connect(t).QueryRow(t.Context(), "SELECT (SELECT count() FROM responses FINAL) + (SELECT count() FROM complaint_events FINAL) + (SELECT count() FROM purchases FINAL) + (SELECT count() FROM observations FINAL) + (SELECT count() FROM departures FINAL) + (SELECT count() FROM asked FINAL)").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	letters := map[string]bool{}
	for _, m := range a.deadLetters(t) {
		letters[header(m, deadletter.HeaderTopic)+"/"+header(m, deadletter.HeaderPartition)+"/"+header(m, deadletter.HeaderOffset)] = true
	}
	if int64(rows)+int64(len(letters)) != sent {
		t.Errorf("%d messages: %d rows as received and %d dead letters", sent, rows, len(letters))
	}
	t.Logf("%d messages are rows as received, %d are dead letters", rows, len(letters))
}
