package value

import "math"

// Spending is the Gamma-Gamma model (Fader, Hardie, Lee 2005, "RFM and CLV: using iso-value curves for customer base
// analysis", Journal of Marketing Research 42; Fader, Hardie 2013, "The Gamma-Gamma model of monetary value"). The amount
// of a purchase is Gamma(P, ν), and ν is Gamma(Q, V) over customers; amounts do not depend on how often one buys. All three
// are above 0, V in money.
type Spending struct {
	P, Q, V float64
}

// logLikelihood of the mean amount of a customer's purchases (equation 1a of the note of 2013).
func (m *Spending) logLikelihood(b *Buyer) float64 {
	n := b.Repeat + 1
	k := m.P * n
	return lgamma(k+m.Q) - lgamma(k) - lgamma(m.Q) + m.Q*math.Log(m.V) + (k-1)*math.Log(b.Spend) + k*math.Log(n) - (k+m.Q)*math.Log(m.V+n*b.Spend)
}

// Mean is the expected amount of a further purchase of the customer, in money: their mean, drawn to that of all the
// more the fewer purchases there are.
func (m *Spending) Mean(b *Buyer) float64 {
	n := b.Repeat + 1
	return m.P * (m.V + n*b.Spend) / (m.P*n + m.Q - 1)
}

// Sum is the expected amount of so many purchases, given the mean of their number and of its square, and the mean of
// its own square, infinite where the customers differ too much for one.
func (m *Spending) Sum(b *Buyer, mean, square float64) (sum, sumSquare float64) {
	n := b.Repeat + 1
	k, v := m.P*n+m.Q, m.V+n*b.Spend
	if k <= 2 {
		return mean * m.Mean(b), math.Inf(1)
	}
	return mean * m.Mean(b), (square*m.P*m.P + mean*m.P) * v * v / ((k - 1) * (k - 2))
}
