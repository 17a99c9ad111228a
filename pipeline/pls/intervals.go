package pls

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Bootstrap is a fitted model with an interval for each of its estimates. Weights and Loadings go with Fit.Indicators,
// Paths and Effects (total ones) with those of Fit, R2 and Index with Fit.Latents; R2 is 0 where there are no
// predecessors.
type Bootstrap struct {
	Fit *Result
	// Samples were drawn. Of these, NotConverged ran out of iterations, and in Degenerate an indicator became constant
	// or a regression singular; the intervals leave both out.
	Samples, NotConverged, Degenerate int
	// Level is the share of the other samples within an interval.
	Level float64

	Weights, Loadings, Paths, Effects, R2, Index []Interval
}

// Interval is an estimate with the percentiles of its bootstrap samples, (1 − Level)/2 and (1 + Level)/2, interpolated
// linearly between samples (type 7 of Hyndman and Fan 1996). StdErr is the samples' standard deviation (divided by their
// number less one).
type Interval struct {
	Estimate, StdErr, Low, High float64
}

// values lays the estimates out in the order in which summarise reads them.
func (e *estimate) values(d *design) []float64 {
	var v []float64
	for i, l := range d.latentOf {
		v = append(v, e.outer.weights.At(i, l))
	}
	for i, l := range d.latentOf {
		v = append(v, e.outer.cross.At(i, l))
	}
	for _, p := range d.paths {
		v = append(v, e.inner.direct.At(p[1], p[0]))
	}
	for _, p := range d.effects() {
		v = append(v, e.inner.total.At(p[1], p[0]))
	}
	return append(append(v, e.inner.r2...), e.index...)
}

func summarise(d *design, original *estimate, result *Result, samples []drawn, s BootstrapSettings) (*Bootstrap, error) {
	b := &Bootstrap{Fit: result, Samples: len(samples), Level: s.Level}
	var rows [][]float64
	for _, sample := range samples {
		switch {
		case sample.degenerate:
			b.Degenerate++
		case sample.unsettled:
			b.NotConverged++
		default:
			rows = append(rows, sample.values)
		}
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("bootstrap: of %d samples %d did not converge and %d were degenerate: there are too few rows, or indicators that hardly vary",
			b.Samples, b.NotConverged, b.Degenerate)
	}
	estimates := original.values(d)
	intervals := make([]Interval, len(estimates))
	column := make([]float64, len(rows))
	for j, estimate := range estimates {
		for i, row := range rows {
			column[i] = row[j]
		}
		slices.Sort(column)
		intervals[j] = Interval{estimate, stat.StdDev(column, nil), quantile(column, (1-s.Level)/2), quantile(column, (1+s.Level)/2)}
	}
	for _, part := range []struct {
		of     *[]Interval
		length int
	}{
		{&b.Weights, len(d.indicators)}, {&b.Loadings, len(d.indicators)}, {&b.Paths, len(d.paths)},
		{&b.Effects, len(d.effects())}, {&b.R2, len(d.latents)}, {&b.Index, len(d.latents)},
	} {
		*part.of, intervals = intervals[:part.length:part.length], intervals[part.length:]
	}
	return b, nil
}

// quantile of sorted values, interpolated between the two nearest.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := int(math.Floor(at))
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}
