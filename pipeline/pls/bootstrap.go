package pls

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// BootstrapSettings say how to resample. A field left 0 has its default, except Seed, for which 0 is a seed.
type BootstrapSettings struct {
	// Samples is how often rows are drawn. Default 200.
	Samples int
	// Level is the share of the samples within an interval, above 0 and below 1. Default 0.95.
	Level float64
	// Seed determines the samples, on any number of processors.
	Seed uint64
}

func (b BootstrapSettings) withDefaults() (BootstrapSettings, error) {
	if b.Samples == 0 {
		b.Samples = 200
	}
	if b.Level == 0 {
		b.Level = 0.95
	}
	switch {
	case b.Samples < 2:
		return b, fmt.Errorf("bootstrap: %d samples make no interval: ask for two or more", b.Samples)
	case !(b.Level > 0 && b.Level < 1):
		return b, fmt.Errorf("bootstrap: the level %v is not between 0 and 1", b.Level)
	}
	return b, nil
}

// drawn is the result of one bootstrap sample: values, or why there are none.
type drawn struct {
	values     []float64
	degenerate bool
	unsettled  bool
}

// Resample fits a model and estimates it again from Samples samples of as many complete rows, drawn with replacement. A
// resampled latent variable with the opposite sign of the original is first reversed, with its weights, loadings and paths
// (see turn). Samples that could not be estimated are counted in the result and left out of the intervals.
//
// It runs on GOMAXPROCS processors; the same seed gives the same intervals on any number of them. Errors are those of
// [Fit], of the context, and one when fewer than two samples could be estimated.
func Resample(ctx context.Context, m Model, data Data, s Settings, b BootstrapSettings) (*Bootstrap, error) {
	b, err := b.withDefaults()
	if err != nil {
		return nil, err
	}
	d, sample, s, err := prepare(m, data, s)
	if err != nil {
		return nil, err
	}
	original, err := fit(d, sample.moments, s)
	if err != nil {
		return nil, err
	}
	result, err := original.result(d, sample)
	if err != nil {
		return nil, err
	}
	samples, err := drawAll(ctx, d, sample, original, s, b)
	if err != nil {
		return nil, err
	}
	return summarise(d, original, result, samples, b)
}

// drawAll estimates the samples. Each has a generator of its own, seeded in order from one parent, so that which
// processor takes it does not matter.
func drawAll(ctx context.Context, d *design, of *sample, original *estimate, s Settings, b BootstrapSettings) ([]drawn, error) {
	type seed struct{ high, low uint64 }
	parent := rand.NewPCG(b.Seed, 0)
	seeds := make([]seed, b.Samples)
	for i := range seeds {
		seeds[i] = seed{parent.Uint64(), parent.Uint64()}
	}
	samples := make([]drawn, b.Samples)
	var next atomic.Int64
	workers, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), b.Samples) {
		workers.Go(func() error {
			r := newResampler(of)
			for i := next.Add(1) - 1; i < int64(len(samples)); i = next.Add(1) - 1 {
				if err := ctx.Err(); err != nil {
					return fmt.Errorf("bootstrap: %w", err)
				}
				var err error
				if samples[i], err = redo(d, r, rand.New(rand.NewPCG(seeds[i].high, seeds[i].low)), original, s); err != nil {
					return fmt.Errorf("bootstrap sample %d: %w", i, err)
				}
			}
			return nil
		})
	}
	return samples, workers.Wait()
}

// redo draws one sample and estimates it.
func redo(d *design, r *resampler, rnd *rand.Rand, original *estimate, s Settings) (drawn, error) {
	m, constant := r.draw(rnd.IntN)
	if constant >= 0 {
		return drawn{degenerate: true}, nil
	}
	o, iterations, err := iterate(d, m.corr, s)
	if err == nil {
		o.turn(d, original.outer)
		e := &estimate{iterations: iterations, outer: o}
		if err = e.complete(d, m, s); err == nil {
			return drawn{values: e.values(d)}, nil
		}
	}
	switch {
	case errors.Is(err, ErrSingular):
		return drawn{degenerate: true}, nil
	case errors.Is(err, ErrNotConverged):
		return drawn{unsettled: true}, nil
	}
	return drawn{}, err
}

// turn reverses the scores whose loadings are nearer to the original's when reversed. The sign of a latent variable is
// not determined by the model; without this, samples of either sign would widen the intervals (construct level changes
// of Tenenhaus et al. 2005, section on bootstrapping).
func (o *outer) turn(d *design, original *outer) {
	for l, block := range d.blocks {
		agreement := 0.
		for _, i := range block {
			agreement += o.cross.At(i, l) * original.cross.At(i, l)
		}
		if agreement < 0 {
			o.scale(l, -1)
		}
	}
}
