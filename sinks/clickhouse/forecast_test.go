package clickhouse_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/value"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

func TestWithFittedWeightsViewsForecastAsTheModelDoes(t *testing.T) {
	s := viewed(t)
	c := newCompany(rand.New(rand.NewPCG(1, 2)))
	c.store(t, s)
	before := figures(t, s, "SELECT customer_id, "+columns("churn_risk")+" FROM churn_risk")
	m := value.Model{Purchasing: value.Purchasing{R: 0.9, Alpha: 21, A: 0.6, B: 4}, Spending: value.Spending{P: 5, Q: 4, V: 40}}
	rule, err := m.Rule()
	if err != nil {
		t.Fatal(err)
	}
	buying := customer.Buying{Weights: [4]float64{0.3, -0.4, 0.1, 0.5}, Purchasing: m.Purchasing, Spending: m.Spending, Horizon: 30}
	company := clickhouse.DefaultCompany()
	company.Buying = &schemas.Buying{Recency: 0.3, Frequency: -0.4, Tenure: 0.1, Silence: 0.5, Horizon: 30, R: m.R, Alpha: m.Alpha, A: m.A, B: m.B, P: m.P, Q: m.Q, V: m.V, Nodes: rule.Nodes, NodeWeights: rule.Weights}
	if err := s.Migrate(t.Context(), clickhouse.Model(s.Database(), pipeline.DefaultSettings(), 400, schemas.DefaultRaterWeights, company), func(string) {}); err != nil {
		t.Fatal(err)
	}
	asOf := c.asOf().Truncate(time.Second)
	risk, forecast := map[string][]float64{}, map[string][]float64{}
	for name, w := range c.worths(asOf, asOf) {
		if w.n == 0 {
			continue
		}
		b := value.Buyer{Repeat: w.n - 1, Last: w.last.Truncate(time.Second).Sub(w.first.Truncate(time.Second)).Seconds() / 86400, Age: asOf.Sub(w.first.Truncate(time.Second)).Seconds() / 86400, Spend: w.spend / w.n}
		z := math.Log(before[name][0] / (1 - before[name][0]))
		for i, x := range buying.Inputs(&b) {
			z += buying.Weights[i] * x
		}
		risk[name] = []float64{1 / (1 + math.Exp(-z))}
		f := m.Forecast(&b, 365, rule)
		if left, known := c.left[name]; known && !left.Before(w.last) {
			f = value.Forecast{}
		}
		forecast[name] = []float64{f.Purchases, f.Alive, f.Amount * w.margin / w.spend, f.Low * w.margin / w.spend, f.High * w.margin / w.spend}
	}
	same(t, "churn_risk", risk, figures(t, s, "SELECT customer_id, "+columns("churn_risk")+" FROM churn_risk WHERE customer_id IN (SELECT customer_id FROM customer_purchases FINAL WHERE purchases > 0)"))
	same(t, "customer_value", forecast, figures(t, s, "SELECT customer_id, "+columns("expected_purchases", "probability_alive", "current_value", "current_value_low", "current_value_high")+" FROM customer_value WHERE purchases > 0 AND value_basis = 'fitted'"))
}
