// Package apachezookeeper runs one Apache ZooKeeper on this machine, for tests of replicated ClickHouse tables. Java runs it;
// Maven fetches it once into the user's cache. Start at [Start].
package apachezookeeper

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"csatflow/deploy/trial/maven"
)

//go:embed pom.xml
var pom []byte

// Server is a running ZooKeeper.
type Server struct {
	Addr string // host:port
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts a server on a free port of 127.0.0.1, with its data in dir, and waits until it takes connections.
func Start(ctx context.Context, dir string) (*Server, error) {
	jars, err := maven.Jars(ctx, "zookeeper", pom)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a free port: %w", err)
	}
	s := &Server{Addr: l.Addr().String(), done: make(chan struct{})}
	_ = l.Close() // nothing was accepted
	properties := filepath.Join(dir, "zoo.cfg")
	text := fmt.Sprintf("tickTime=500\ndataDir=%s/data\nclientPortAddress=127.0.0.1\nclientPort=%s\nadmin.enableServer=false\nmaxClientCnxns=0\nforceSync=no\n", dir, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	if err := os.WriteFile(properties, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("writing zoo.cfg: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, fmt.Errorf("ZooKeeper's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	s.cmd = exec.Command("java", "-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(jars, "*"), "org.apache.zookeeper.server.ZooKeeperServerMain", properties)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting Java: %w", err)
	}
	go func() {
		_ = s.cmd.Wait() // its log says how it ended
		close(s.done)
	}()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if s.serves() {
			return s, nil
		}
		select {
		case <-s.done:
			said, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("ZooKeeper ended at its start:\n%s", said)
		default:
		}
		if err := ctx.Err(); err != nil || time.Now().After(deadline) {
			return nil, errors.Join(errors.New("ZooKeeper does not answer"), context.Cause(ctx), s.Kill())
		}
	}
}

// serves reports whether the server takes sessions: its port opens earlier.
func (s *Server) serves() bool {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // a connection has deadlines
	if _, err := conn.Write([]byte("srvr")); err != nil {
		return false
	}
	said, _ := io.ReadAll(conn) // what arrived counts
	return bytes.Contains(said, []byte("Mode:"))
}

// Kill ends the server and waits for that.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing ZooKeeper: %w", err)
	}
	<-s.done
	return nil
}
