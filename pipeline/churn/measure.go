package churn

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"csatflow/pipeline/customer"
)

// Quality is how well a model tells who leaves.
type Quality struct {
	Examples, Left int
	// AUC is the probability that a customer who leaves has a higher risk than one who stays (Mann-Whitney, ties count
	// half), with its standard error after Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve".
	AUC, AUCError float64
	Brier         float64 // mean squared error of the risk (Brier 1950)
	BaseBrier     float64 // of a model that gives everybody the share of leavers as risk
	LogLoss       float64
	Calibration   []Bin
}

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
	return 1 / (1 + math.Exp(-z))
}

// judged is an example's risk and whether the customer left.
type judged struct {
	risk float64
	left bool
}

func judge(m *customer.Model, list []Example) []judged {
	all := make([]judged, len(list))
	for i := range list {
		all[i] = judged{Risk(m, &list[i]), list[i].Left}
	}
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Compare(a.risk, b.risk) })
	return all
}

// Evaluate measures a model on examples.
func Evaluate(m *customer.Model, list []Example) (*Quality, error) {
	all := judge(m, list)
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
	q.AUCError = areaError(q.AUC, float64(q.Left), float64(q.Examples-q.Left))
	q.Calibration = tenths(all)
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

func areaError(a, left, stayed float64) float64 {
	q1, q2 := a/(2-a), 2*a*a/(1+a)
	return math.Sqrt((a*(1-a) + (left-1)*(q1-a*a) + (stayed-1)*(q2-a*a)) / (left * stayed))
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
