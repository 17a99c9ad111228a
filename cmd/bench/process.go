package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a running csatflow.
type process struct {
	cmd  *exec.Cmd
	out  bytes.Buffer // read it after done
	peak int64        // most bytes of memory; read it after done
	done chan struct{}
	err  error
}

// stopTime is how long a process may take to end in order; csatflow promises 10 s.
const stopTime = 15 * time.Second

// start starts csatflow, and stops it when ctx ends.
func (a *testbed) start(ctx context.Context, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, a.binary, args...), done: make(chan struct{})}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopTime
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting csatflow %s: %w", args[0], err)
	}
	var watched sync.WaitGroup
	ended := make(chan struct{})
	watched.Go(func() { p.peak = watchMemory(p.cmd.Process.Pid, ended) })
	go func() {
		if err := p.cmd.Wait(); err != nil {
			p.err = fmt.Errorf("csatflow %s: %w: %s", strings.Join(args, " "), err, tail(p.out.String()))
		}
		close(ended)
		watched.Wait()
		close(p.done)
	}()
	return p, nil
}

// wait waits for the end and returns its error.
func (p *process) wait() error {
	<-p.done
	return p.err
}

// stop ends the process in order.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // if it has ended, wait says so
	return p.wait()
}

// cpu is the user and system time of the ended process.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

// watchMemory returns the peak memory of a process until at most 20 ms before its end. rusage's peak would include the
// memory of bench itself, before the process became csatflow.
func watchMemory(pid int, ended <-chan struct{}) (most int64) {
	for {
		if n, err := peakMemory(pid); err == nil { // an ended process has no memory
			most = max(most, n)
		}
		select {
		case <-ended:
			return most
		case <-time.After(20 * time.Millisecond):
		}
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is the peak memory of a process in bytes, since its start or [forgetPeak].
func peakMemory(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory of a process: %w", err)
	}
	m := highWater.FindSubmatch(b)
	if m == nil {
		return 0, fmt.Errorf("process %d has no VmHWM", pid)
	}
	kib, err := strconv.ParseInt(string(m[1]), 10, 64)
	return kib << 10, err
}

// forgetPeak resets the peak to the current memory.
func forgetPeak(pid int) error {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		return fmt.Errorf("resetting the peak memory of a process: %w", err)
	}
	return nil
}

// cpuOf is the user and system time of a process so far.
func cpuOf(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time of a process: %w", err)
	}
	// The name, in brackets, may hold anything; utime and stime are fields 14 and 15 of the whole line.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat says %q", pid, b)
	}
	const ticksPerSecond = 100 // USER_HZ of Linux
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}
