// Package sweep draws the results of a backtest by level.
package sweep

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"csatflow/sinks/alert/backtest"
)

// Plot draws, by level, the share of incidents found and the share of alerts that are right.
func Plot(path string, levels []backtest.Level) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "false_alerts", "share"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Left = true
	var found, right plotter.XYs
	for i := range levels {
		l := &levels[i]
		found = append(found, plotter.XY{X: l.FalseAlerts, Y: l.Score.Recall(0)})
		if len(l.Alerts) > 0 {
			right = append(right, plotter.XY{X: l.FalseAlerts, Y: l.Score.Precision()})
		}
	}
	lines := []any{"incidents found", found}
	if len(right) > 0 {
		lines = append(lines, "alerts that are right", right)
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	if err := p.Save(16*vg.Centimeter, 10*vg.Centimeter, path); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	return nil
}
