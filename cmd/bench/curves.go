package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type curvesCommand struct {
	common
	Which []string `default:"customers,scopes,partitions,processes,disorder" enum:"customers,scopes,partitions,processes,disorder" help:"Which of them."`
	Most  int      `default:"10000000" help:"Largest number of customers."`
}

// point is one measured place of a curve.
type point struct {
	x float64
	*figures
}

type curve struct {
	name, axis string
	log        bool
	xs         []float64
	at         func(s *shape, x float64)
}

func (cmd *curvesCommand) all() []curve {
	return []curve{
		{"customers", "customers", true, []float64{1e4, 1e5, 1e6, 1e7}, func(s *shape, x float64) {
			s.Customers, s.Events = int(x), max(500_000, int(x))
		}},
		{"scopes", "stores and employees", true, []float64{1e2, 1e3, 1e4, 1e5, 1e6}, func(s *shape, x float64) {
			s.Stores, s.Employees, s.Events = int(x/11), int(x/11)*10, max(500_000, int(x)*2)
		}},
		{"partitions", "partitions", true, []float64{1, 4, 16, 64}, func(s *shape, x float64) { s.Partitions = int(x) }},
		{"processes", "processes", false, []float64{1, 2}, func(*shape, float64) {}},
		{"disorder", "share of events that are late by minutes to days", false, []float64{0, 0.05, 0.2, 0.5}, func(s *shape, x float64) { s.Late = x }},
	}
}

func (cmd *curvesCommand) Run(ctx context.Context) error {
	wanted := map[string]bool{}
	for _, w := range cmd.Which {
		wanted[w] = true
	}
	for _, c := range cmd.all() {
		if !wanted[c.name] {
			continue
		}
		if err := cmd.draw(ctx, &c); err != nil {
			return fmt.Errorf("curve of %s: %w", c.name, err)
		}
	}
	return nil
}

// draw measures a curve, each point on servers of its own.
func (cmd *curvesCommand) draw(ctx context.Context, c *curve) error {
	var points []point
	for _, x := range c.xs {
		if c.name == "customers" && int(x) > cmd.Most {
			continue
		}
		got, err := cmd.point(ctx, c, x)
		if err != nil {
			return fmt.Errorf("at %g: %w", x, err)
		}
		fmt.Fprintf(os.Stderr, "%s %g: %.2f CPU s a million, %d MiB\n", c.name, x, got.perMillion(got.cpu), got.rss>>20)
		points = append(points, point{x, got})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n![CPU seconds per million events against %s](%s.svg)\n\n| %s | events | CPU s per million events | events/s | memory MiB |\n|--:|--:|--:|--:|--:|\n", machine(), c.axis, c.name, c.axis)
	for _, p := range points {
		fmt.Fprintf(&b, "| %g | %d | %.2f | %.0f | %d |\n", p.x, p.events, p.perMillion(p.cpu), p.rate(), p.rss>>20)
	}
	folder := filepath.Join(cmd.Out, "curves")
	if err := write(filepath.Join(folder, c.name+".md"), b.String()); err != nil {
		return err
	}
	return plotCurve(filepath.Join(folder, c.name+".svg"), c, points)
}

func (cmd *curvesCommand) point(ctx context.Context, c *curve, x float64) (_ *figures, err error) {
	a, err := newArena(ctx, cmd.Binary)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	s := cmd.shape
	c.at(&s, x)
	f, err := a.fill(ctx, s)
	if err != nil {
		return nil, err
	}
	return median(cmd.Repeats, func() (*figures, error) {
		if c.name == "processes" {
			return a.sideBySide(ctx, f, int(x))
		}
		return a.dry(ctx, f)
	})
}

// sideBySide runs processes of one group with ClickHouse.
func (a *arena) sideBySide(ctx context.Context, f *feed, n int) (*figures, error) {
	l, err := a.configure(f, false)
	if err != nil {
		return nil, err
	}
	if out, err := a.command(ctx, "migrate", "--config", l.file); err != nil {
		return nil, fmt.Errorf("migrate: %w: %s", err, out)
	}
	var lists [][]string
	for range n {
		listen, err := freePort()
		if err != nil {
			return nil, err
		}
		lists = append(lists, []string{"run", "--config", l.file, "--until-end", "--listen", listen})
	}
	got, err := a.runs(ctx, f, lists...)
	if err != nil {
		return nil, err
	}
	return got, a.verify(ctx, f, l)
}
