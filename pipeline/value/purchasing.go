package value

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Buyer is what is known of the purchases of customers who are alike in it.
type Buyer struct {
	Repeat  float64 // purchases after the first, 0 or more
	Last    float64 // days from the first purchase to the latest, 0 without a repeat
	Age     float64 // days from the first purchase to now, at least Last
	Spend   float64 // mean amount of a purchase, above 0; anything else does not count for [Spending]
	Clients float64 // how many customers these are, 0 counts as 1
}

func (b *Buyer) weight() float64 {
	if b.Clients == 0 {
		return 1
	}
	return b.Clients
}

// Purchasing is the BG/NBD model (Fader, Hardie, Lee 2005, "Counting your customers the easy way: an alternative to the
// Pareto/NBD model", Marketing Science 24). A customer who has not left buys at random, at a rate that is
// Gamma(R, Alpha) over customers, and leaves after a purchase with a chance that is Beta(A, B). All four are above 0.
type Purchasing struct {
	R, Alpha, A, B float64 // Alpha in days
}

// logLikelihood of one customer (equation 6 of the paper).
func (m *Purchasing) logLikelihood(b *Buyer) float64 {
	x, k := b.Repeat, m.R+b.Repeat
	alive := -k * math.Log(m.Alpha+b.Age)
	sum := lgamma(k) - lgamma(m.R) + m.R*math.Log(m.Alpha) + mathext.Lbeta(m.A, m.B+x) - mathext.Lbeta(m.A, m.B)
	if x == 0 {
		return sum + alive
	}
	gone := math.Log(m.A/(m.B+x-1)) - k*math.Log(m.Alpha+b.Last)
	return sum + max(alive, gone) + math.Log1p(math.Exp(-math.Abs(alive-gone)))
}

// Alive is the probability, 0 to 1, that a customer has not left yet (Fader, Hardie, Lee 2008, "Computing P(alive) using
// the BG/NBD model"). It is 1 for those who bought once: the model lets nobody leave before a second purchase.
func (m *Purchasing) Alive(b *Buyer) float64 {
	if b.Repeat == 0 {
		return 1
	}
	k := m.R + b.Repeat
	return 1 / (1 + m.A/(m.B+b.Repeat-1)*math.Pow((m.Alpha+b.Age)/(m.Alpha+b.Last), k))
}

// Silent is the probability, 0 to 1, of no purchase in the next days: the customer has left, or buys later.
func (m *Purchasing) Silent(b *Buyer, days float64) float64 {
	a := m.Alpha + b.Age
	return 1 - m.Alive(b)*(1-math.Pow(a/(a+days), m.R+b.Repeat))
}

// Purchases is the expected number of purchases in the next days, with the mean of its square: the paper's equation 10
// without its hypergeometric function, as the mean over the chance of leaving, by the nodes of [Purchasing.Rule].
func (m *Purchasing) Purchases(b *Buyer, days float64, r *Rule) (mean, square float64) {
	a, k := m.Alpha+b.Age, m.R+b.Repeat
	total := 0.0
	for i, p := range r.Nodes {
		w := r.Weights[i] * math.Pow(1-p, b.Repeat)
		left := math.Pow(a/(a+p*days), k)
		y := (1 - left) / p
		total += w
		mean += w * y
		square += w * (y + 2*(1-p)/(p*p)*(1-left*(1+k*p*days/(a+p*days))))
	}
	alive := m.Alive(b)
	return alive * mean / total, alive * square / total
}

// Survival is the probability, 0 to 1, that the customer will not have left after the next days.
func (m *Purchasing) Survival(b *Buyer, days float64, r *Rule) float64 {
	a, sum, total := m.Alpha+b.Age, 0.0, 0.0
	for i, p := range r.Nodes {
		w := r.Weights[i] * math.Pow(1-p, b.Repeat)
		sum += w * math.Pow(a/(a+p*days), m.R+b.Repeat)
		total += w
	}
	return m.Alive(b) * sum / total
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
