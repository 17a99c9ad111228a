package document

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var (
	ink    = color.RGBA{R: 0x1f, G: 0x4e, B: 0x8c, A: 0xff}
	pale   = color.RGBA{R: 0xb0, G: 0xb0, B: 0xb0, A: 0xff}
	shaded = color.RGBA{R: 0xf6, G: 0xd5, B: 0xd0, A: 0xff}
	red    = color.RGBA{R: 0xb3, G: 0x26, B: 0x1e, A: 0xff}
)

// svg draws a plot as a part of a page. The plot's fonts, unlike the page's, lack Chinese characters, so its texts are
// English.
func svg(p *plot.Plot, width, height vg.Length) (string, error) {
	c := vgsvg.New(width, height)
	p.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", fmt.Errorf("drawing: %w", err)
	}
	text := b.Bytes()
	if i := bytes.Index(text, []byte("<svg")); i >= 0 { // without the XML declaration
		text = text[i:]
	}
	return string(text), nil
}

// hourlyChart draws the scope that fell beside the others, "" if none fell.
func (r *Document) hourlyChart() (string, error) {
	if r.Fall == nil {
		return "", nil
	}
	begins, series, expected := r.Hours()
	p := plot.New()
	p.Y.Label.Text = r.say("mean")
	p.X.Tick.Marker = plot.TimeTicks{Format: "02 Jan\n15:04", Time: func(t float64) time.Time { return begins.Add(time.Duration(t * float64(time.Hour))).In(r.zone()) }}
	p.Y.Min, p.Y.Max = 1, 7
	var own, others plotter.XYs
	for i, c := range series {
		if c.N >= 3 {
			own = append(own, plotter.XY{X: float64(i) + 0.5, Y: c.Mean()})
		}
		if !math.IsNaN(expected[i]) {
			others = append(others, plotter.XY{X: float64(i) + 0.5, Y: expected[i]})
		}
	}
	if r.Happened {
		a, b := r.Since.Sub(begins).Hours(), r.Until.Sub(begins).Hours()
		area, err := plotter.NewPolygon(plotter.XYs{{X: a, Y: 1}, {X: b, Y: 1}, {X: b, Y: 7}, {X: a, Y: 7}})
		if err != nil {
			return "", fmt.Errorf("drawing: %w", err)
		}
		area.Color, area.Width = shaded, 0
		p.Add(area)
	}
	for _, line := range []struct {
		name   string
		points plotter.XYs
		color  color.Color
	}{{r.say("expected"), others, pale}, {r.label("scope_kind", r.Fall.Kind) + " " + r.Fall.ID, own, ink}} {
		if len(line.points) == 0 {
			continue
		}
		l, err := plotter.NewLine(line.points)
		if err != nil {
			return "", fmt.Errorf("drawing: %w", err)
		}
		l.Color, l.Width = line.color, vg.Points(1.2)
		p.Add(l)
		p.Legend.Add(line.name, l)
	}
	return svg(p, 17*vg.Centimeter, 7*vg.Centimeter)
}

// matrixChart draws importance by performance, "" without points.
func (r *Document) matrixChart() (string, error) {
	if len(r.Matrix) == 0 {
		return "", nil
	}
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = r.say("performance"), r.say("importance")
	var good, bad plotter.XYs
	var names plotter.XYLabels
	x, y := 0.0, 0.0
	for _, m := range r.Matrix {
		at := plotter.XY{X: m.Performance, Y: m.Importance}
		if m.Quadrant == "concentrate" {
			bad = append(bad, at)
		} else {
			good = append(good, at)
		}
		names.XYs, names.Labels = append(names.XYs, at), append(names.Labels, " "+r.label(m.Scale, m.ID))
		x, y = x+m.Performance/float64(len(r.Matrix)), y+m.Importance/float64(len(r.Matrix))
	}
	for _, set := range []struct {
		points plotter.XYs
		color  color.Color
	}{{good, ink}, {bad, red}} {
		if len(set.points) == 0 {
			continue
		}
		s, err := plotter.NewScatter(set.points)
		if err != nil {
			return "", fmt.Errorf("drawing: %w", err)
		}
		s.Color, s.Radius = set.color, vg.Points(3)
		p.Add(s)
	}
	labels, err := plotter.NewLabels(names)
	if err != nil {
		return "", fmt.Errorf("drawing: %w", err)
	}
	p.Add(labels)
	p.X.Min, p.X.Max = p.X.Min-0.05, p.X.Max+(p.X.Max-p.X.Min)*0.25
	for _, line := range []plotter.XYs{{{X: x, Y: p.Y.Min}, {X: x, Y: p.Y.Max}}, {{X: p.X.Min, Y: y}, {X: p.X.Max, Y: y}}} {
		l, err := plotter.NewLine(line)
		if err != nil {
			return "", fmt.Errorf("drawing: %w", err)
		}
		l.Color, l.Dashes = pale, []vg.Length{vg.Points(3), vg.Points(3)}
		p.Add(l)
	}
	return svg(p, 15*vg.Centimeter, 10*vg.Centimeter)
}
