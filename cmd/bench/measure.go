package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// figures are what one run took.
type figures struct {
	events int64
	wall   time.Duration
	cpu    time.Duration // of csatflow
	engine time.Duration // of ClickHouse
	rss    int64         // most bytes of memory of csatflow
	bytes  int64         // that ClickHouse has on disk afterwards
	stored int64         // rows of it
}

func (f *figures) perMillion(d time.Duration) float64 { return d.Seconds() / float64(f.events) * 1e6 }
func (f *figures) rate() float64                      { return float64(f.events) / f.wall.Seconds() }

// run runs csatflow to its end.
func (a *arena) run(ctx context.Context, f *feed, args ...string) (*figures, error) {
	if a.profiles != "" {
		if err := os.MkdirAll(a.profiles, 0o755); err != nil {
			return nil, err
		}
		args = append(args, "--cpu-profile", filepath.Join(a.profiles, fmt.Sprintf("run%d.prof", a.lives)))
	}
	return a.runs(ctx, f, args)
}

// runs runs several processes side by side and adds up what they took.
func (a *arena) runs(ctx context.Context, f *feed, argLists ...[]string) (*figures, error) {
	before, err := cpuOf(a.engine.Pid())
	if err != nil {
		return nil, err
	}
	var cmds []*exec.Cmd
	var said []*bytes.Buffer
	began := time.Now()
	for _, args := range argLists {
		cmd := exec.CommandContext(ctx, a.binary, args...)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		out := &bytes.Buffer{}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		cmds, said = append(cmds, cmd), append(said, out)
	}
	got := &figures{events: f.events}
	var errs []error
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w: %s", strings.Join(argLists[i], " "), err, tail(said[i].String())))
			continue
		}
		u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		got.cpu += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		got.rss += u.Maxrss << 10
	}
	got.wall = time.Since(began)
	after, err := cpuOf(a.engine.Pid())
	got.engine = after - before
	return got, errors.Join(append(errs, err)...)
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

var afterName = regexp.MustCompile(`\) (.*)`)

// cpuOf is the user and system time that a process has had.
func cpuOf(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	m := afterName.FindSubmatch(b)
	if m == nil {
		return 0, fmt.Errorf("/proc/%d/stat says %q", pid, b)
	}
	fields := strings.Fields(string(m[1]))
	ticks := int64(0)
	for _, i := range []int{11, 12} { // utime and stime, the 14th and 15th of the whole line
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	const ticksPerSecond = 100 // USER_HZ of Linux
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// written runs csatflow with ClickHouse, on a database of its own, and checks the count of responses.
func (a *arena) written(ctx context.Context, f *feed, raw bool) (*figures, error) {
	l, err := a.configure(f, raw)
	if err != nil {
		return nil, err
	}
	if out, err := a.command(ctx, "migrate", "--config", l.file); err != nil {
		return nil, fmt.Errorf("migrate: %w: %s", err, out)
	}
	got, err := a.run(ctx, f, "run", "--config", l.file, "--until-end")
	if err != nil {
		return nil, err
	}
	if err := a.verify(ctx, f, l); err != nil {
		return nil, err
	}
	var disk, rows uint64
	err = a.conn.QueryRow(ctx, "SELECT sum(bytes_on_disk), sum(rows) FROM system.parts WHERE active AND database = ?", l.database).Scan(&disk, &rows)
	got.bytes, got.stored = int64(disk), int64(rows)
	return got, errors.Join(err, a.conn.Exec(ctx, "DROP DATABASE "+l.database))
}

// verify compares the sum of the views with the feed.
func (a *arena) verify(ctx context.Context, f *feed, l *life) error {
	var n uint64
	if err := a.conn.QueryRow(ctx, "SELECT sum(responses) FROM "+l.database+".satisfaction_by_survey WHERE resolution = 86400 AND scope_kind = 'all'").Scan(&n); err != nil {
		return fmt.Errorf("counting responses: %w", err)
	}
	if int64(n) != f.responses {
		return fmt.Errorf("the view counts %d responses, the feed has %d: nothing was measured", n, f.responses)
	}
	return nil
}

// dry runs csatflow without ClickHouse.
func (a *arena) dry(ctx context.Context, f *feed, more ...string) (*figures, error) {
	l, err := a.configure(f, false, more...)
	if err != nil {
		return nil, err
	}
	return a.run(ctx, f, "run", "--config", l.file, "--dry-run")
}

// command runs the program for what is not measured.
func (a *arena) command(ctx context.Context, args ...string) ([]byte, error) {
	return exec.CommandContext(ctx, a.binary, args...).CombinedOutput()
}
