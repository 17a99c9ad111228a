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
	out  bytes.Buffer // to be read after done
	peak int64        // most bytes of memory, to be read after done
	done chan struct{}
	err  error
}

// stopTime is how long a process may take to end in order; csatflow says 10 s.
const stopTime = 15 * time.Second

// start starts csatflow. It is told to stop when ctx ends.
func (a *arena) start(ctx context.Context, args ...string) (*process, error) {
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

// wait waits for the end and says what was wrong.
func (p *process) wait() error {
	<-p.done
	return p.err
}

// stop ends the process in order.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended, which wait says
	return p.wait()
}

// cpu is the user and system time that the ended process has had.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

// watchMemory gives the high-water mark of a process, as it was at most 20 ms before the end. Not rusage's: that begins with
// what the process held before it became csatflow, the memory of bench itself.
func watchMemory(pid int, ended <-chan struct{}) (most int64) {
	for {
		if n, err := peakMemory(pid); err == nil { // it has no memory when it has ended
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

// peakMemory is the most bytes that a process has had since it began, or since [forgetPeak].
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

// forgetPeak sets the high-water mark back to what the process has now.
func forgetPeak(pid int) error {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		return fmt.Errorf("forgetting the most memory of a process: %w", err)
	}
	return nil
}

// cpuOf is the user and system time that a process has had so far.
func cpuOf(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time of a process: %w", err)
	}
	// The name, in brackets, may hold anything; utime and stime are the 14th and 15th of the whole line.
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
