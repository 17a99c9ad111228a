// Package apachekafka runs one node of Apache Kafka on this machine, for tests and benchmarks with the real broker.
// Java runs it; Maven fetches it once into the user's cache. Start at [Start].
package apachekafka

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"csatflow/deploy/trial/maven"
)

//go:embed pom.xml
var pom []byte

// Broker is a running node: broker and controller in one process.
type Broker struct {
	Addr string // host:port
	dir  string
	jars string
	cmd  *exec.Cmd
	done chan struct{}
}

const clusterID = "MkU3OEVBNTcwNTJENDM2Qg"

// Start formats dir if it is empty, starts a node on free ports of 127.0.0.1, and waits until it answers. more are further
// lines of properties, like "message.max.bytes=1000".
func Start(ctx context.Context, dir string, more ...string) (*Broker, error) {
	jars, err := maven.Jars(ctx, "kafka", pom)
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	b := &Broker{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0])), dir: dir, jars: jars}
	if err := os.WriteFile(b.properties(), []byte(properties(ports[0], ports[1], dir)+strings.Join(more, "\n")+"\n"), 0o644); err != nil {
		return nil, fmt.Errorf("writing server.properties: %w", err)
	}
	if err := b.format(ctx); err != nil {
		return nil, err
	}
	return b, b.Restart(ctx)
}

func (b *Broker) properties() string { return filepath.Join(b.dir, "server.properties") }

func properties(port, controller int, dir string) string {
	return fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:%[2]d
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
log.dirs=%[3]s/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
log.retention.ms=-1
`, port, controller, dir)
}

func (b *Broker) java(ctx context.Context, heap string, args ...string) *exec.Cmd {
	all := append([]string{"-Xms" + heap, "-Xmx" + heap, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(b.jars, "*")}, args...)
	return exec.CommandContext(ctx, "java", all...)
}

func (b *Broker) format(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(b.dir, "data", "meta.properties")); err == nil {
		return nil
	}
	if out, err := b.java(ctx, "256m", "kafka.tools.StorageTool", "format", "-t", clusterID, "-c", b.properties()).CombinedOutput(); err != nil {
		return fmt.Errorf("formatting the broker's storage (Java 17 is needed): %w\n%s", err, out)
	}
	return nil
}

// Restart starts the node after [Broker.Kill] or [Broker.Stop], on the same address and data.
func (b *Broker) Restart(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(b.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("opening the broker's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	b.cmd = b.java(context.WithoutCancel(ctx), "512m", "kafka.Kafka", b.properties())
	b.cmd.Stdout, b.cmd.Stderr = log, log
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := b.cmd.Start(); err != nil {
		return fmt.Errorf("starting Java: %w", err)
	}
	done := make(chan struct{})
	b.done = done
	go func(cmd *exec.Cmd) {
		_ = cmd.Wait() // its log says how it ended
		close(done)
	}(b.cmd)
	return b.answer(ctx)
}

func (b *Broker) answer(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := net.DialTimeout("tcp", b.Addr, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-b.done:
			return fmt.Errorf("the broker ended at its start:\n%s", b.lastLog())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the broker does not answer after a minute:\n%s", b.lastLog())
		}
	}
}

func (b *Broker) lastLog() string {
	text, err := os.ReadFile(filepath.Join(b.dir, "log"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(bytes.TrimSpace(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// Pid is the node's process.
func (b *Broker) Pid() int { return b.cmd.Process.Pid }

// Kill ends the node by SIGKILL and waits for that.
func (b *Broker) Kill() error { return b.end(syscall.SIGKILL) }

// Stop ends the node in order.
func (b *Broker) Stop() error { return b.end(syscall.SIGTERM) }

func (b *Broker) end(sig syscall.Signal) error {
	select {
	case <-b.done:
		return nil
	default:
	}
	if err := b.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("ending the broker: %w", err)
	}
	select {
	case <-b.done:
		return nil
	case <-time.After(30 * time.Second):
		return b.cmd.Process.Kill()
	}
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
