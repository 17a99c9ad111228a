package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// dry runs csatflow without ClickHouse. It checks that nothing was diverted; the runs with ClickHouse verify the
// results.
func (a *testbed) dry(ctx context.Context, f *feed) (*figures, error) {
	l, err := a.configure(f.topics, false)
	if err != nil {
		return nil, err
	}
	got, said, err := a.measure(ctx, f, []string{"run", "--config", l.file, "--dry-run"})
	if err != nil {
		return nil, err
	}
	if !strings.Contains(said, "dead letters: 0\n") {
		return nil, fmt.Errorf("the dry run diverted events, and the feed has no bad ones: %s", tail(said))
	}
	got.engine, got.engineRSS, got.rows, got.inserted, got.written = 0, 0, 0, 0, 0 // of an idle ClickHouse
	return got, nil
}

// written runs one or several csatflow of one group on a database of their own, and checks the counts of the views.
func (a *testbed) written(ctx context.Context, f *feed, raw bool, processes int) (*figures, error) {
	l, err := a.migrated(ctx, f.topics, raw)
	if err != nil {
		return nil, err
	}
	var commands [][]string
	for range processes {
		listen, err := freePort()
		if err != nil {
			return nil, err
		}
		commands = append(commands, []string{"run", "--config", l.file, "--until-end", "--listen", listen})
	}
	got, _, err := a.measure(ctx, f, commands...)
	if err != nil {
		return nil, err
	}
	if err := a.verify(ctx, f, l.database); err != nil {
		return nil, err
	}
	if got.disk, err = a.onDisk(ctx, l.database); err != nil {
		return nil, err
	}
	if err := a.conn.Exec(ctx, "DROP DATABASE "+l.database); err != nil {
		return nil, fmt.Errorf("dropping database %s: %w", l.database, err)
	}
	return got, nil
}

// measure runs commands in parallel to their ends, and returns the sum of their figures and their output.
func (a *testbed) measure(ctx context.Context, f *feed, commands ...[]string) (_ *figures, said string, err error) {
	if a.engine != nil {
		if err := forgetPeak(a.engine.Pid()); err != nil {
			return nil, "", err
		}
	}
	before, err := a.read(ctx)
	if err != nil {
		return nil, "", err
	}
	got := &figures{events: f.events}
	began := time.Now()
	ended, err := a.together(ctx, commands)
	got.wall = time.Since(began)
	if err != nil {
		return nil, "", err
	}
	for _, p := range ended {
		got.cpu += p.cpu()
		got.rss += p.peak
		said += p.out.String()
	}
	if err := a.settle(ctx); err != nil {
		return nil, "", err
	}
	after, err := a.read(ctx)
	if err != nil {
		return nil, "", err
	}
	got.since(&before, &after)
	return got, said, nil
}

// together runs commands to their ends. If one cannot be started, the others are stopped.
func (a *testbed) together(ctx context.Context, commands [][]string) (list []*process, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for i, args := range commands {
		if a.profiles != "" {
			args = append(args, "--cpu-profile", filepath.Join(a.profiles, fmt.Sprintf("run%d-%d.prof", a.setups, i)))
		}
		p, startErr := a.start(ctx, args...)
		if startErr != nil {
			err = startErr
			cancel()
			break
		}
		list = append(list, p)
	}
	for _, p := range list {
		err = errors.Join(err, p.wait())
	}
	return list, err
}

// verify compares sums of the views with the simulator's counts.
func (a *testbed) verify(ctx context.Context, f *feed, database string) error {
	for _, c := range []struct {
		what, from string
		want       int64
	}{
		{"responses", "satisfaction_by_survey", f.responses},
		{"opened", "recovery", f.opened},
	} {
		var n uint64
		if err := a.conn.QueryRow(ctx, fmt.Sprintf("SELECT sum(%s) FROM %s.%s WHERE resolution = 86400 AND scope_kind = 'all'", c.what, database, c.from)).Scan(&n); err != nil {
			return fmt.Errorf("summing %s in view %s: %w", c.what, c.from, err)
		}
		if int64(n) != c.want {
			return fmt.Errorf("view %s: %d %s, the feed has %d: the figures of this run mean nothing", c.from, n, c.what, c.want)
		}
	}
	return nil
}

// repeat runs one several times.
func repeat(n int, one func() (*figures, error)) (list runs, err error) {
	for range max(n, 1) {
		got, err := one()
		if err != nil {
			return nil, err
		}
		list = append(list, got)
	}
	return list, nil
}
