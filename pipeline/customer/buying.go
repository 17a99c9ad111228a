package customer

import (
	"math"

	"csatflow/pipeline/value"
)

// Buying is the part of a model that grows with time alone, and that every customer with a purchase has, a buyer of one
// day too. It is no part of [Score]: whoever looks at a time adds it to the logit, as the view churn_risk does.
type Buying struct {
	Weights    [len(BuyingInputs)]float64
	Purchasing value.Purchasing // of all customers; the zero value for none: then silence is 0
	Spending   value.Spending   // of all customers, with Purchasing: views forecast with both
	Horizon    float64          // days, of silence
}

// BuyingInputs are its inputs: recency is ln(1 + days since the latest purchase), frequency ln(purchases), tenure ln(1 +
// days since the first), silence the log odds of no purchase within the horizon (BG/NBD, see [value.Purchasing.Silent]),
// -9 to 9.
var BuyingInputs = [...]string{"recency", "frequency", "tenure", "silence"}

// surest is the largest log odds of silence.
const surest = 9

// Inputs returns the inputs of a customer.
func (m *Buying) Inputs(b *value.Buyer) [len(BuyingInputs)]float64 {
	x := [...]float64{math.Log1p(b.Age - b.Last), math.Log1p(b.Repeat), math.Log1p(b.Age), 0}
	if m.Purchasing.R > 0 {
		p := m.Purchasing.Silent(b, m.Horizon)
		x[3] = min(max(math.Log(p/(1-p)), -surest), surest)
	}
	return x
}

// Any says whether an input weighs anything.
func (m *Buying) Any() bool { return m.Weights != [len(BuyingInputs)]float64{} }
