package churn

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"csatflow/pipeline/customer"
)

// Quality is how well risks tell who leaves.
type Quality struct {
	Examples, Customers, Left int
	// AUC is the probability that a customer who leaves has a higher risk than one who stays (Mann-Whitney, ties count
	// half), with its standard error by customers, who may be several examples each (Obuchowski 1997, "Nonparametric
	// analysis of clustered ROC curve data", Biometrics 53).
	AUC, AUCError float64
	Brier         float64 // mean squared error of the risk (Brier 1950)
	BaseBrier     float64 // of a model that gives everybody the share of leavers as risk
	LogLoss       float64
	// Slope and Intercept are those of a logistic regression of leaving on the log odds of the risk: 1 and 0 where risks are
	// as they say (Cox 1958, "Two further applications of a model for binary regression"). NaN where all risks are equal.
	Slope, Intercept float64
	Lift             float64 // share that left of the tenth with the highest risk, over that of all
	Calibration      []Bin
}

// Skill is by which share the Brier score is better than the constant's: 1 at best, below 0 if it is worse.
func (q *Quality) Skill() float64 { return 1 - q.Brier/q.BaseBrier }

// Bin is a tenth of the examples, by risk.
type Bin struct {
	Examples, Left int
	Risk           float64 // mean
	From, To       float64
}

// Observed is the share that left.
func (b *Bin) Observed() float64 { return float64(b.Left) / float64(b.Examples) }

// ErrOneKind is returned when all examples stayed, or all left: there is nothing to tell apart.
var ErrOneKind = errors.New("nobody left, or everybody did, in this period: choose a longer horizon or period")

// Risk is the model's risk of an example.
func Risk(m *customer.Model, e *Example) float64 {
	z := m.Bias
	for i, w := range m.Weights {
		z += w * e.Inputs[i]
	}
	buying := e.buying(&m.Buying)
	for i, w := range m.Buying.Weights {
		z += w * buying[i]
	}
	return 1 / (1 + math.Exp(-z))
}

// judged is an example's risk and whether the customer left.
type judged struct {
	risk     float64
	left     bool
	customer string
}

// Evaluate measures a model on examples.
func Evaluate(m *customer.Model, list []Example) (*Quality, error) {
	return Measure(func(e *Example) float64 { return Risk(m, e) }, list)
}

// Measure measures risks, 0 to 1, on examples.
func Measure(risk func(*Example) float64, list []Example) (*Quality, error) {
	all := make([]judged, len(list))
	for i := range list {
		all[i] = judged{risk(&list[i]), list[i].Left, list[i].Customer}
	}
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Compare(a.risk, b.risk) })
	q := &Quality{Examples: len(all)}
	for _, j := range all {
		y := 0.0
		if j.left {
			y = 1
			q.Left++
		}
		q.Brier += (j.risk - y) * (j.risk - y) / float64(len(all))
		p := min(max(j.risk, 1e-15), 1-1e-15)
		q.LogLoss -= (y*math.Log(p) + (1-y)*math.Log(1-p)) / float64(len(all))
	}
	if q.Left == 0 || q.Left == q.Examples {
		return nil, ErrOneKind
	}
	share := float64(q.Left) / float64(q.Examples)
	q.BaseBrier = share * (1 - share)
	q.AUC = area(all)
	q.AUCError, q.Customers = areaError(all, q.AUC, float64(q.Left))
	q.Calibration = tenths(all)
	q.Lift = q.Calibration[len(q.Calibration)-1].Observed() / share
	q.Slope, q.Intercept = recalibrate(all)
	return q, nil
}

// area under the ROC curve of examples sorted by risk, from the mean rank of those who left.
func area(all []judged) float64 {
	ranks, left := 0.0, 0.0
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].risk == all[from].risk {
			to++
		}
		for _, j := range all[from:to] {
			if j.left {
				ranks += float64(from+to+1) / 2 // the middle of the ties, from 1
				left++
			}
		}
		from = to
	}
	stayed := float64(len(all)) - left
	return (ranks - left*(left+1)/2) / (left * stayed)
}

// areaError is the standard error of the area, with how many customers there are. An example without a customer is one of
// its own.
func areaError(all []judged, theta, left float64) (deviation float64, customers int) {
	type sums struct{ left, stayed, n, m float64 } // by customer: sums of the parts of area, and numbers
	by := map[string]*sums{}
	stayed := float64(len(all)) - left
	leftBelow, stayedBelow := 0.0, 0.0
	for from := 0; from < len(all); {
		to, l := from, 0.0
		for to < len(all) && all[to].risk == all[from].risk {
			if all[to].left {
				l++
			}
			to++
		}
		s := float64(to-from) - l
		for i := from; i < to; i++ {
			id := all[i].customer
			if id == "" {
				id = fmt.Sprint(i)
			}
			c := by[id]
			if c == nil {
				c = &sums{}
				by[id] = c
			}
			if all[i].left {
				c.left += (stayedBelow+s/2)/stayed - theta
				c.n++
			} else {
				c.stayed += (left-leftBelow-l/2)/left - theta
				c.m++
			}
		}
		leftBelow, stayedBelow, from = leftBelow+l, stayedBelow+s, to
	}
	var ll, ss, ls, nl, ns float64
	for _, c := range by {
		ll, ss, ls = ll+c.left*c.left, ss+c.stayed*c.stayed, ls+c.left*c.stayed
		if c.n > 0 {
			nl++
		}
		if c.m > 0 {
			ns++
		}
	}
	n := float64(len(by))
	variance := 2 * ls / (left * stayed) * n / max(n-1, 1)
	variance += ll / (left * left) * nl / max(nl-1, 1)
	variance += ss / (stayed * stayed) * ns / max(ns-1, 1)
	return math.Sqrt(max(variance, 0)), len(by)
}

// recalibrate fits slope and intercept by Newton's method.
func recalibrate(all []judged) (slope, intercept float64) {
	if all[0].risk == all[len(all)-1].risk {
		return math.NaN(), math.NaN()
	}
	slope = 1
	for range 50 {
		var g0, g1, h00, h01, h11 float64
		for _, j := range all {
			p := min(max(j.risk, 1e-9), 1-1e-9)
			x := math.Log(p / (1 - p))
			q := 1 / (1 + math.Exp(-intercept-slope*x))
			d := -q
			if j.left {
				d++
			}
			w := q * (1 - q)
			g0, g1, h00, h01, h11 = g0+d, g1+d*x, h00+w, h01+w*x, h11+w*x*x
		}
		det := h00*h11 - h01*h01
		if !(det > 0) {
			return math.NaN(), math.NaN()
		}
		a, b := (h11*g0-h01*g1)/det, (h00*g1-h01*g0)/det
		intercept, slope = intercept+a, slope+b
		if math.Abs(a)+math.Abs(b) < 1e-9 {
			return slope, intercept
		}
	}
	return math.NaN(), math.NaN()
}

func tenths(all []judged) (bins []Bin) {
	const n = 10
	for i := range n {
		part := all[i*len(all)/n : (i+1)*len(all)/n]
		if len(part) == 0 {
			continue
		}
		b := Bin{Examples: len(part), From: part[0].risk, To: part[len(part)-1].risk}
		for _, j := range part {
			b.Risk += j.risk / float64(len(part))
			if j.left {
				b.Left++
			}
		}
		bins = append(bins, b)
	}
	return bins
}
