package main

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// plot draws recall by false alerts, for each way of alerting over its thresholds.
func (b *both) plot(path string) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "false alerts per 100 stores and quiet week", "incidents found"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top, p.Legend.Left = true, true
	// No alert in the watched weeks is drawn as half an alert.
	least := b.weekly(1) / 2
	var own plotter.XYs
	for i := range levels {
		w := b.watch(i)
		own = append(own, plotter.XY{X: max(w.falseRate, least), Y: w.score.Recall(0)})
	}
	lines := []any{"csatflow", own}
	for _, family := range []string{"mean of 5 minutes", "z of"} {
		lines = append(lines, strings.TrimSuffix(family, " of"), b.front(family, least))
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	if err := p.Save(16*vg.Centimeter, 10*vg.Centimeter, path); err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	return nil
}

// front is the Pareto front of a family's thresholds.
func (b *both) front(family string, least float64) (front plotter.XYs) {
	most := b.weekly(int(b.quiet.weeks) * 2016 * 100)
	best := -1.
	for x := least; x < most; x *= math.Sqrt2 {
		if w, found := b.best(family, x); found && w.score.Recall(0) > best {
			best = w.score.Recall(0)
			front = append(front, plotter.XY{X: max(w.falseRate, least), Y: best})
		}
	}
	return front
}

// boundNotes writes the bound that no way of alerting can beat.
func boundNotes() string {
	const deviation, perWeek = 1.28, 50 * 0.514 * 24 * 7 // of a grade in the simulator; responses of a store of 50 an hour
	information := 1 / (2 * deviation * deviation)
	responses := math.Log(100*perWeek) / information
	return fmt.Sprintf(`
## What cannot be beaten

A fall of one grade, with grades that scatter by %.2f, gives %.2f nats of information a response. Whoever raises at most one false alert per 100
stores and week, %.0f responses each, needs ln(100 × %.0f) / %.2f = %.0f responses on average to be as sure (Lorden 1971), even knowing the size of
the fall beforehand: %.0f minutes at 50 responses an hour. To find 95 %% of such falls within 30 minutes takes about %.0f responses an hour, or a sharper
measurement than a grade.
`, deviation, information, perWeek, perWeek, information, responses, 60*responses/50, sureRate(deviation))
}

// sureRate is how many responses an hour show a fall of one grade within half an hour in 95 % of cases: the fall must
// hold the quantiles of a false alert and of a miss.
func sureRate(deviation float64) float64 {
	const alarm, miss = 4.4, 1.645 // standard errors, of the default level and of 5 %
	needed := (alarm + miss) * deviation
	return 2 * needed * needed
}
