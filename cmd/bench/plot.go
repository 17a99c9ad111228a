package main

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// plotCurve draws the cost of an event; the axis has a tick at each measured point.
func plotCurve(path string, c *curve, points []point) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = c.axis, "CPU seconds per million events"
	p.Y.Min = 0
	if c.log {
		p.X.Scale = plot.LogScale{}
	}
	var xys plotter.XYs
	var ticks plot.ConstantTicks
	for _, at := range points {
		y := at.median(cpu)
		xys = append(xys, plotter.XY{X: at.x, Y: y})
		ticks = append(ticks, plot.Tick{Value: at.x, Label: tick(at.x)})
		p.Y.Max = max(p.Y.Max, 1.2*y)
	}
	p.X.Tick.Marker = ticks
	if err := plotutil.AddLinePoints(p, xys); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	p.X.Min, p.X.Max = c.xs[0], c.xs[len(c.xs)-1] // also for a single point, where gonum would begin one unit before it
	if err := p.Save(14*vg.Centimeter, 8*vg.Centimeter, path); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	return nil
}

// tick is the label of an axis tick; unlike number, it never is a dash.
func tick(x float64) string {
	if x != float64(int(x)) {
		return fmt.Sprintf("%g", x)
	}
	if x == 0 {
		return "0"
	}
	return number(x, 0)
}
