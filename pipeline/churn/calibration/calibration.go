// Package calibration draws how well models of the churn risk are calibrated.
package calibration

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"csatflow/pipeline/churn"
	"csatflow/pipeline/customer"
)

// Curve is a model to draw.
type Curve struct {
	Name  string
	Model *customer.Model
}

var (
	lineColors = []color.Color{color.RGBA{R: 0x9c, G: 0x9c, B: 0x9c, A: 0xff}, color.RGBA{R: 0x1f, G: 0x77, B: 0xb4, A: 0xff}}
	lightGrey  = color.RGBA{R: 0xdd, G: 0xdd, B: 0xdd, A: 0xff}
)

// Plot draws the calibration of models: for each tenth of the examples, the mean risk against the share that left. A
// good model lies on the diagonal. The file's extension is its format: .svg, .png or .pdf.
func Plot(file string, list []churn.Example, curves []Curve) error {
	p := plot.New()
	p.Title.Text = "Calibration of the churn risk, by tenths of the examples"
	p.X.Label.Text, p.Y.Label.Text = "mean risk", "share that left"
	p.X.Min, p.Y.Min, p.Legend.Top, p.Legend.Left = 0, 0, true, true
	most := 0.0
	for i, c := range curves {
		q, err := churn.Evaluate(c.Model, list)
		if err != nil {
			return err
		}
		points := make(plotter.XYs, len(q.Calibration))
		for j := range q.Calibration {
			b := &q.Calibration[j]
			points[j] = plotter.XY{X: b.Risk, Y: b.Observed()}
			most = max(most, b.Risk, b.Observed())
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("drawing the calibration: %w", err)
		}
		line.Color, dots.Color = lineColors[i%len(lineColors)], lineColors[i%len(lineColors)]
		p.Add(line, dots)
		p.Legend.Add(fmt.Sprintf("%s: AUC %.3f, Brier %.4f", c.Name, q.AUC, q.Brier), line, dots)
	}
	diagonal, err := plotter.NewLine(plotter.XYs{{}, {X: most, Y: most}})
	if err != nil {
		return fmt.Errorf("drawing the calibration: %w", err)
	}
	diagonal.Color = lightGrey
	p.Add(diagonal)
	if err := p.Save(16*vg.Centimeter, 12*vg.Centimeter, file); err != nil {
		return fmt.Errorf("drawing %s: %w", file, err)
	}
	return nil
}
