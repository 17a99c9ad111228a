package value

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Forecast is what a customer will do in some days.
type Forecast struct {
	Purchases float64 // expected number
	Amount    float64 // expected, in money
	Low, High float64 // of the amount: 80 % of such customers lie between
	Alive     float64 // probability, 0 to 1, that they have not left
	Silent    float64 // probability, 0 to 1, of no purchase
}

// tail is the share of customers below and above the interval.
const tail = 0.1

// Forecast speaks of the next days of a customer. The interval is of what one customer spends: nothing with the
// probability of silence, else log-normal with the mean and variance of the model.
func (m *Model) Forecast(b *Buyer, days float64, r *Rule) Forecast {
	mean, square := m.Purchases(b, days, r)
	amount, amountSquare := m.Sum(b, mean, square)
	f := Forecast{Purchases: mean, Amount: amount, Alive: m.Alive(b), Silent: m.Silent(b, days)}
	buys := 1 - f.Silent
	if buys <= 0 || amount <= 0 {
		return f
	}
	// Of those who buy, mean and variance of the logarithm from the first two moments.
	variance := math.Log(max(amountSquare*buys/(amount*amount), 1))
	centre := math.Log(amount/buys) - variance/2
	quantile := func(q float64) float64 {
		if q <= f.Silent {
			return 0
		}
		return math.Exp(centre + math.Sqrt(variance)*distuv.UnitNormal.Quantile((q-f.Silent)/buys))
	}
	f.Low, f.High = quantile(tail), quantile(1-tail)
	return f
}
