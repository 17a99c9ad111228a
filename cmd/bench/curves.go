package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

type curvesCommand struct {
	common
	Which   []string `default:"customers,scopes,partitions,processes,disorder" enum:"customers,scopes,partitions,processes,disorder" help:"Which curves."`
	Events  int      `default:"500000" help:"Events per point; more where a curve needs them."`
	Repeats int      `default:"1" help:"Runs of each point; the table has the medians."`
	Most    int      `default:"10000000" help:"Largest number of customers."`
}

func (curvesCommand) Help() string {
	return `Example:
  go run ./cmd/bench curves --which customers,disorder --most 1000000

It writes curves/NAME.md and curves/NAME.svg.`
}

// curve is one measured dependency: what varies, and how.
type curve struct {
	name, axis, note string
	log              bool // the axis is logarithmic
	xs               []float64
	at               func(s *feedConfig, x float64)
	processes        bool // x is the number of processes, with ClickHouse
}

// mostStores is the simulator's limit.
const mostStores = 10_000

const noDryGroup = "With ClickHouse, without raw tables: a dry run has no group to share. CPU and memory are of all processes together. "

func (cmd *curvesCommand) all() []curve {
	return []curve{
		{name: "customers", axis: "customers", log: true, xs: below([]float64{1e4, 1e5, 1e6, 1e7}, float64(cmd.Most)),
			note: "There are at least as many events as customers, so in the largest feeds a customer has one response or none. ",
			at:   func(s *feedConfig, x float64) { s.Customers, s.Events = int(x), max(s.Events, int(x)) }},
		{name: "scopes", axis: "stores and employees", log: true, xs: []float64{1e2, 1e3, 1e4, 1e5, 1e6},
			note: "One store for ten employees, up to 10,000 stores; at least two events per scope. memory.panes is the default: beyond it the panes that end first leave memory, and a dry run has no ClickHouse to read them back. ",
			at: func(s *feedConfig, x float64) {
				s.Stores = min(int(x)/11, mostStores)
				s.Employees, s.Events = int(x)-s.Stores, max(s.Events, 2*int(x))
			}},
		{name: "partitions", axis: "partitions", log: true, xs: []float64{1, 2, 4, 8, 16, 32, 64}, at: func(s *feedConfig, x float64) { s.Partitions = int(x) }},
		{name: "processes", axis: "processes", xs: []float64{1, 2}, note: noDryGroup, at: func(*feedConfig, float64) {}, processes: true},
		{name: "disorder", axis: "share of events that are late by minutes to days", xs: []float64{0, 0.05, 0.1, 0.2, 0.3, 0.5}, at: func(s *feedConfig, x float64) { s.Late = x }},
	}
}

func below(xs []float64, most float64) []float64 {
	return slices.DeleteFunc(xs, func(x float64) bool { return x > most })
}

func (cmd *curvesCommand) Run(ctx context.Context) error {
	cmd.feedConfig.Events = cmd.Events
	for _, c := range cmd.all() {
		if !slices.Contains(cmd.Which, c.name) {
			continue
		}
		if err := cmd.draw(ctx, &c); err != nil {
			return fmt.Errorf("curve of %s: %w", c.name, err)
		}
	}
	return nil
}

// point is one measured point of a curve.
type point struct {
	x float64
	runs
}

var curveColumns = []column{
	{name: "events", value: func(f *figures) float64 { return float64(f.events) }}, {name: "CPU s per million events", digits: 2, value: cpu},
	{name: "events/s", value: rate}, {name: "memory MiB", value: memory},
}

// draw measures a curve, each point on servers of its own. It writes the files after each point, since a point may take long.
func (cmd *curvesCommand) draw(ctx context.Context, c *curve) error {
	var points []point
	for _, x := range c.xs {
		got, err := cmd.point(ctx, c, x)
		if err != nil {
			return fmt.Errorf("at %s: %w", tick(x), err)
		}
		progress(c.name+" "+tick(x), got)
		points = append(points, point{x, got})
		folder := filepath.Join(cmd.Out, "curves")
		if err := save(filepath.Join(folder, c.name+".md"), cmd.text(c, points)); err != nil {
			return err
		}
		if err := plotCurve(filepath.Join(folder, c.name+".svg"), c, points); err != nil {
			return err
		}
	}
	fmt.Println(cmd.text(c, points))
	return nil
}

func (cmd *curvesCommand) text(c *curve, points []point) string {
	columns, note := curveColumns, c.note
	if c.processes {
		columns = append(slices.Clone(columns), column{name: "of ClickHouse, CPU s per million events", digits: 2, value: engineCPU})
	} else {
		note = "The pipeline alone (`run --dry-run`). " + note
	}
	var rows []row
	for _, p := range points {
		rows = append(rows, row{tick(p.x), p.runs})
	}
	return fmt.Sprintf("# Cost of an event against %s\n\n%s\n\n%sEvents of two hours; where not varied: %s customers, %s stores, %s employees, %d partitions, %g late. Medians of %d.\n\n![CPU seconds per million events against %s](%s.svg)\n\n",
		c.axis, machine(), note, tick(float64(cmd.Customers)), tick(float64(cmd.Stores)), tick(float64(cmd.Employees)), cmd.Partitions, cmd.Late, max(cmd.Repeats, 1), c.axis, c.name) +
		table(c.axis, rows, columns)
}

func (cmd *curvesCommand) point(ctx context.Context, c *curve, x float64) (_ runs, err error) {
	a, err := newTestbed(ctx, &cmd.common, c.processes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	s := cmd.feedConfig
	c.at(&s, x)
	f, err := a.fill(ctx, s)
	if err != nil {
		return nil, err
	}
	return repeat(cmd.Repeats, func() (*figures, error) {
		if c.processes {
			return a.written(ctx, f, false, int(x))
		}
		return a.dry(ctx, f)
	})
}
