package pls

import "gonum.org/v1/gonum/mat"

// Result is an estimated model. Lists are in the order of the model.
type Result struct {
	// Rows were used; Missing were left out because an indicator had no answer.
	Rows, Missing int
	// Iterations until the weights converged.
	Iterations int
	Indicators []Indicator
	Latents    []LatentEstimate
	Paths      []PathEstimate
	// Effects has each pair of latent variables that a sequence of paths connects, by source and then by target.
	Effects []Effect
	// Scores of the latent variables, Rows × Latents: mean 0, variance 1 (divided by n).
	Scores *mat.Dense
	// Used is, for each row of Scores, its row in the data.
	Used []int
}

// Indicator is what is estimated of an indicator.
type Indicator struct {
	ID, Latent string
	// Mean and SD (divided by n) in the indicator's own unit.
	Mean, SD float64
	// Weight makes the score: the sum over the block of Weight times the standardised indicator.
	Weight float64
	// Loading is the correlation with the score of its latent variable, Communality its square.
	Loading, Communality float64
	// Redundancy is Communality times the R² of the latent variable: what the predecessors explain of the indicator.
	Redundancy float64
	// CrossLoadings are the correlations with the scores of all latent variables.
	CrossLoadings []float64
}

// LatentEstimate is what is estimated of a latent variable.
type LatentEstimate struct {
	ID string
	// Endogenous latent variables have predecessors; only they have an R².
	Endogenous bool
	// R2 is the share of the score's variance that its predecessors explain, R2Adjusted for their number and the rows.
	R2, R2Adjusted float64
	// AVE is the average variance extracted: the mean communality of the block (Fornell and Larcker 1981).
	AVE float64
	// Alpha is Cronbach's, standardised, from 0 to 1; NaN for a single indicator.
	Alpha float64
	// Rho is Dillon and Goldstein's composite reliability, from 0 to 1; 1 for a single indicator.
	Rho float64
	// Index is the level, from 0 (all answers are the worst) to 100; see Fornell et al. 1996.
	Index float64
}

// PathEstimate is a path with its coefficient, in standard deviations of To for one of From.
type PathEstimate struct {
	Path
	Coefficient float64
}

// Effect is what a latent variable adds to another, in standard deviations: directly by their path (0 if there is none),
// indirectly over others, and in total.
type Effect struct {
	Path
	Direct, Indirect, Total float64
}

func (e *estimate) result(d *design, s *sample) (*Result, error) {
	n, _ := s.x.Dims()
	r := &Result{Rows: n, Missing: s.missing, Iterations: e.iterations, Used: s.used, Scores: new(mat.Dense)}
	r.Scores.Mul(s.x, e.outer.weights)
	ave := make([]float64, len(d.latents))
	for i, id := range d.indicators {
		l := d.latentOf[i]
		loading := e.outer.cross.At(i, l)
		ave[l] += loading * loading / float64(len(d.blocks[l]))
		r.Indicators = append(r.Indicators, Indicator{
			ID: id, Latent: d.latents[l], Mean: s.moments.mean[i], SD: s.moments.sd[i],
			Weight: e.outer.weights.At(i, l), Loading: loading, Communality: loading * loading,
			Redundancy: loading * loading * e.inner.r2[l], CrossLoadings: mat.Row(nil, i, e.outer.cross),
		})
	}
	for l, id := range d.latents {
		rho, err := dillonGoldstein(d.blocks[l], s.moments.corr, id)
		if err != nil {
			return nil, err
		}
		estimated := LatentEstimate{ID: id, AVE: ave[l], Alpha: cronbach(d.blocks[l], s.moments.corr), Rho: rho, Index: e.index[l]}
		if k := len(d.before[l]); k > 0 {
			estimated.Endogenous, estimated.R2 = true, e.inner.r2[l]
			estimated.R2Adjusted = 1 - (1-estimated.R2)*float64(n-1)/float64(n-k-1)
		}
		r.Latents = append(r.Latents, estimated)
	}
	for _, p := range d.paths {
		r.Paths = append(r.Paths, PathEstimate{Path{d.latents[p[0]], d.latents[p[1]]}, e.inner.direct.At(p[1], p[0])})
	}
	for _, p := range d.effects() {
		direct, total := e.inner.direct.At(p[1], p[0]), e.inner.total.At(p[1], p[0])
		r.Effects = append(r.Effects, Effect{Path{d.latents[p[0]], d.latents[p[1]]}, direct, total - direct, total})
	}
	return r, nil
}
