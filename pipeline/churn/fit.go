package churn

import (
	"errors"
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/optimize"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/value"
)

// Fit learns a model by logistic regression with an L2 penalty: it minimises the mean log loss + l2/(2n) · Σ w², with
// inputs scaled to a standard deviation of 1 and no penalty on the bias (Hoerl, Kennard 1970; le Cessie, van
// Houwelingen 1992, "Ridge estimators in logistic regression"). An input that never varies weighs 0. The boundaries of
// tiers are those of like. How often customers buy is fitted to the same examples, see [value.Fit]; with too few who bought
// again the input silence is left out. A horizon of 0 leaves all inputs out that grow with time: they say who will not buy, not
// who leaves by another label.
func Fit(list []Example, l2 float64, horizon time.Duration, like *customer.Model) (*customer.Model, error) {
	m := &customer.Model{TierSpend: like.TierSpend}
	if horizon == 0 {
		w, bias, err := logistic(list, l2, func(e *Example) []float64 { return e.Inputs[:] })
		if err != nil {
			return nil, err
		}
		m.Bias = bias
		copy(m.Weights[:], w)
		return m, nil
	}
	switch p, err := value.Fit(lastKnown(list)); {
	case err == nil:
		m.Buying.Purchasing, m.Buying.Spending, m.Buying.Horizon = p.Purchasing, p.Spending, horizon.Hours()/24
	case !errors.Is(err, value.ErrTooFew):
		return nil, err
	}
	w, bias, err := logistic(list, l2, func(e *Example) []float64 { return e.features(&m.Buying) })
	if err != nil {
		return nil, err
	}
	m.Bias = bias
	copy(m.Weights[:], w)
	copy(m.Buying.Weights[:], w[customer.Inputs:])
	return m, nil
}

// logistic returns the weights and the bias of unscaled features.
func logistic(list []Example, l2 float64, features func(*Example) []float64) (weights []float64, bias float64, err error) {
	if !(l2 >= 0) || math.IsInf(l2, 0) {
		return nil, 0, fmt.Errorf("the penalty must be a number of 0 or more, is %v", l2)
	}
	left := 0
	for i := range list {
		if list[i].Left {
			left++
		}
	}
	if left == 0 || left == len(list) {
		return nil, 0, ErrOneKind
	}
	d := newDesign(list, features)
	start := make([]float64, d.n+1)
	share := float64(left) / float64(len(list))
	start[d.n] = math.Log(share / (1 - share))
	result, err := optimize.Minimize(optimize.Problem{
		Func: func(w []float64) float64 { return d.loss(w, l2, nil) },
		Grad: func(grad, w []float64) { d.loss(w, l2, grad) },
	}, start, &optimize.Settings{GradientThreshold: 1e-8, MajorIterations: 1000}, &optimize.LBFGS{})
	if result == nil || err != nil && result.GradEvaluations < 2 {
		return nil, 0, errors.Join(errors.New("learning the weights"), err)
	}
	if norm := d.gradientNorm(result.X, l2); norm > 1e-4 {
		return nil, 0, fmt.Errorf("learning the weights has not converged (the gradient is still %.2g): raise the penalty", norm)
	}
	weights, bias = d.unscaled(result.X)
	return weights, bias, nil
}

// design is the features of the examples, scaled to mean 0 and standard deviation 1; 0 where they never vary.
type design struct {
	n         int
	x         []float64 // n of each example
	y         []float64
	mean, dev []float64
}

func newDesign(list []Example, features func(*Example) []float64) *design {
	n := len(features(&list[0]))
	d := &design{n: n, x: make([]float64, 0, n*len(list)), y: make([]float64, len(list)), mean: make([]float64, n), dev: make([]float64, n)}
	size := float64(len(list))
	for i := range list {
		if list[i].Left {
			d.y[i] = 1
		}
		d.x = append(d.x, features(&list[i])...)
		for j := range n {
			d.mean[j] += d.x[i*n+j] / size
		}
	}
	for i := range d.x {
		d.x[i] -= d.mean[i%n]
		d.dev[i%n] += d.x[i] * d.x[i] / size
	}
	for j := range d.dev {
		d.dev[j] = math.Sqrt(d.dev[j])
	}
	for i := range d.x {
		if dev := d.dev[i%n]; dev < 1e-12 {
			d.x[i] = 0
		} else {
			d.x[i] /= dev
		}
	}
	return d
}

// loss computes the objective, and its gradient unless grad is nil; the last of the weights is the bias.
func (d *design) loss(w []float64, l2 float64, grad []float64) (loss float64) {
	n := float64(len(d.y))
	clear(grad)
	for i, y := range d.y {
		x := d.x[i*d.n : (i+1)*d.n]
		z := w[d.n]
		for j, v := range x {
			z += w[j] * v
		}
		loss += (softplus(z) - y*z) / n
		if grad == nil {
			continue
		}
		slope := (1/(1+math.Exp(-z)) - y) / n
		for j, v := range x {
			grad[j] += slope * v
		}
		grad[d.n] += slope
	}
	for j := range d.n {
		loss += l2 / (2 * n) * w[j] * w[j]
		if grad != nil {
			grad[j] += l2 / n * w[j]
		}
	}
	return loss
}

// softplus is ln(1 + e^z).
func softplus(z float64) float64 {
	if z > 0 {
		return z + math.Log1p(math.Exp(-z))
	}
	return math.Log1p(math.Exp(z))
}

func (d *design) gradientNorm(w []float64, l2 float64) (norm float64) {
	grad := make([]float64, len(w))
	d.loss(w, l2, grad)
	for _, g := range grad {
		norm = max(norm, math.Abs(g))
	}
	return norm
}

// unscaled returns the weights for features as they are.
func (d *design) unscaled(w []float64) (weights []float64, bias float64) {
	weights, bias = make([]float64, d.n), w[d.n]
	for j := range d.n {
		if d.dev[j] < 1e-12 {
			continue
		}
		weights[j] = w[j] / d.dev[j]
		bias -= weights[j] * d.mean[j]
	}
	return weights, bias
}
