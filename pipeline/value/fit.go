package value

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// Model forecasts what customers buy.
type Model struct {
	Purchasing
	Spending
}

// ErrTooFew is returned where purchases do not say enough to fit a model.
var ErrTooFew = errors.New("too few customers who bought again")

// leastRepeating is how many customers must have bought again before their number says something of the parameters.
const leastRepeating = 100

// Fit estimates the model by maximum likelihood, both parts apart (Nelder, Mead 1965, over the logarithms of the
// parameters). Buyers without a spend count for the first part only.
func Fit(buyers []Buyer) (*Model, error) {
	repeating, age, gap := 0.0, 0.0, 0.0
	var spent []Buyer
	n := 0.0
	for i := range buyers {
		b := &buyers[i]
		if b.Repeat < 0 || b.Last < 0 || b.Age < b.Last || math.IsNaN(b.Age) {
			return nil, fmt.Errorf("buyer %d: %v repeat purchases by day %v of %v", i, b.Repeat, b.Last, b.Age)
		}
		if b.Repeat > 0 {
			repeating += b.weight()
			gap += b.weight() * b.Last / b.Repeat
		}
		age = max(age, b.Age)
		if b.Spend > 0 {
			spent = append(spent, *b)
			n += b.weight()
		}
	}
	if repeating < leastRepeating {
		return nil, fmt.Errorf("%w: %v, at least %d are wanted", ErrTooFew, repeating, leastRepeating)
	}
	p, err := maximise([]float64{0.5, max(gap/repeating, age/1000) / 2, 0.5, 1.5}, buyers, func(p []float64) func(*Buyer) float64 {
		m := Purchasing{p[0], p[1], p[2], p[3]}
		return m.logLikelihood
	})
	if err != nil {
		return nil, fmt.Errorf("fitting how often customers buy: %w", err)
	}
	m := &Model{Purchasing: Purchasing{p[0], p[1], p[2], p[3]}}
	if n < leastRepeating {
		return nil, fmt.Errorf("%w with an amount: %v, at least %d are wanted", ErrTooFew, n, leastRepeating)
	}
	spending, err := fitSpending(spent)
	if err != nil {
		return nil, err
	}
	m.Spending = *spending
	if m.P+m.Q <= 1 {
		return nil, fmt.Errorf("amounts differ too much between customers for a mean: p %.3g, q %.3g", m.P, m.Q)
	}
	return m, nil
}

func fitSpending(spent []Buyer) (*Spending, error) {
	mean, n := 0.0, 0.0
	for i := range spent {
		mean += spent[i].weight() * spent[i].Spend
		n += spent[i].weight()
	}
	p, err := maximise([]float64{4, 3, mean / n / 2}, spent, func(p []float64) func(*Buyer) float64 {
		m := Spending{p[0], p[1], p[2]}
		return m.logLikelihood
	})
	if err != nil {
		return nil, fmt.Errorf("fitting what customers spend: %w", err)
	}
	return &Spending{p[0], p[1], p[2]}, nil
}

// largest is the largest parameter that is tried, and its inverse the smallest: beyond it customers do not differ.
const largest = 1e7

// maximise returns the parameters, each above 0, that make the mean log likelihood largest.
func maximise(start []float64, buyers []Buyer, of func(p []float64) func(*Buyer) float64) ([]float64, error) {
	total := 0.0
	for i := range buyers {
		total += buyers[i].weight()
	}
	p := make([]float64, len(start))
	loss := func(x []float64) float64 {
		for i := range x {
			if p[i] = math.Exp(x[i]); math.Abs(x[i]) > math.Log(largest) {
				return math.Inf(1)
			}
		}
		sum, one := 0.0, of(p)
		for i := range buyers {
			sum -= buyers[i].weight() * one(&buyers[i])
		}
		return sum / total
	}
	x := make([]float64, len(start))
	for i := range start {
		x[i] = math.Log(start[i])
	}
	// A second search from where the first ended leaves the simplex no flat corner.
	for range 2 {
		found, err := optimize.Minimize(optimize.Problem{Func: loss}, x, &optimize.Settings{Converger: &optimize.FunctionConverge{Absolute: 1e-11, Iterations: 60}, MajorIterations: 2000}, &optimize.NelderMead{SimplexSize: 0.3})
		if err != nil {
			return nil, err
		}
		x = found.X
	}
	for i := range x {
		p[i] = math.Exp(x[i])
	}
	return p, nil
}
