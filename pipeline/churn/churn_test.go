package churn

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"csatflow/pipeline/customer"
)

const month = 30 * 24 * time.Hour

func examples(r *rand.Rand, m *customer.Model, n int) []Example {
	list := make([]Example, n)
	for i := range list {
		for j := range customer.Inputs {
			list[i].Inputs[j] = math.Round(r.NormFloat64()*4) / 8 * float64(1+j%3)
		}
		list[i].Left = r.Float64() < Risk(m, &list[i])
	}
	return list
}

func TestTheAreaIsTheShareOfPairsInTheRightOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &customer.Model{}
		m.Weights[0] = 1
		list := make([]Example, rapid.IntRange(2, 40).Draw(t, "n"))
		left := 0
		for i := range list {
			list[i].Inputs[0] = float64(rapid.IntRange(0, 6).Draw(t, "x"))
			if list[i].Left = rapid.Bool().Draw(t, "left"); list[i].Left {
				left++
			}
		}
		q, err := Evaluate(m, list)
		if left == 0 || left == len(list) {
			if !errors.Is(err, ErrOneKind) {
				t.Fatalf("%v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		pairs, right, brier := 0.0, 0.0, 0.0
		for _, a := range list {
			y := 0.0
			if a.Left {
				y = 1
			}
			brier += math.Pow(1/(1+math.Exp(-a.Inputs[0]))-y, 2)
			for _, b := range list {
				if a.Left && !b.Left {
					pairs++
					switch {
					case a.Inputs[0] > b.Inputs[0]:
						right++
					case a.Inputs[0] == b.Inputs[0]:
						right += 0.5
					}
				}
			}
		}
		if math.Abs(q.AUC-right/pairs) > 1e-9 || math.Abs(q.Brier-brier/float64(len(list))) > 1e-9 {
			t.Fatalf("AUC %v, Brier %v; pairs say %v, %v", q.AUC, q.Brier, right/pairs, brier/float64(len(list)))
		}
		n, gone := 0, 0
		for _, b := range q.Calibration {
			n, gone = n+b.Examples, gone+b.Left
			if b.Risk < b.From-1e-9 || b.Risk > b.To+1e-9 {
				t.Fatalf("%+v", b)
			}
		}
		if n != len(list) || gone != left {
			t.Fatalf("the table has %d examples, %d left", n, gone)
		}
	})
}

func TestFitFindsTheWeightsThatMadeTheExamples(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	truth := customer.Model{Bias: -1, TierSpend: [3]float64{1, 2, 3}}
	for j := range customer.Inputs {
		truth.Weights[j] = r.NormFloat64()
	}
	list := examples(r, &truth, 60_000)
	m, err := Fit(list, 0.1, month, &truth)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(m.Bias-truth.Bias) > 0.1 || m.TierSpend != truth.TierSpend {
		t.Errorf("bias %v, tiers %v", m.Bias, m.TierSpend)
	}
	for j := range customer.Inputs {
		if math.Abs(m.Weights[j]-truth.Weights[j]) > 0.15 {
			t.Errorf("%s: %v, not %v", customer.Input(j), m.Weights[j], truth.Weights[j])
		}
	}
	q, err := Evaluate(m, list)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range q.Calibration {
		if math.Abs(b.Observed()-b.Risk) > 0.03 {
			t.Errorf("tenth %d: risk %v, left %v", i, b.Risk, b.Observed())
		}
	}
	// No step from the optimum lowers the mean log loss.
	for j := range customer.Inputs {
		for _, step := range []float64{-0.05, 0.05} {
			other := *m
			other.Weights[j] += step
			if o, err := Evaluate(&other, list); err != nil || o.LogLoss < q.LogLoss-1e-6 {
				t.Errorf("%s %+.2f: log loss %v, below %v (%v)", customer.Input(j), step, o.LogLoss, q.LogLoss, err)
			}
		}
	}
}

func TestAPenaltyShrinksAndAnInputThatNeverVariesWeighsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	truth := customer.Model{}
	truth.Weights[2] = 2
	list := examples(r, &truth, 2000)
	for i := range list {
		list[i].Inputs[5] = 3
	}
	last := math.Inf(1)
	for _, l2 := range []float64{0, 10, 1000, 100_000} {
		m, err := Fit(list, l2, month, &truth)
		if err != nil {
			t.Fatal(err)
		}
		if m.Weights[2] <= 0 || m.Weights[2] >= last || m.Weights[5] != 0 {
			t.Errorf("penalty %v: weight %v (before %v), of a constant %v", l2, m.Weights[2], last, m.Weights[5])
		}
		last = m.Weights[2]
	}
	if _, err := Fit(list, -1, month, &truth); err == nil {
		t.Error("a negative penalty is taken")
	}
	for i := range list {
		list[i].Left = true
	}
	if _, err := Fit(list, 1, month, &truth); !errors.Is(err, ErrOneKind) {
		t.Errorf("all left: %v", err)
	}
}
