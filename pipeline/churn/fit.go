package churn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"

	"csatflow/pipeline/customer"
)

// Fit learns a model by logistic regression with an L2 penalty: it minimises the mean log loss + l2/(2n) · Σ w², with
// inputs scaled to a standard deviation of 1 and no penalty on the bias (Hoerl, Kennard 1970; le Cessie, van
// Houwelingen 1992, "Ridge estimators in logistic regression"). An input that never varies weighs 0. The boundaries of
// tiers are those of like.
func Fit(list []Example, l2 float64, like *customer.Model) (*customer.Model, error) {
	if !(l2 >= 0) || math.IsInf(l2, 0) {
		return nil, fmt.Errorf("the penalty must be a number of 0 or more, is %v", l2)
	}
	left := 0
	for i := range list {
		if list[i].Left {
			left++
		}
	}
	if left == 0 || left == len(list) {
		return nil, ErrOneKind
	}
	d := newDesign(list)
	start := make([]float64, customer.Inputs+1)
	share := float64(left) / float64(len(list))
	start[customer.Inputs] = math.Log(share / (1 - share))
	result, err := optimize.Minimize(optimize.Problem{
		Func: func(w []float64) float64 { return d.loss(w, l2, nil) },
		Grad: func(grad, w []float64) { d.loss(w, l2, grad) },
	}, start, &optimize.Settings{GradientThreshold: 1e-8, MajorIterations: 1000}, &optimize.LBFGS{})
	if result == nil || err != nil && result.GradEvaluations < 2 {
		return nil, fmt.Errorf("learning the weights: %w", err)
	}
	if norm := d.gradientNorm(result.X, l2); norm > 1e-4 {
		return nil, fmt.Errorf("learning the weights has not converged (the gradient is still %.2g): raise the penalty", norm)
	}
	return d.model(result.X, like), nil
}

// design is the examples with their inputs scaled.
type design struct {
	list      []Example
	mean, dev [customer.Inputs]float64
}

func newDesign(list []Example) *design {
	d := &design{list: list}
	n := float64(len(list))
	for i := range list {
		for j, x := range list[i].Inputs {
			d.mean[j] += x / n
		}
	}
	for i := range list {
		for j, x := range list[i].Inputs {
			d.dev[j] += (x - d.mean[j]) * (x - d.mean[j]) / n
		}
	}
	for j := range d.dev {
		d.dev[j] = math.Sqrt(d.dev[j])
	}
	return d
}

// scaled is an input of an example, 0 if it never varies.
func (d *design) scaled(e *Example, j int) float64 {
	if d.dev[j] < 1e-12 {
		return 0
	}
	return (e.Inputs[j] - d.mean[j]) / d.dev[j]
}

// loss computes the objective, and its gradient unless grad is nil; the last of the weights is the bias.
func (d *design) loss(w []float64, l2 float64, grad []float64) (loss float64) {
	n := float64(len(d.list))
	for j := range grad {
		grad[j] = 0
	}
	for i := range d.list {
		e := &d.list[i]
		z := w[customer.Inputs]
		for j := range customer.Inputs {
			z += w[j] * d.scaled(e, j)
		}
		y := 0.0
		if e.Left {
			y = 1
		}
		loss += (softplus(z) - y*z) / n
		if grad == nil {
			continue
		}
		slope := (1/(1+math.Exp(-z)) - y) / n
		for j := range customer.Inputs {
			grad[j] += slope * d.scaled(e, j)
		}
		grad[customer.Inputs] += slope
	}
	for j := range customer.Inputs {
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

// model returns the weights for unscaled inputs.
func (d *design) model(w []float64, like *customer.Model) *customer.Model {
	m := &customer.Model{Bias: w[customer.Inputs], TierSpend: like.TierSpend}
	for j := range customer.Inputs {
		if d.dev[j] < 1e-12 {
			continue
		}
		m.Weights[j] = w[j] / d.dev[j]
		m.Bias -= m.Weights[j] * d.mean[j]
	}
	return m
}
