package main

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// plotCurve draws what an event costs.
func plotCurve(path string, c *curve, points []point) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = c.axis, "CPU seconds per million events"
	p.Y.Min = 0
	if c.log {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	var xys plotter.XYs
	for _, pt := range points {
		xys = append(xys, plotter.XY{X: pt.x, Y: pt.perMillion(pt.cpu)})
		p.Y.Max = max(p.Y.Max, 1.2*pt.perMillion(pt.cpu))
	}
	if err := plotutil.AddLinePoints(p, xys); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	return p.Save(14*vg.Centimeter, 8*vg.Centimeter, path)
}
