package churn

import (
	"math"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/value"
)

// Rival is a way to tell who leaves that a model is measured against.
type Rival struct {
	Name string
	Risk func(*Example) float64 // 0 to 1
}

// Baselines learns what is simple from examples: the same risk for all; recency, frequency and the overdue purchase alone,
// each by a logistic regression; recency, frequency, tenure and amount together (RFM); and BG/NBD, see [value.Purchasing],
// fitted to the customers as they were last known. What cannot be learnt, as nobody bought, is left out.
func Baselines(learn []Example, horizon time.Duration) ([]Rival, error) {
	left := 0.0
	for i := range learn {
		if learn[i].Left {
			left++
		}
	}
	share := left / float64(len(learn))
	var plain customer.Buying
	list := []Rival{{"constant", func(*Example) float64 { return share }}}
	for _, simple := range []struct {
		name     string
		features func(*Example) []float64
	}{
		{"recency", func(e *Example) []float64 { x := e.buying(&plain); return x[:1] }},
		{"frequency", func(e *Example) []float64 { x := e.buying(&plain); return x[1:2] }},
		{"gap overdue", func(e *Example) []float64 { return []float64{e.Inputs[customer.PurchaseOverdue]} }},
		{"RFM logistic", func(e *Example) []float64 {
			x := e.buying(&plain)
			return append(x[:3], math.Log1p(max(e.Buyer.Spend, 0)))
		}},
	} {
		w, bias, err := logistic(learn, 1, simple.features)
		if err != nil {
			return nil, err
		}
		list = append(list, Rival{simple.name, func(e *Example) float64 {
			z := bias
			for i, x := range simple.features(e) {
				z += w[i] * x
			}
			return 1 / (1 + math.Exp(-z))
		}})
	}
	if m, err := value.Fit(lastKnown(learn)); err == nil {
		days := horizon.Hours() / 24
		list = append(list, Rival{"BG/NBD", func(e *Example) float64 {
			if !e.Bought {
				return share
			}
			return m.Silent(&e.Buyer, days)
		}})
	}
	return list, nil
}

// lastKnown returns each customer who bought, as of their last example.
func lastKnown(list []Example) []value.Buyer {
	last := map[string]int{}
	for i := range list {
		if j, found := last[list[i].Customer]; list[i].Bought && (!found || list[i].At > list[j].At) {
			last[list[i].Customer] = i
		}
	}
	buyers := make([]value.Buyer, 0, len(last))
	for i := range list {
		if j, found := last[list[i].Customer]; found && i == j {
			buyers = append(buyers, list[i].Buyer)
		}
	}
	return buyers
}
