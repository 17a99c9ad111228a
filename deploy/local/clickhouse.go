package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
)

// stopTime is how long a child has after SIGTERM before it is killed.
const stopTime = 15 * time.Second

// ClickHouseOptions says where the embedded ClickHouse keeps its data and listens.
type ClickHouseOptions struct {
	Library     string // path of libchdb.so, see package libchdb
	Data        string // data directory, created if absent
	NativeAddr  string // host:port of the native protocol; port 0 takes a free one
	HTTPAddr    string // host:port of HTTP; "" serves none
	Password    string // of the user [User]; "" admits everybody on this machine
	MemoryBytes int64  // limit on the engine's memory, 2 GiB if 0
	Log         *slog.Logger
	unconfined  bool // behave as on a kernel without Landlock
}

// ClickHouse is a running child process that serves ClickHouse. Its methods may be called from any goroutine.
type ClickHouse struct {
	report  childReport
	process *os.Process
	stdin   io.WriteCloser // its end tells the child that the parent is gone
	done    chan struct{}
	err     error // after done: how the child ended
}

// StartClickHouse starts the child process and waits until it answers a query; ctx bounds the wait, not the child. The child
// ends with this process. If another process uses the data directory, the error is [ErrInUse].
func StartClickHouse(ctx context.Context, o ClickHouseOptions) (*ClickHouse, error) {
	c, err := launch(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded ClickHouse: %w", err)
	}
	if err := c.answers(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded ClickHouse: %w", err), c.Kill())
	}
	return c, nil
}

func launch(ctx context.Context, o ClickHouseOptions) (*ClickHouse, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var err error
	if o.NativeAddr, err = loopback(o.NativeAddr, "--clickhouse"); err != nil {
		return nil, err
	}
	if o.HTTPAddr != "" {
		if o.HTTPAddr, err = loopback(o.HTTPAddr, "--http"); err != nil {
			return nil, err
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("own executable: %w", err)
	}
	options, err := json.Marshal(childOptions{
		Library: o.Library, Data: o.Data, NativeAddr: o.NativeAddr, HTTPAddr: o.HTTPAddr,
		MemoryBytes: o.MemoryBytes, Debug: log.Enabled(ctx, slog.LevelDebug), Unconfined: o.unconfined,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the child's options: %w", err)
	}
	reports, reportEnd, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the child's report: %w", err)
	}
	defer func() { _ = reports.Close() }() // only read
	logs, logEnd, err := os.Pipe()
	if err != nil {
		_ = reportEnd.Close() // nothing was written
		return nil, fmt.Errorf("pipe for the child's log: %w", err)
	}
	cmd := exec.Command(executable) //nolint:gosec // ourselves; ctx does not bound it
	cmd.Env = append(environment(), childVariable+"="+clickHouseChild, optionsVariable+"="+string(options), "TZ=UTC")
	cmd.Stdout, cmd.Stderr = logEnd, logEnd
	cmd.ExtraFiles = []*os.File{reportEnd}
	cmd.SysProcAttr = childAttributes()
	c := &ClickHouse{done: make(chan struct{})}
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("pipe for the child's input: %w", err)
	}
	go forward(logs, log)
	started := make(chan error, 1)
	go c.run(cmd, started)
	err = <-started
	_, _ = reportEnd.Close(), logEnd.Close() // the child has its own
	if err != nil {
		return nil, err
	}
	secrets := childSecrets{Password: o.Password}
	if o.Password != "" {
		secrets.User = User
	}
	if err := json.NewEncoder(c.stdin).Encode(secrets); err != nil && !errors.Is(err, syscall.EPIPE) { // a child that has ended reports why
		return nil, errors.Join(fmt.Errorf("handing the child its password: %w", err), c.Kill())
	}
	return c, c.await(ctx, reports)
}

// environment is the part of this process's environment for the child: nothing that may be a secret.
func environment() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "GOTRACEBACK", "GOMAXPROCS"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// run starts the child and waits for its end on one thread, since the kernel kills the child when that thread ends.
func (c *ClickHouse) run(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- fmt.Errorf("process: %w", err)
		return
	}
	c.process = cmd.Process
	started <- nil
	if err := cmd.Wait(); err != nil {
		c.err = fmt.Errorf("embedded ClickHouse (process %d) ended: %w", c.process.Pid, err)
	}
	close(c.done)
}

// await reads the child's report.
func (c *ClickHouse) await(ctx context.Context, reports *os.File) error {
	got := make(chan error, 1)
	go func() { got <- json.NewDecoder(reports).Decode(&c.report) }()
	select {
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("waiting for the process: %w", ctx.Err()), c.Kill())
	case err := <-got:
		if err != nil {
			return errors.Join(errors.New("the process ended before it could serve; its log says why (does main call local.RunChild first?)"), c.Kill())
		}
	}
	if c.report.Error == "" {
		return nil
	}
	_ = c.Kill() // it is ending anyway
	if c.report.InUse {
		return fmt.Errorf("%s%w", strings.TrimSuffix(c.report.Error, ErrInUse.Error()), ErrInUse)
	}
	return errors.New(c.report.Error)
}

// answers asks the server SELECT 1.
func (c *ClickHouse) answers(ctx context.Context, o ClickHouseOptions) error {
	conn, err := driver.Open(&driver.Options{
		Addr: []string{c.NativeAddr()}, Auth: driver.Auth{Username: User, Password: o.Password}, MaxOpenConns: 1,
	})
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", c.NativeAddr(), err)
	}
	var one uint8
	if err := errors.Join(conn.QueryRow(ctx, "SELECT 1").Scan(&one), conn.Close()); err != nil {
		return fmt.Errorf("first query to %s: %w", c.NativeAddr(), err)
	}
	return nil
}

// forward logs the child's log lines.
func forward(logs *os.File, log *slog.Logger) {
	defer func() { _ = logs.Close() }() // only read
	lines := bufio.NewScanner(logs)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record map[string]any
		if json.Unmarshal(lines.Bytes(), &record) != nil {
			log.Warn("clickhouse: " + lines.Text())
			continue
		}
		var level slog.Level
		name, _ := record["level"].(string)
		_ = level.UnmarshalText([]byte(name)) // info if it is not a level
		text, _ := record["msg"].(string)
		var rest []any
		for k, v := range record {
			if k != "time" && k != "level" && k != "msg" {
				rest = append(rest, k, v)
			}
		}
		log.Log(context.Background(), level, "clickhouse: "+text, rest...)
	}
	_, _ = io.Copy(io.Discard, logs) // a line too long must not stop the child
}

// NativeAddr is the address of the native protocol.
func (c *ClickHouse) NativeAddr() string { return c.report.Native }

// HTTPAddr is the address of HTTP, "" if it is not served.
func (c *ClickHouse) HTTPAddr() string { return c.report.HTTP }

// Pid is the child's process id.
func (c *ClickHouse) Pid() int { return c.process.Pid }

// Done is closed when the child has ended, for whatever reason.
func (c *ClickHouse) Done() <-chan struct{} { return c.done }

// Err is why the child ended: nil while it runs and after an orderly end.
func (c *ClickHouse) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Stop ends the child in order, or kills it when ctx ends or it takes too long, and waits for its end. An error means that the
// end was not orderly; the data survive that.
func (c *ClickHouse) Stop(ctx context.Context) error {
	if err := c.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(fmt.Errorf("stopping the embedded ClickHouse: %w", err), c.Kill())
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
	case <-time.After(stopTime):
	}
	return errors.Join(errors.New("embedded ClickHouse did not stop in time and was killed"), c.Kill())
}

// Kill ends the child at once (SIGKILL) and waits for its end.
func (c *ClickHouse) Kill() error {
	if err := c.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing the embedded ClickHouse: %w", err)
	}
	<-c.done
	return nil
}
