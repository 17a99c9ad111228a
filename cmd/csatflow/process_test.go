package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is csatflow in a process of its own, which ends with the test at the latest.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

func start(t testing.TB, args ...string) *process {
	t.Helper()
	p := &process{cmd: spawn(t, args...), done: make(chan struct{})}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // usually it has ended
		<-p.done
	})
	return p
}

// wait waits for the process to end by itself. One that does not end says in what it is.
func (p *process) wait(t *testing.T, most time.Duration) error {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(most):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // its stacks are in what it said then
		select {
		case <-p.done:
		case <-time.After(5 * time.Second):
		}
		t.Fatalf("the process goes on after %v", most)
	}
	return p.err
}

// stop asks the process to end, which it must do well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.wait(t, 20*time.Second); err != nil {
		t.Error(err)
	}
}

// said returns what the process has printed.
func (p *process) said(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(p.cmd.Stdout.(*os.File).Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// mostMemory is the peak memory of the process so far, bytes.
func (p *process) mostMemory() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	m := highWater.FindSubmatch(b)
	if m == nil {
		return 0, fmt.Errorf("process %d has no VmHWM any more", p.cmd.Process.Pid)
	}
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	return kb << 10, err
}

// within waits until so returns true.
func within(t *testing.T, most time.Duration, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(most); !so(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after %v: %s", most, what)
		}
	}
}

// page returns the address of the page that the process logs, like http://127.0.0.1:8080.
func (p *process) page(t *testing.T) string {
	t.Helper()
	_, rest, found := strings.Cut(p.said(t), `"page":"`)
	if address, _, ended := strings.Cut(rest, `/"`); found && ended {
		return address
	}
	t.Fatal("the process has not said where its page is")
	return ""
}
