package value

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// cdnow is what Fader, Hardie and Lee 2005 estimate for CDNOW, in weeks, and Fader and Hardie 2013 for its amounts.
var cdnow = Model{Purchasing{0.243, 4.414, 0.793, 2.426}, Spending{6.25, 3.74, 15.44}}

// hypergeometric is 2F1 by its series, for z below 1.
func hypergeometric(a, b, c, z float64) float64 {
	term, sum := 1.0, 1.0
	for k := 0.0; k < 1e5 && math.Abs(term) > 1e-16*math.Abs(sum); k++ {
		term *= (a + k) * (b + k) / (c + k) * z / (k + 1)
		sum += term
	}
	return sum
}

// expected is equation 10 of Fader, Hardie, Lee 2005.
func expected(m *Purchasing, b *Buyer, t float64) float64 {
	x, k, a := b.Repeat, m.R+b.Repeat, m.Alpha+b.Age
	up := (m.A + m.B + x - 1) / (m.A - 1) * (1 - math.Pow(a/(a+t), k)*hypergeometric(k, m.B+x, m.A+m.B+x-1, t/(a+t)))
	down := 1.0
	if x > 0 {
		down += m.A / (m.B + x - 1) * math.Pow(a/(m.Alpha+b.Last), k)
	}
	return up / down
}

func TestTheRuleGivesThePapersExpectation(t *testing.T) {
	for _, m := range []Purchasing{cdnow.Purchasing, {1.5, 20, 0.3, 4}, {0.8, 5, 0.02, 9}, {2, 3, 1.7, 0.6}} {
		r, err := m.Rule()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []Buyer{{0, 0, 1, 0, 1}, {0, 0, 300, 0, 1}, {2, 30.43, 38.86, 0, 1}, {40, 200, 210, 0, 1}, {300, 700, 720, 0, 1}, {5, 20, 500, 0, 1}} {
			for _, days := range []float64{1, 52, 365} {
				got, _ := m.Purchases(&b, days, r)
				if want := expected(&m, &b, days); math.Abs(got-want) > 1e-5*want {
					t.Errorf("%+v, %+v, %v days: %v, the paper has %v", m, b, days, got, want)
				}
			}
		}
	}
}

// lives draws what a customer of the model buys in some days.
func lives(m *Purchasing, src *rand.Rand, days float64) (times []float64) {
	rate := distuv.Gamma{Alpha: m.R, Beta: m.Alpha, Src: src}.Rand()
	leaves := distuv.Beta{Alpha: m.A, Beta: m.B, Src: src}.Rand()
	for at := src.ExpFloat64() / rate; at < days; at += src.ExpFloat64() / rate {
		times = append(times, at)
		if src.Float64() < leaves {
			break
		}
	}
	return times
}

func TestTheForecastIsWhatCustomersOfTheModelDo(t *testing.T) {
	src := rand.New(rand.NewPCG(3, 3))
	m := Purchasing{1.2, 25, 0.8, 4}
	r, err := m.Rule()
	if err != nil {
		t.Fatal(err)
	}
	const age, days = 100.0, 60.0
	var bought, square, silent, said, saidSquare, saidSilent, n float64
	for range 100_000 {
		b := Buyer{Age: age}
		after := 0.0
		for _, at := range lives(&m, src, age+days) {
			if at <= age {
				b.Repeat, b.Last = b.Repeat+1, at
			} else {
				after++
			}
		}
		mean, sq := m.Purchases(&b, days, r)
		n, bought, square, said, saidSquare, saidSilent = n+1, bought+after, square+after*after, said+mean, saidSquare+sq, saidSilent+m.Silent(&b, days)
		if after == 0 {
			silent++
		}
	}
	for name, pair := range map[string][2]float64{"purchases": {bought, said}, "squares": {square, saidSquare}, "silent": {silent, saidSilent}} {
		if math.Abs(pair[0]/pair[1]-1) > 0.02 {
			t.Errorf("%s: %.4f of each customer, the model says %.4f", name, pair[0]/n, pair[1]/n)
		}
	}
}

func TestFitFindsTheParametersThatMadeTheCustomers(t *testing.T) {
	src := rand.New(rand.NewPCG(4, 4))
	truth := Model{Purchasing{0.8, 20, 0.9, 3}, Spending{6, 4, 15}}
	buyers := make([]Buyer, 15_000)
	for i := range buyers {
		b := &buyers[i]
		b.Age = 100 + 200*src.Float64()
		for _, at := range lives(&truth.Purchasing, src, b.Age) {
			b.Repeat, b.Last = b.Repeat+1, at
		}
		scale := distuv.Gamma{Alpha: truth.Q, Beta: truth.V, Src: src}.Rand()
		b.Spend = distuv.Gamma{Alpha: truth.P * (b.Repeat + 1), Beta: scale * (b.Repeat + 1), Src: src}.Rand()
	}
	m, err := Fit(buyers)
	if err != nil {
		t.Fatal(err)
	}
	got := []float64{m.R, m.Alpha, m.A / (m.A + m.B), m.P, m.Q, m.V}
	for i, want := range []float64{truth.R, truth.Alpha, truth.A / (truth.A + truth.B), truth.P, truth.Q, truth.V} {
		if math.Abs(got[i]/want-1) > 0.12 {
			t.Errorf("parameter %d is %v, made with %v", i, got[i], want)
		}
	}
	r, err := m.Rule()
	if err != nil {
		t.Fatal(err)
	}
	b := Buyer{Repeat: 3, Last: 60, Age: 90, Spend: 12}
	f := m.Forecast(&b, 365, r)
	if !(f.Low < f.Amount && f.Amount < f.High) || f.Alive <= 0 || f.Alive > 1 || f.Silent < 1-f.Alive {
		t.Errorf("%+v", f)
	}
}

func TestTheIntervalOfACustomersYearHoldsFourOfFiveCustomers(t *testing.T) {
	src := rand.New(rand.NewPCG(6, 6))
	m := Model{Purchasing{0.8, 20, 0.9, 3}, Spending{6, 4, 15}}
	r, err := m.Rule()
	if err != nil {
		t.Fatal(err)
	}
	const n, age, days = 20_000, 200.0, 365.0
	below, above := 0.0, 0.0
	for range n {
		b, after := Buyer{Age: age}, 0.0
		for _, at := range lives(&m.Purchasing, src, age+days) {
			if at <= age {
				b.Repeat, b.Last = b.Repeat+1, at
			} else {
				after++
			}
		}
		rate := distuv.Gamma{Alpha: m.Q, Beta: m.V, Src: src}.Rand()
		b.Spend = distuv.Gamma{Alpha: m.P * (b.Repeat + 1), Beta: rate * (b.Repeat + 1), Src: src}.Rand()
		spent := 0.0
		if after > 0 {
			spent = distuv.Gamma{Alpha: m.P * after, Beta: rate, Src: src}.Rand()
		}
		switch f := m.Forecast(&b, days, r); {
		case spent < f.Low:
			below++
		case spent > f.High:
			above++
		}
	}
	t.Logf("below %.3f, above %.3f", below/n, above/n)
	if below/n > .11 || above/n < .08 || above/n > .11 {
		t.Errorf("%.3f of the customers lie below, %.3f above", below/n, above/n)
	}
}

func TestTwoEqualCustomersWeighAsOneOfWeightTwo(t *testing.T) {
	var once, twice []Buyer
	src := rand.New(rand.NewPCG(5, 5))
	for range 400 {
		b := Buyer{Age: 200, Spend: 1 + 9*src.Float64()}
		for _, at := range lives(&Purchasing{1, 30, 1, 3}, src, b.Age) {
			b.Repeat, b.Last = b.Repeat+1, at
		}
		twice = append(twice, b, b)
		b.Clients = 2
		once = append(once, b)
	}
	a, err := Fit(once)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Fit(twice)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(a.R-b.R) > 1e-6*b.R || math.Abs(a.V-b.V) > 1e-6*b.V {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestAFitNeedsCustomersWhoBoughtAgain(t *testing.T) {
	if _, err := Fit([]Buyer{{Age: 3, Spend: 2, Clients: 1e6}}); !errors.Is(err, ErrTooFew) {
		t.Errorf("one-time buyers only: %v", err)
	}
	if _, err := Fit([]Buyer{{Repeat: 2, Last: 5, Age: 3}}); err == nil || errors.Is(err, ErrTooFew) {
		t.Errorf("a purchase after the end: %v", err)
	}
}

func TestSurvivalFallsFromTheProbabilityOfBeingThere(t *testing.T) {
	r, err := cdnow.Rule()
	if err != nil {
		t.Fatal(err)
	}
	b := Buyer{Repeat: 2, Last: 30.43, Age: 38.86}
	last := cdnow.Alive(&b)
	if s := cdnow.Survival(&b, 0, r); math.Abs(s-last) > 1e-9 {
		t.Errorf("at once %v, there with %v", s, last)
	}
	for _, weeks := range []float64{4, 13, 52, 500} {
		if s := cdnow.Survival(&b, weeks, r); s >= last || s <= 0 {
			t.Errorf("%v after %v weeks, before %v", s, weeks, last)
		} else {
			last = s
		}
	}
	if sum := floats.Sum(r.Weights); math.Abs(sum-1) > 1e-9 {
		t.Errorf("the weights add up to %v", sum)
	}
}
