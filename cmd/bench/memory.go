package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

type memoryCommand struct {
	common
	Sizes []int `default:"100000,1000000" help:"Numbers of customers."`
	Each  int   `default:"5" help:"Responses of each customer."`
}

func (memoryCommand) Help() string {
	return `Example:
  go run ./cmd/bench memory --sizes 100000,1000000

It writes memory.md: memory while the feed is read, and time and memory of a process that is started again afterwards, which
restores all histories and scores from ClickHouse and ends.`
}

const memoryNotes = `
Read: the pipeline without ClickHouse (` + "`run --dry-run`" + `), and with it, raw tables off. Started again: ` + "`run --until-end`" + ` after everything has
been read: it joins its group, restores every customer, and ends; the first row is the same with nothing to restore. Memory is the
peak of the process, including the garbage collector's room.
`

func (cmd *memoryCommand) Run(ctx context.Context) (err error) {
	a, err := newTestbed(ctx, &cmd.common, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	var rows []row
	measure := func(name string, s feedConfig) error {
		dry, read, again, err := a.readAndStartAgain(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, row{name + ", read without ClickHouse", runs{dry}}, row{name + ", read", runs{read}}, row{name + ", started again", runs{again}})
		progress(name, runs{again})
		return nil
	}
	s := cmd.feedConfig
	s.Events = 1000
	if err := measure("1,000 events", s); err != nil { // the cost of joining and ending
		return err
	}
	for _, s.Customers = range cmd.Sizes {
		s.Events = s.Customers * cmd.Each * 103 / 100
		if err := measure(tick(float64(s.Customers))+" customers", s); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("# Memory, and starting again\n\n%s\n\n%d responses and 3 %% complaint steps of each customer in two hours; %s stores, %s employees, %d partitions.\n\n", machine(), cmd.Each,
		tick(float64(cmd.Stores)), tick(float64(cmd.Employees)), cmd.Partitions) + table("run", rows, []column{
		{name: "wall s", digits: 1, value: func(f *figures) float64 { return f.wall.Seconds() }},
		{name: "CPU s", digits: 1, value: func(f *figures) float64 { return f.cpu.Seconds() }},
		{name: "CPU s of ClickHouse", digits: 1, value: func(f *figures) float64 { return f.engine.Seconds() }},
		{name: "memory MiB", value: memory}}) + memoryNotes
	return write(filepath.Join(cmd.Out, "memory.md"), text)
}

// readAndStartAgain reads a feed without ClickHouse, then with it, and then restores what was written.
func (a *testbed) readAndStartAgain(ctx context.Context, s feedConfig) (dry, read, again *figures, err error) {
	f, err := a.fill(ctx, s)
	if err != nil {
		return nil, nil, nil, err
	}
	if dry, err = a.dry(ctx, f); err != nil {
		return nil, nil, nil, err
	}
	l, err := a.migrated(ctx, f.topics, false)
	if err != nil {
		return nil, nil, nil, err
	}
	run := []string{"run", "--config", l.file, "--until-end"}
	if read, _, err = a.measure(ctx, f, run); err != nil {
		return nil, nil, nil, err
	}
	if err := a.verify(ctx, f, l.database); err != nil {
		return nil, nil, nil, err
	}
	again, _, err = a.measure(ctx, f, run)
	return dry, read, again, err
}
