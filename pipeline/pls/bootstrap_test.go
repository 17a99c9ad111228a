package pls

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
)

func resample(t testing.TB, m Model, data Data, s Settings, b BootstrapSettings) *Bootstrap {
	t.Helper()
	got, err := Resample(t.Context(), m, data, s, b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// all returns every interval, list after list.
func (b *Bootstrap) all() [][]Interval {
	return [][]Interval{b.Weights, b.Loadings, b.Paths, b.Effects, b.R2, b.Index}
}

func TestASeedGivesTheSameIntervalsOnAnyNumberOfProcessors(t *testing.T) {
	m := questionnaireModel(t)
	data := answers(m, 120, 21)
	b := BootstrapSettings{Samples: 40, Seed: 4}
	many := resample(t, m, data, Settings{}, b)
	one := func() *Bootstrap {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		return resample(t, m, data, Settings{}, b)
	}()
	if diff := cmp.Diff(many.all(), one.all()); diff != "" {
		t.Error(diff)
	}
	b.Seed = 5
	if other := resample(t, m, data, Settings{}, b); cmp.Equal(many.Paths, other.Paths) {
		t.Error("another seed gives the same intervals")
	}
}

func TestIntervalsHoldTheirEstimates(t *testing.T) {
	m := questionnaireModel(t)
	b := resample(t, m, answers(m, 200, 22), Settings{}, BootstrapSettings{Seed: 1})
	if b.Samples != 200 || b.Level != .95 || b.NotConverged != 0 || b.Degenerate != 0 {
		t.Errorf("%d samples, level %v, %d not converged, %d degenerate", b.Samples, b.Level, b.NotConverged, b.Degenerate)
	}
	want := [][]float64{{}, {}, {}, {}, {}, {}}
	for _, i := range b.Fit.Indicators {
		want[0], want[1] = append(want[0], i.Weight), append(want[1], i.Loading)
	}
	for _, p := range b.Fit.Paths {
		want[2] = append(want[2], p.Coefficient)
	}
	for _, e := range b.Fit.Effects {
		want[3] = append(want[3], e.Total)
	}
	for _, l := range b.Fit.Latents {
		want[4], want[5] = append(want[4], l.R2), append(want[5], l.Index)
	}
	for part, intervals := range b.all() {
		if len(intervals) != len(want[part]) {
			t.Fatalf("part %d has %d intervals for %d estimates", part, len(intervals), len(want[part]))
		}
		for i, of := range intervals {
			near(t, "estimate", of.Estimate, want[part][i], 0)
			exogenous := part == 4 && i == 0
			if !(of.Low < of.Estimate && of.Estimate < of.High && of.StdErr > 0) && !exogenous {
				t.Errorf("part %d, %d: %+v", part, i, of)
			}
		}
	}
	if b.R2[0] != (Interval{}) {
		t.Errorf("R² without predecessors: %+v", b.R2[0])
	}
}

// TestAResampleIsAFitOfTheRowsDrawn compares the short way, by moments, with a fit of the drawn rows.
func TestAResampleIsAFitOfTheRowsDrawn(t *testing.T) {
	m := questionnaireModel(t)
	data := answers(m, 150, 23)
	d, of, s, err := prepare(m, data, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	again := Data{Columns: data.Columns}
	moments, constant := newResampler(of).draw(func(n int) int {
		i := rnd.IntN(n)
		again.Rows = append(again.Rows, data.Rows[i])
		return i
	})
	if constant >= 0 {
		t.Fatalf("%s is constant", d.indicators[constant])
	}
	short, err := fit(d, moments, s)
	if err != nil {
		t.Fatal(err)
	}
	long := mustFit(t, m, again, s)
	for i, of := range long.Indicators {
		near(t, "weight of "+of.ID, short.outer.weights.At(i, d.latentOf[i]), of.Weight, 1e-9)
		near(t, "mean of "+of.ID, moments.mean[i], of.Mean, 1e-9)
		near(t, "standard deviation of "+of.ID, moments.sd[i], of.SD, 1e-9)
	}
	for i, p := range d.paths {
		near(t, "path", short.inner.direct.At(p[1], p[0]), long.Paths[i].Coefficient, 1e-9)
	}
	for l, latent := range long.Latents {
		near(t, "index of "+latent.ID, short.index[l], latent.Index, 1e-7)
	}
}

// The truth is the algorithm's result for the population's correlations: with few indicators it is below the paths of
// the latent variables themselves.
func TestIntervalsCoverTheTruthAboutAsOftenAsTheySay(t *testing.T) {
	const k, loading, worlds = 3, .8, 120
	d, err := triangle(k).design()
	if err != nil {
		t.Fatal(err)
	}
	latent := mat.NewSymDense(3, []float64{1, pathAB, pathAC + pathAB*pathBC, 0, 1, pathBC + pathAB*pathAC, 0, 0, 1})
	corr := mat.NewSymDense(3*k, nil)
	for i := range 3 * k {
		for j := i; j < 3*k; j++ {
			corr.SetSym(i, j, loading*loading*latent.At(d.latentOf[i], d.latentOf[j]))
		}
		corr.SetSym(i, i, 1)
	}
	s, err := wide.withDefaults(d)
	if err != nil {
		t.Fatal(err)
	}
	ones := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1}
	truth, err := fit(d, &moments{mean: make([]float64, 3*k), sd: ones, corr: corr}, s)
	if err != nil {
		t.Fatal(err)
	}
	covered := make([]int, 4)
	for world := range uint64(worlds) {
		b := resample(t, triangle(k), triangleData(200, k, loading, 1000+world), wide, BootstrapSettings{Samples: 150, Seed: world})
		for i, p := range d.paths {
			if v := truth.inner.direct.At(p[1], p[0]); b.Paths[i].Low <= v && v <= b.Paths[i].High {
				covered[i]++
			}
		}
		if v := truth.outer.cross.At(0, 0); b.Loadings[0].Low <= v && v <= b.Loadings[0].High {
			covered[3]++
		}
	}
	t.Logf("of %d intervals %v cover the truth", worlds, covered)
	for i, n := range covered {
		// 95 % of 120 are 114, give or take 2.4; percentile intervals of 150 samples cover a little less.
		if n < 104 || n == worlds {
			t.Errorf("estimate %d: %d of %d intervals cover the truth", i, n, worlds)
		}
	}
}

func TestAResampledLatentVariableIsTurnedToTheOriginal(t *testing.T) {
	// Two opposite indicators: chance decides which of them gives the sign.
	data := triangleData(60, 2, .7, 31)
	for _, row := range data.Rows {
		row[3] = -row[3]
	}
	b := resample(t, triangle(2), data, wide, BootstrapSettings{Seed: 6, Level: .5})
	for i := 2; i < 4; i++ {
		if of := b.Loadings[i]; of.Low < 0 && of.High > 0 || math.Abs(of.Estimate) < .5 {
			t.Errorf("loading of %s: %+v", b.Fit.Indicators[i].ID, of)
		}
	}
	if of := b.Paths[0]; of.Low < 0 && of.High > 0 || of.StdErr > .2 {
		t.Errorf("path A -> B: %+v", of)
	}
}

func TestSamplesThatCannotBeEstimatedAreCounted(t *testing.T) {
	data := triangleData(60, 2, .8, 32)
	for i, row := range data.Rows {
		row[1] = 0
		if i == 0 {
			row[1] = 1 // a sample without this row has a constant; about 37 in 100 do
		}
	}
	b := resample(t, triangle(2), data, wide, BootstrapSettings{Samples: 300, Seed: 1})
	if b.Degenerate < 80 || b.Degenerate > 140 {
		t.Errorf("%d of 300 samples are degenerate", b.Degenerate)
	}
	of := mustFit(t, triangle(2), triangleData(60, 2, .8, 33), wide)
	s := wide
	s.MaxIterations = of.Iterations // enough for the original, and for some of the samples
	b = resample(t, triangle(2), triangleData(60, 2, .8, 33), s, BootstrapSettings{Samples: 300, Seed: 1})
	if b.NotConverged == 0 || b.NotConverged > 290 {
		t.Errorf("%d of 300 samples have not converged", b.NotConverged)
	}
}

func TestABootstrapThatCannotBeIsTold(t *testing.T) {
	data := triangleData(60, 2, .8, 34)
	for b, want := range map[BootstrapSettings]string{
		{Samples: 1}: "1 samples make no interval", {Level: 1}: "the level 1 is not between 0 and 1", {Level: -.5}: "the level -0.5",
	} {
		if _, err := Resample(t.Context(), triangle(2), data, wide, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Resample(ctx, triangle(2), data, wide, BootstrapSettings{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestQuantilesAreInterpolatedLinearly(t *testing.T) {
	for p, want := range map[float64]float64{0: 1, .025: 1.1, .5: 3, .6: 4.4, 1: 20} {
		near(t, "quantile", quantile([]float64{1, 2, 3, 6.5, 20}, p), want, 1e-12)
	}
}
