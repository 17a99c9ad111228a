package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// common is what all subcommands take.
type common struct {
	shape
	Binary  string `default:"bin/csatflow" help:"The program to measure."`
	Repeats int    `default:"3" help:"Runs of each kind; the table has the median."`
	Out     string `default:"deploy/bench" help:"Folder of the results."`
	Profile string `placeholder:"DIR" help:"Folder for a CPU profile of each measured run, for go tool pprof."`
}

type runCommand struct{ common }

func (runCommand) Help() string {
	return "Example:\n  go run ./cmd/bench run --events 200000 --repeats 1"
}

// row is a line of the table.
type row struct {
	name string
	*figures
}

func (cmd *runCommand) Run(ctx context.Context) (err error) {
	a, err := newArena(ctx, cmd.Binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	a.profiles = cmd.Profile
	rows, feed, err := cmd.rows(ctx, a)
	if err != nil {
		return err
	}
	rate := rows[1].rate() / 2
	late, err := a.latency(ctx, feed, int(rate))
	if err != nil {
		return err
	}
	text := machine() + cmd.title(feed) + table(rows) + fmt.Sprintf("\nFrom append to visible, all rows written, flush.interval 1s, at %.0f events/s (half the rate above): p50 %s, p99 %s of %d events.\n",
		rate, late.quantile(0.5).Round(time.Millisecond), late.quantile(0.99).Round(time.Millisecond), len(late))
	return write(filepath.Join(cmd.Out, "bench.md"), text)
}

// rows measures the feed and one three times as long.
func (cmd *runCommand) rows(ctx context.Context, a *arena) ([]row, *feed, error) {
	f, err := a.fill(ctx, cmd.shape)
	if err != nil {
		return nil, nil, err
	}
	longer := cmd.shape
	longer.Events *= 3
	f3, err := a.fill(ctx, longer)
	if err != nil {
		return nil, nil, err
	}
	var rows []row
	for _, kind := range []struct {
		name string
		one  func() (*figures, error)
	}{
		{"the pipeline alone (run --dry-run)", func() (*figures, error) { return a.dry(ctx, f) }},
		{"with ClickHouse, raw tables off", func() (*figures, error) { return a.written(ctx, f, false) }},
		{"with ClickHouse, raw tables on", func() (*figures, error) { return a.written(ctx, f, true) }},
		{"the pipeline alone, three times the events", func() (*figures, error) { return a.dry(ctx, f3) }},
	} {
		got, err := median(cmd.Repeats, kind.one)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", kind.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f events/s, %.2f CPU s a million, ClickHouse %.2f, %d MiB\n", kind.name, got.rate(), got.perMillion(got.cpu), got.perMillion(got.engine), got.rss>>20)
		rows = append(rows, row{kind.name, got})
	}
	one, three := rows[0].figures, rows[3].figures
	rows = append(rows, row{"marginal: the difference of the two", &figures{events: three.events - one.events, wall: three.wall - one.wall, cpu: three.cpu - one.cpu, rss: three.rss}})
	return rows, f, nil
}

// median is the run with the middle CPU time.
func median(repeats int, one func() (*figures, error)) (*figures, error) {
	var list []*figures
	for range max(repeats, 1) {
		got, err := one()
		if err != nil {
			return nil, err
		}
		list = append(list, got)
	}
	slices.SortFunc(list, func(a, b *figures) int { return int(a.cpu - b.cpu) })
	return list[len(list)/2], nil
}

func (c *common) title(f *feed) string {
	return fmt.Sprintf("%d events (%.0f bytes each) of %d customers, %d stores, %d employees in two hours, %d partitions, real Apache Kafka; medians of %d.\n\n",
		f.events, float64(f.bytes)/float64(f.events), c.Customers, c.Stores, c.Employees, c.Partitions, c.Repeats)
}
