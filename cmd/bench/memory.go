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

It writes memory.md: memory while the feed is read, and time and memory of a process that is started again when everything
has been read, so that it restores all histories and scores from ClickHouse and ends.`
}

const memoryNotes = `
Read: the pipeline without ClickHouse (` + "`run --dry-run`" + `), and with it, raw tables off. Started again: ` + "`run --until-end`" + ` when all has been
read: it joins its group, restores every customer, and ends; what that takes with nothing to restore stands in the first row. Memory is
the high-water mark of the process, the collector's room included.
`

func (cmd *memoryCommand) Run(ctx context.Context) (err error) {
	a, err := newArena(ctx, &cmd.common, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	var rows []row
	for i, customers := range append([]int{1}, cmd.Sizes...) {
		s := cmd.shape
		s.Customers, s.Events = customers, customers*cmd.Each*103/100
		if i == 0 { // what joining and ending takes
			s.Customers, s.Events = cmd.Customers, 1000
		}
		dry, again, read, err := cmd.size(ctx, a, s)
		if err != nil {
			return fmt.Errorf("%d customers: %w", customers, err)
		}
		name := tick(float64(customers)) + " customers"
		if i == 0 {
			name = "1,000 events"
		}
		rows = append(rows, row{name + ", read without ClickHouse", runs{dry}}, row{name + ", read", runs{read}}, row{name + ", started again", runs{again}})
		progress(name, runs{again})
	}
	text := fmt.Sprintf("# Memory, and starting again\n\n%s\n\n%d responses and 3 %% complaint steps of each customer in two hours; %s stores, %s employees, %d partitions.\n\n", machine(), cmd.Each,
		tick(float64(cmd.Stores)), tick(float64(cmd.Employees)), cmd.Partitions) + table("run", rows, []column{
		{name: "wall s", digits: 1, value: func(f *figures) float64 { return f.wall.Seconds() }},
		{name: "CPU s", digits: 1, value: func(f *figures) float64 { return f.cpu.Seconds() }},
		{name: "CPU s of ClickHouse", digits: 1, value: func(f *figures) float64 { return f.engine.Seconds() }},
		{name: "memory MiB", value: memory}}) + memoryNotes
	return write(filepath.Join(cmd.Out, "memory.md"), text)
}

// size measures one number of customers.
func (cmd *memoryCommand) size(ctx context.Context, a *arena, s shape) (dry, again, read *figures, err error) {
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
	return dry, again, read, err
}
