package pls

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

func TestManyRowsGiveThePathsThatMadeThem(t *testing.T) {
	// With many reliable indicators the scores are near the latent variables themselves (consistency at large).
	r := mustFit(t, triangle(20), triangleData(20_000, 20, .9, 1), wide)
	for i, want := range []float64{pathAB, pathAC, pathBC} {
		if got := r.Paths[i].Coefficient; math.Abs(got-want) > 0.02 {
			t.Errorf("%v: %v, want %v", r.Paths[i].Path, got, want)
		}
	}
	for i, want := range []float64{0, r2B, r2C} {
		if math.Abs(r.Latents[i].R2-want) > 0.02 {
			t.Errorf("R² of %s: %v, want %v", r.Latents[i].ID, r.Latents[i].R2, want)
		}
	}
}

func TestScoresAreStandardisedAndR2IsTheirSquaredMultipleCorrelation(t *testing.T) {
	r := mustFit(t, triangle(3), triangleData(500, 3, .8, 2), wide)
	n, k := r.Scores.Dims()
	score := make([][]float64, k)
	for j := range k {
		score[j] = mat.Col(nil, j, r.Scores)
		if m, s := stat.Mean(score[j], nil), math.Sqrt(stat.PopVariance(score[j], nil)); math.Abs(m) > 1e-9 || math.Abs(s-1) > 1e-9 {
			t.Errorf("%s: mean %v, deviation %v", r.Latents[j].ID, m, s)
		}
	}
	x := mat.NewDense(n, 2, nil)
	x.SetCol(0, score[0])
	x.SetCol(1, score[1])
	var b mat.VecDense
	if err := b.SolveVec(x, mat.NewVecDense(n, slices.Clone(score[2]))); err != nil {
		t.Fatal(err)
	}
	rest := 0.0
	for i := range n {
		d := score[2][i] - b.AtVec(0)*score[0][i] - b.AtVec(1)*score[1][i]
		rest += d * d / float64(n)
	}
	if got := r.Latents[2].R2; math.Abs(got-(1-rest)) > 1e-9 || math.Abs(b.AtVec(1)-r.Paths[2].Coefficient) > 1e-9 {
		t.Errorf("R² %v and path %v; least squares give %v and %v", got, r.Paths[2].Coefficient, 1-rest, b.AtVec(1))
	}
}

func TestOrderOfRowsAndUnitsOfIndicatorsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := triangleData(80, 2, .8, rapid.Uint64Range(0, 1000).Draw(t, "seed"))
		want, err := Fit(triangle(2), data, wide)
		if err != nil {
			t.Skip(err)
		}
		other := Data{Columns: data.Columns}
		scale, shift := rapid.Float64Range(0.1, 50).Draw(t, "scale"), rapid.Float64Range(-100, 100).Draw(t, "shift")
		column := rapid.IntRange(0, len(data.Columns)-1).Draw(t, "column")
		for _, i := range rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0)).Perm(len(data.Rows)) {
			row := slices.Clone(data.Rows[i])
			row[column] = row[column]*scale + shift
			other.Rows = append(other.Rows, row)
		}
		got, err := Fit(triangle(2), other, wide)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.Paths {
			if math.Abs(want.Paths[i].Coefficient-got.Paths[i].Coefficient) > 1e-6 {
				t.Fatalf("%v: %v, before %v", want.Paths[i].Path, got.Paths[i].Coefficient, want.Paths[i].Coefficient)
			}
		}
		for i := range want.Indicators {
			if math.Abs(want.Indicators[i].Loading-got.Indicators[i].Loading) > 1e-6 {
				t.Fatalf("loading of %s: %v, before %v", want.Indicators[i].ID, got.Indicators[i].Loading, want.Indicators[i].Loading)
			}
		}
	})
}

func TestTheBootstrapIsThatOfItsSeedAndCoversTheTruth(t *testing.T) {
	m, data := triangle(3), triangleData(300, 3, .8, 5)
	a, err := Resample(t.Context(), m, data, wide, BootstrapSettings{Samples: 60, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Resample(t.Context(), m, data, wide, BootstrapSettings{Samples: 60, Seed: 3})
	if err != nil || !reflect.DeepEqual(a.Paths, b.Paths) || !reflect.DeepEqual(a.Index, b.Index) {
		t.Errorf("the same seed gives other intervals (%v)", err)
	}
	if c, err := Resample(t.Context(), m, data, wide, BootstrapSettings{Samples: 60, Seed: 4}); err != nil || reflect.DeepEqual(a.Paths, c.Paths) {
		t.Errorf("another seed gives the same intervals (%v)", err)
	}
	// The estimate of many rows is what the estimates of few rows scatter around.
	truth := mustFit(t, m, triangleData(50_000, 3, .8, 6), wide)
	covered, all := 0, 0
	for seed := range uint64(30) {
		b, err := Resample(t.Context(), m, triangleData(300, 3, .8, 100+seed), wide, BootstrapSettings{Samples: 100, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range b.Paths {
			all++
			if want := truth.Paths[i].Coefficient; p.Low <= want && want <= p.High {
				covered++
			}
			if !(p.Low <= p.Estimate+0.05 && p.Estimate-0.05 <= p.High && p.StdErr > 0) {
				t.Errorf("%+v", p)
			}
		}
	}
	if share := float64(covered) / float64(all); share < 0.85 || share > 0.999 {
		t.Errorf("95 %% intervals cover the truth in %.0f %% of the samples", 100*share)
	}
}

func TestWhatCannotBeEstimatedIsSaid(t *testing.T) {
	m, data := triangle(2), triangleData(60, 2, .8, 9)
	few := Data{data.Columns, data.Rows[:5]}
	constant, absent := Data{Columns: data.Columns}, Data{Columns: data.Columns}
	for i, row := range data.Rows {
		row = slices.Clone(row)
		row[3] = 4
		constant.Rows = append(constant.Rows, row)
		row = slices.Clone(data.Rows[i])
		row[i%3] = math.NaN()
		absent.Rows = append(absent.Rows, row)
	}
	for name, c := range map[string]struct {
		data Data
		want error
	}{"few": {few, ErrTooFewRows}, "constant": {constant, ErrConstant}, "absent": {absent, ErrTooFewRows}} {
		if _, err := Fit(m, c.data, wide); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	some := Data{Columns: data.Columns, Rows: append(slices.Clone(data.Rows), absent.Rows...)}
	if r := mustFit(t, m, some, wide); r.Rows != len(data.Rows) || r.Missing != len(absent.Rows) {
		t.Errorf("%d rows, %d missing", r.Rows, r.Missing)
	}
	if _, err := Fit(m, data, Settings{Least: -1e6, Most: 1e6, MaxIterations: 1}); !errors.Is(err, ErrNotConverged) {
		t.Errorf("one iteration: %v", err)
	}
}

func BenchmarkFit(b *testing.B) {
	m := questionnaireModel(b)
	data := answers(m, 5000, 1)
	b.Run("fit", func(b *testing.B) {
		for b.Loop() {
			mustFit(b, m, data, Settings{})
		}
	})
	b.Run("bootstrap of 200", func(b *testing.B) {
		for b.Loop() {
			if _, err := Resample(b.Context(), m, data, Settings{}, BootstrapSettings{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
