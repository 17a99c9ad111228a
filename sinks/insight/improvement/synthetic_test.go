package improvement

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// At the least of a convex sum over the simplex no weight can be moved to another for the better (Karush, Kuhn, Tucker).
func TestWeightsAreTheBestOnTheSimplex(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		const m, n, ridge = 12, 8, .7
		a, b := mat.NewDense(m, n, nil), make([]float64, m)
		for i := range m {
			for j := range n {
				a.Set(i, j, r.NormFloat64()+float64(j)*float64(i)/20)
			}
			b[i] = 3 + .6*a.At(i, 1) + .4*a.At(i, 6) + .1*r.NormFloat64()
		}
		w := simplex(a, b, ridge)
		if s := floats.Sum(w); math.Abs(s-1) > 1e-9 || floats.Min(w) < 0 {
			t.Fatalf("weights %v", w)
		}
		loss := func(w []float64) float64 {
			left := make([]float64, m)
			for i := range left {
				left[i] = floats.Dot(a.RawRowView(i), w) - b[i]
			}
			mean := floats.Sum(left) / m
			floats.AddConst(-mean, left)
			return floats.Dot(left, left) + ridge*floats.Dot(w, w)
		}
		least := loss(w)
		for i := range w {
			for j := range w {
				moved := append([]float64{}, w...)
				step := min(moved[i], 1e-3)
				moved[i] -= step
				moved[j] += step
				if l := loss(moved); l < least-1e-6 {
					t.Errorf("seed %d: %v from %d to %d makes %v of %v", seed, step, i, j, l, least)
				}
			}
		}
	}
}

// A scope that follows other untreated ones than the mean of all is compared with those: the plain difference is far off.
func TestAScopeIsComparedWithThoseThatRunInParallel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	scope := func(trend, effect float64) map[int]Day {
		m := map[int]Day{}
		for d := range 56 {
			v := 4 + trend*float64(d) + .03*r.NormFloat64()
			if d >= 28 {
				v += effect
			}
			m[d] = Day{v, 30}
		}
		return m
	}
	var controls []map[int]Day
	for i := range 12 {
		controls = append(controls, scope(.02*float64(i%3), 0))
	}
	e, err := Estimate(scope(.04, .3), controls, 28)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(e.Effect-.3) > .12 || math.Abs(e.Difference-.3) < .4 {
		t.Errorf("the effect is 0.3: synthetic %v, plain %v", e.Effect, e.Difference)
	}
	if math.Abs(e.Trend.Slope-.02) > .003 || len(e.Gaps) != 56 {
		t.Errorf("before the change it rises by 0.02 a day against the others: %+v, %d days", e.Trend, len(e.Gaps))
	}
}

func TestATrendOfItsOwnBeforeTheChangeIsTold(t *testing.T) {
	list := autocorrelated(rand.New(rand.NewPCG(3, 3)), 20, 56, .5, 0)
	for d := range 56 {
		list[0][d] = Day{list[0][d].Value + .03*float64(d), list[0][d].N}
	}
	e, err := Estimate(list[0], list[1:], 28)
	if err != nil {
		t.Fatal(err)
	}
	if e.Trend.Placebo != .05 || math.Abs(e.Trend.Slope-.03) > .01 {
		t.Errorf("%+v", e.Trend)
	}
}

// A store that is chosen for its worst month gets better by itself; by how much is told.
func TestTheWorstScopeIsSaidToRegressToTheMean(t *testing.T) {
	change, told := 0.0, 0.0
	const repetitions = 100
	for seed := range uint64(repetitions) {
		list := autocorrelated(rand.New(rand.NewPCG(seed, 11)), 20, 56, .95, 0)
		worst, least := 0, math.Inf(1)
		for i := range list {
			sum := 0.0
			for d := range 28 {
				sum += list[i][d].Value
			}
			if sum < least {
				worst, least = i, sum
			}
		}
		list[0], list[worst] = list[worst], list[0]
		e, err := Estimate(list[0], list[1:], 28)
		if err != nil {
			t.Fatal(err)
		}
		if !e.Extreme.FarOut() || e.Extreme.Share != .05 {
			t.Fatalf("%+v", e.Extreme)
		}
		change, told = change+e.Difference/repetitions, told+e.Extreme.Regression/repetitions
	}
	if change < .02 || math.Abs(told-change) > change/2 {
		t.Errorf("without an effect the worst changes by %v on average, %v is told", change, told)
	}
}

func TestDaysThatAreMissingAreFilledAndScopesWithoutAreLeftOut(t *testing.T) {
	list := autocorrelated(rand.New(rand.NewPCG(5, 3)), 8, 40, 0, 0)
	delete(list[2], 5)
	delete(list[3], 30)
	list[0][12] = Day{}
	for d := range 15 {
		delete(list[4], d)
	}
	p, err := balanced(list[0], list[1:], 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.rows) != 7 || len(p.days) != 39 || p.before != 19 {
		t.Fatalf("%d scopes, %d days, %d before the change", len(p.rows), len(p.days), p.before)
	}
	for _, row := range p.rows {
		for _, v := range row {
			if math.IsNaN(v) || v < 2 || v > 8 {
				t.Errorf("a value of %v", v)
			}
		}
	}
}

// The interval takes the weights of days as they are. But for that, an effect is inside it if, taken from the scope, it leaves a placebo share above 5 %.
func TestTheIntervalIsThePlaceboShareInverted(t *testing.T) {
	list := autocorrelated(rand.New(rand.NewPCG(7, 3)), 25, 56, .5, 0)
	for d := 28; d < 56; d++ {
		list[0][d] = Day{list[0][d].Value + .2, list[0][d].N}
	}
	e, err := Estimate(list[0], list[1:], 28)
	if err != nil {
		t.Fatal(err)
	}
	if e.Low >= e.Effect || e.High <= e.Effect || e.Low > .2 || e.High < .2 {
		t.Errorf("%+v", e)
	}
	without := func(effect float64) float64 {
		taken := map[int]Day{}
		for d, v := range list[0] {
			if d >= 28 {
				v.Value -= effect
			}
			taken[d] = v
		}
		o, err := Estimate(taken, list[1:], 28)
		if err != nil {
			t.Fatal(err)
		}
		return o.Placebo
	}
	for _, effect := range []float64{e.Low + .03, e.Effect, e.High - .03} {
		if p := without(effect); p <= .05 {
			t.Errorf("%v is in %v to %v, and has a placebo share of %v", effect, e.Low, e.High, p)
		}
	}
	for _, effect := range []float64{e.Low - .03, e.High + .03} {
		if p := without(effect); p > .05 {
			t.Errorf("%v is not in %v to %v, and has a placebo share of %v", effect, e.Low, e.High, p)
		}
	}
}
