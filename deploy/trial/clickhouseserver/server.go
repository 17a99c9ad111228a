package clickhouseserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Options of [Start].
type Options struct {
	Library     string // path of libchdb.so, see package libchdb
	Dir         string // for configuration, data and log; created if absent
	MemoryBytes int64  // limit on the server's memory, 2 GiB if 0
	// ResetsKill leaves the library unchanged: then the process ends when a client resets its connection.
	ResetsKill bool
	Replica    *Replica // nil for a server alone
	Password   string   // of the user default; "" admits everybody on this machine
}

// Replica makes the server one of several that replicate tables through ZooKeeper. It serves HTTP only to other
// replicas, and works with one build of the library only, see [Replicates].
type Replica struct {
	ZooKeeper string // host:port
	Name      string // the macro {replica}
}

// Server is a running server. Whenever its process ends by itself, it is started again on the same addresses and data.
type Server struct {
	Addr, HTTP string // host:port of the native protocol and of HTTP
	dir        string
	password   string
	options    []byte // of the child

	mu      sync.Mutex
	process *os.Process
	ended   chan struct{} // of the process
	down    bool          // on purpose: it is not started again
	starts  int
	err     error // why it could not be started again
}

// Start starts a server and waits until it answers; ctx bounds the wait, not the server, which ends with this process.
func Start(ctx context.Context, o Options) (*Server, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("directory %q: %w", o.Dir, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o750); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if o.MemoryBytes == 0 {
		o.MemoryBytes = 2 << 30
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	s := &Server{Addr: loopback(ports[0]), HTTP: loopback(ports[1]), dir: dir, password: o.Password}
	child := childOptions{Library: o.Library, Config: filepath.Join(dir, "config.xml"), Data: filepath.Join(dir, "data"), ResetsKill: o.ResetsKill}
	if o.Replica != nil {
		child.Interserver = ports[1]
	}
	if s.options, err = json.Marshal(child); err != nil {
		return nil, fmt.Errorf("encoding the child's options: %w", err)
	}
	usersFile := filepath.Join(dir, "users.xml")
	err = os.WriteFile(child.Config, config(&o, ports, child.Data, usersFile), 0o600)
	if err == nil && o.Password != "" {
		err = os.WriteFile(usersFile, users(o.Password), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the server's configuration: %w", err)
	}
	s.down = true
	return s, s.Restart(ctx)
}

// Restart starts the server after [Server.Kill].
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	if !s.down {
		s.mu.Unlock()
		return errors.New("the server runs already")
	}
	s.down = false
	err := s.launch()
	s.mu.Unlock()
	if err == nil {
		err = s.answer(ctx)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("starting ClickHouse's own handlers: %w", err), s.Kill())
	}
	return nil
}

// launch starts the process; the caller holds the lock.
func (s *Server) launch() error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("own executable: %w", err)
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the server's log: %w", err)
	}
	cmd := exec.Command(executable) //nolint:gosec // ourselves; no context bounds it
	cmd.Env = append(os.Environ(), childVariable+"="+string(s.options), "TZ=UTC")
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, s.dir
	cmd.SysProcAttr = childAttributes()
	stdin, err := cmd.StdinPipe() // never written to and never closed, or ClickHouse would read a table from it
	if err != nil {
		_ = log.Close() // nothing was written
		return fmt.Errorf("pipe for the server: %w", err)
	}
	started := make(chan error, 1)
	ended := make(chan struct{})
	go func() { // on one thread: the kernel kills the child when the thread that started it ends
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		_ = log.Close() // the child has its own
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // its log says how it ended
		_ = stdin.Close()
		s.again(cmd.Process)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("process: %w", err)
	}
	s.process, s.ended = cmd.Process, ended
	s.starts++
	return nil
}

// again restarts a server that ended by itself.
func (s *Server) again(was *os.Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down || s.process != was {
		return
	}
	time.Sleep(50 * time.Millisecond) // a server that cannot start must not use up the machine
	s.err = s.launch()
}

// answer waits until the server answers a statement over the native protocol.
func (s *Server) answer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{s.Addr}, Auth: clickhouse.Auth{Password: s.password}, MaxOpenConns: 1, DialTimeout: time.Second})
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", s.Addr, err)
	}
	defer func() { _ = conn.Close() }() // only read
	for before := s.Starts(); ; {
		if err = conn.Exec(ctx, "SELECT 1"); err == nil {
			return nil
		}
		if s.Starts() > before+10 {
			return fmt.Errorf("it ends as soon as it is started:\n%s", s.lastLog())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not answer (%w): %w\n%s", context.Cause(ctx), err, s.lastLog())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Await waits until the server answers, even if its process has ended meanwhile.
func (s *Server) Await(ctx context.Context) error { return s.answer(ctx) }

// Starts is how often the process has been started.
func (s *Server) Starts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts
}

// Pid is the id of the current process.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.Pid
}

// Kill ends the server by SIGKILL and waits for its end; it stays down until [Server.Restart].
func (s *Server) Kill() error {
	s.mu.Lock()
	s.down = true
	process, ended, err := s.process, s.ended, s.err
	s.mu.Unlock()
	if process == nil {
		return err
	}
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing ClickHouse (process %d): %w", process.Pid, err)
	}
	<-ended
	return err
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

func (s *Server) lastLog() string {
	text, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(bytes.TrimSpace(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		defer func() { _ = l.Close() }() // nothing was accepted
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
