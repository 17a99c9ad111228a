package pls

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.6f, not %.6f (±%g)", what, got, want, tolerance)
	}
}

func TestEstimatesAreNearTheTruthThatMadeTheData(t *testing.T) {
	const loading = 0.99 // scores of four such indicators have a reliability of 0.995
	for name, scheme := range schemeNames {
		t.Run(name, func(t *testing.T) {
			s := wide
			s.Scheme = scheme
			r := mustFit(t, triangle(4), triangleData(40_000, 4, loading, 5), s)
			for i, want := range []float64{pathAB, pathAC, pathBC} {
				near(t, r.Paths[i].From+" -> "+r.Paths[i].To, r.Paths[i].Coefficient, want, 0.015)
			}
			near(t, "R² of A", r.Latents[0].R2, 0, 0)
			near(t, "R² of B", r.Latents[1].R2, r2B, 0.015)
			near(t, "R² of C", r.Latents[2].R2, r2C, 0.015)
			for _, i := range r.Indicators {
				near(t, "loading of "+i.ID, i.Loading, loading, 0.01)
			}
			// effects: A -> B, A -> C, B -> C
			near(t, "total effect A -> C", r.Effects[1].Total, pathAC+pathAB*pathBC, 0.015)
			near(t, "indirect effect A -> C", r.Effects[1].Indirect, pathAB*pathBC, 0.015)
		})
	}
}

func TestScoresAreStandardisedWeightedSumsOfTheirIndicators(t *testing.T) {
	m := questionnaireModel(t)
	data := answers(m, 300, 11)
	r := mustFit(t, m, data, Settings{})
	for l, latent := range r.Latents {
		score := mat.Col(nil, l, r.Scores)
		mean, sd := stat.PopMeanStdDev(score, nil)
		near(t, "mean of "+latent.ID, mean, 0, 1e-12)
		near(t, "standard deviation of "+latent.ID, sd, 1, 1e-12)
		for row, of := range r.Used {
			sum, column := 0., 0
			for _, i := range r.Indicators {
				if i.Latent == latent.ID {
					sum += i.Weight * (data.Rows[of][column] - i.Mean) / i.SD
				}
				column++
			}
			near(t, "score", score[row], sum, 1e-9)
		}
		for column, i := range r.Indicators {
			answers := make([]float64, r.Rows)
			for row, of := range r.Used {
				answers[row] = data.Rows[of][column]
			}
			near(t, "cross-loading of "+i.ID, i.CrossLoadings[l], stat.Correlation(answers, score, nil), 1e-9)
		}
	}
}

// R² and coefficients from the scores by QR with an intercept; the package computes them from correlations.
func TestRSquaredIsTheSquaredMultipleCorrelation(t *testing.T) {
	m := questionnaireModel(t)
	r := mustFit(t, m, answers(m, 300, 12), Settings{})
	for l, latent := range r.Latents {
		design := mat.NewDense(r.Rows, 1, nil)
		for row := range r.Rows {
			design.Set(row, 0, 1)
		}
		var coefficients []float64
		for _, p := range r.Paths {
			if p.To != latent.ID {
				continue
			}
			coefficients = append(coefficients, p.Coefficient)
			for k, from := range r.Latents {
				if from.ID == p.From {
					var wider mat.Dense
					wider.Augment(design, r.Scores.ColView(k))
					design = &wider
				}
			}
		}
		if latent.Endogenous != (len(coefficients) > 0) {
			t.Errorf("%s: endogenous %v with %d paths", latent.ID, latent.Endogenous, len(coefficients))
		}
		if len(coefficients) == 0 {
			continue
		}
		var beta, fitted mat.VecDense
		if err := beta.SolveVec(design, r.Scores.ColView(l)); err != nil {
			t.Fatal(err)
		}
		fitted.MulVec(design, &beta)
		multiple := stat.Correlation(fitted.RawVector().Data, mat.Col(nil, l, r.Scores), nil)
		near(t, "R² of "+latent.ID, latent.R2, multiple*multiple, 1e-9)
		for i, c := range coefficients {
			near(t, "coefficient", c, beta.AtVec(i+1), 1e-9)
		}
	}
}

func TestTheIndexIsTheWeightedMeanOnTheScale(t *testing.T) {
	m := questionnaireModel(t)
	data := answers(m, 300, 13)
	r := mustFit(t, m, data, Settings{})
	for _, latent := range r.Latents {
		var sum, weights float64
		for _, i := range r.Indicators {
			if i.Latent == latent.ID {
				sum += i.Weight / i.SD * (i.Mean - 1) / 9 * 100
				weights += i.Weight / i.SD
			}
		}
		near(t, "index of "+latent.ID, latent.Index, sum/weights, 1e-9)
	}
}

func TestAnIndexHasTheWorstAnswerAt0AndTheBestAt100(t *testing.T) {
	d, err := triangle(2).design()
	if err != nil {
		t.Fatal(err)
	}
	weights := mat.NewDense(6, 3, []float64{.5, 0, 0, .7, 0, 0, 0, 3, 0, 0, 1, 0, 0, 0, .9, 0, 0, -.3})
	for _, c := range []struct {
		name string
		mean []float64
		want []float64
	}{
		// The last indicator counts the other way round.
		{"worst", []float64{1, 1, 1, 1, 1, 10}, []float64{0, 0, 0}},
		{"best", []float64{10, 10, 10, 10, 10, 1}, []float64{100, 100, 100}},
		{"between", []float64{5.5, 5.5, 10, 1, 10, 10}, []float64{50, 60, 75}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &moments{mean: c.mean, sd: []float64{1, 2, 2, 1, 1, 1}}
			for l, got := range indices(d, weights, m, 1, 10) {
				near(t, d.latents[l], got, c.want[l], 1e-12)
			}
		})
	}
}

func TestAReversedBlockKeepsThePositiveSense(t *testing.T) {
	data := triangleData(500, 3, .8, 6)
	for _, row := range data.Rows {
		for j := 3; j < 5; j++ { // two of the three indicators of B
			row[j] = -row[j]
		}
	}
	r := mustFit(t, triangle(3), data, wide)
	for i, positive := range []bool{true, true, false} {
		if of := r.Indicators[3+i]; of.Loading > 0 != positive || of.Weight > 0 != positive {
			t.Errorf("%s has the loading %.2f and the weight %.2f", of.ID, of.Loading, of.Weight)
		}
	}
	if r.Paths[0].Coefficient > 0 || r.Paths[2].Coefficient > 0 || r.Paths[1].Coefficient < 0 {
		t.Errorf("paths %+v", r.Paths)
	}
}

// With one strong indicator against two weak ones, the sum at the start of the iterations has the sign of the strong one.
func TestMostIndicatorsOfABlockGoWithItsScore(t *testing.T) {
	data := triangleData(500, 3, .9, 8)
	noise := triangleData(500, 3, .9, 88) // independent rows
	for r, row := range data.Rows {
		for j := 4; j < 6; j++ {
			row[j] = -row[j] + 2.5*noise.Rows[r][j]
		}
	}
	b := mustFit(t, triangle(3), data, wide).Indicators[3:6]
	if b[0].Loading > -.5 || b[1].Loading < .1 || b[2].Loading < .1 || b[0].Weight > 0 {
		t.Errorf("loadings %.2f %.2f %.2f", b[0].Loading, b[1].Loading, b[2].Loading)
	}
}
