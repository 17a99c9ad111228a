package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// common has the flags of all subcommands.
type common struct {
	feedConfig
	Binary  string `placeholder:"FILE" help:"The program to measure (default: built from these sources)."`
	Out     string `default:"deploy/bench" help:"Folder of the results."`
	Profile string `placeholder:"DIR" help:"Folder for a CPU profile of each measured run, for go tool pprof."`
}

type runCommand struct {
	common
	Events  int           `default:"2060000" help:"Responses and complaint steps of a run; for the marginal cost there are also runs with three times as many."`
	Repeats int           `default:"3" help:"Runs of each kind; the table has the medians."`
	Latency time.Duration `default:"30s" help:"For how long the time from append to view is measured; 0 skips it."`
}

func (runCommand) Help() string {
	return `Example:
  go run ./cmd/bench run --events 200000 --repeats 1

It writes bench.md. If a view disagrees with the feed, it exits with 1.`
}

func (cmd *runCommand) Run(ctx context.Context) (err error) {
	cmd.feedConfig.Events = cmd.Events
	a, err := newTestbed(ctx, &cmd.common, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	rows, f, err := mainRows(ctx, a, cmd.feedConfig, cmd.Repeats)
	if err != nil {
		return err
	}
	text := "# What csatflow costs\n\n" + machine() + "\n\n" + title(f, cmd.feedConfig, cmd.Repeats) + table("run", rows, mainColumns) + mainNotes
	if cmd.Latency > 0 {
		said, err := a.latencyAtHalf(ctx, cmd.feedConfig, rows[1].median(rate), cmd.Latency)
		if err != nil {
			return fmt.Errorf("time from append to view: %w", err)
		}
		text += "\n" + said
	}
	return write(filepath.Join(cmd.Out, "bench.md"), text)
}

var mainColumns = []column{
	{name: "events/s", value: rate}, {name: "CPU s per million events", digits: 2, value: cpu},
	{name: "of ClickHouse", digits: 2, value: engineCPU}, {name: "of Kafka", digits: 2, value: brokerCPU},
	{name: "memory MiB", value: memory}, {name: "of ClickHouse", value: engineMem},
	{name: "rows per event", digits: 2, value: rowsEach}, {name: "bytes per event", value: bytesEach},
	{name: "written to files", value: writtenEach}, {name: "kept", value: diskEach},
}

const mainNotes = `
CPU and memory are those of each process; memory is the peak. Bytes per event: of the rows that ClickHouse took, not compressed;
then what it wrote to files, merges included; then what its tables take afterwards. ClickHouse's CPU includes its merges, also those
after the run; events/s counts until the end of the process. The marginal rows are the cost of the additional events in a run of
three times as many, without the start. All processes share the machine.
`

// mainRows measures a feed and one three times as long.
func mainRows(ctx context.Context, a *testbed, s feedConfig, repeats int) ([]row, *feed, error) {
	f, err := a.fill(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	s.Events *= 3
	long, err := a.fill(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	var rows []row
	for _, kind := range []struct {
		name string
		one  func() (*figures, error)
	}{
		{"the pipeline alone (`run --dry-run`)", func() (*figures, error) { return a.dry(ctx, f) }},
		{"with ClickHouse, without raw tables", func() (*figures, error) { return a.written(ctx, f, false, 1) }},
		{"with ClickHouse and raw tables", func() (*figures, error) { return a.written(ctx, f, true, 1) }},
		{"the pipeline alone, three times the events", func() (*figures, error) { return a.dry(ctx, long) }},
		{"with ClickHouse, three times the events", func() (*figures, error) { return a.written(ctx, long, false, 1) }},
	} {
		got, err := repeat(repeats, kind.one)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", kind.name, err)
		}
		rows = append(rows, row{kind.name, got})
		progress(kind.name, got)
	}
	rows = append(rows, row{"marginal: the pipeline alone", runs{marginal(rows[0].runs, rows[3].runs)}},
		row{"marginal: with ClickHouse", runs{marginal(rows[1].runs, rows[4].runs)}})
	return rows, f, nil
}

func progress(name string, r runs) {
	fmt.Fprintf(os.Stderr, "%s: %s events/s, CPU s per million %s, of ClickHouse %s, %s MiB\n",
		name, number(r.median(rate), 0), number(r.median(cpu), 2), number(r.median(engineCPU), 2), number(r.median(memory), 0))
}

func title(f *feed, s feedConfig, repeats int) string {
	return fmt.Sprintf("%s events of %s bytes in two hours, %s of them distinct responses, %s complaints opened; %s customers, %s stores, %s employees, %d partitions, real Apache Kafka. Medians of %d (least–most).\n\n",
		number(float64(f.events), 0), number(float64(f.bytes)/float64(f.events), 0), number(float64(f.responses), 0), number(float64(f.opened), 0),
		number(float64(s.Customers), 0), number(float64(s.Stores), 0), number(float64(s.Employees), 0), s.Partitions, max(repeats, 1))
}
