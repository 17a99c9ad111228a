package improvement

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// days makes a scope's days: a level, a part that all scopes share, noise, and an effect from a day on.
func days(r *rand.Rand, common []float64, level, effect float64, change int) map[int]Day {
	m := map[int]Day{}
	for d := range common {
		v := level + common[d] + 0.1*r.NormFloat64()
		if d >= change {
			v += effect
		}
		m[d] = Day{v, float64(20 + r.IntN(60))}
	}
	return m
}

func common(r *rand.Rand, n int) []float64 {
	c := make([]float64, n)
	for i := range c {
		c[i] = 0.02*float64(i) + 0.3*r.NormFloat64() // a trend, and days that are bad for all
	}
	return c
}

func TestTheEffectIsFoundUnderWhatAllShare(t *testing.T) {
	covered, null, rejected := 0, 0, 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := common(r, 56)
		var controls []map[int]Day
		for i := range 9 {
			controls = append(controls, days(r, c, 5+0.1*float64(i), 0, 28))
		}
		e, err := Estimate(days(r, c, 4, 0.25, 28), controls, 28)
		if err != nil {
			t.Fatal(err)
		}
		if e.Low <= 0.25 && 0.25 <= e.High {
			covered++
		}
		if e.Method != SyntheticDifference || e.Placebo != 0.1 || e.DaysBefore != 28 || e.DaysAfter != 28 || e.Controls != 9 || math.Abs(e.After-e.Before-(e.ControlAfter-e.ControlBefore)-e.Difference) > 1e-9 {
			t.Fatalf("%+v", e)
		}
		if e, err = Estimate(days(r, c, 4, 0, 28), controls, 28); err != nil {
			t.Fatal(err)
		}
		null++
		if e.Low > 0 || e.High < 0 {
			rejected++
		}
	}
	if covered < 180 || covered > 199 || rejected > 20 || rejected == 0 {
		t.Errorf("of 200 intervals %d cover the effect; of %d without one %d leave out 0", covered, null, rejected)
	}
}

func TestTooLittleIsSaid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	c := common(r, 10)
	one := days(r, c, 4, 0, 5)
	if _, err := Estimate(one, nil, 5); !errors.Is(err, ErrTooLittle) {
		t.Errorf("no untreated scope: %v", err)
	}
	if _, err := Estimate(one, []map[int]Day{one}, 9); !errors.Is(err, ErrTooLittle) {
		t.Errorf("one day after: %v", err)
	}
	same := map[int]Day{}
	for d := range 10 {
		same[d] = Day{4, 10}
	}
	if e, err := Estimate(same, []map[int]Day{same}, 5); err != nil || e.Method != PlainDifference || e.Placebo != 1 || e.Effect != 0 || e.Low != 0 || e.High != 0 {
		t.Errorf("nothing moves: %+v, %v", e, err)
	}
}
