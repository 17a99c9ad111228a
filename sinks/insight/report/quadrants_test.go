package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Of two predictors with correlation r, Λ has (√(1+r) ± √(1-r)) / 2; the weights follow by hand. They add up to R².
func TestRelativeWeightsAreJohnsons(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	p := newProducts(3)
	for range 5000 {
		a, b := r.NormFloat64(), r.NormFloat64()
		b = .6*a + .8*b
		p.add([]float64{a, b, .5*a + .2*b + r.NormFloat64()})
	}
	among, y1, y2 := p.correlation(0, 1), p.correlation(0, 2), p.correlation(1, 2)
	c, s := (math.Sqrt(1+among)+math.Sqrt(1-among))/2, (math.Sqrt(1+among)-math.Sqrt(1-among))/2
	d := c*c - s*s
	b1, b2 := (c*y1-s*y2)/d, (c*y2-s*y1)/d
	want := []float64{c*c*b1*b1 + s*s*b2*b2, s*s*b1*b1 + c*c*b2*b2}
	got := p.relativeWeights(2)
	square := (y1*y1 + y2*y2 - 2*among*y1*y2) / (1 - among*among)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("weights %v, by hand %v", got, want)
		}
	}
	if math.Abs(got[0]+got[1]-square) > 1e-9 {
		t.Errorf("weights %v add up to %v, R² is %v", got, got[0]+got[1], square)
	}
}

var questions = []string{"a", "b", "c", "d"}

// answered draws responses: a matters and is bad, b matters and is good, c and d do not; stores differ in grade and answers alike, which
// is no importance. Each customer answers some times, with a taste of their own.
func answered(r *rand.Rand, n int, weight float64) (rows []rated) {
	for i := range n {
		store, taste := float64(i%8)-3.5, r.NormFloat64()
		for range 3 {
			v := []float64{3.2, 5.6, 3.4, 5.4}
			for j := range v {
				v[j] = min(7, max(1, math.Round(v[j]+.3*store+.5*taste+r.NormFloat64())))
			}
			rows = append(rows, rated{fmt.Sprint("c", i), fmt.Sprint("s", i%8), 4 + store + weight*(v[0]+v[1]-9) + r.NormFloat64(), v})
		}
	}
	return rows
}

func TestAClearQuadrantIsToldAndAnUnclearOneIsNot(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	points := map[string]Point{}
	for _, p := range place([]*scale{newScale("rater", questions, answered(r, 2000, .6))}) {
		points[p.ID] = p
		if !(p.Low <= p.Importance && p.Importance <= p.High) || p.N != 6000 {
			t.Errorf("%+v", p)
		}
	}
	for id, want := range map[string]string{"a": "concentrate", "b": "keep_up", "c": "low_priority", "d": "overkill"} {
		if points[id].Quadrant != want {
			t.Errorf("%s: want %s, is %+v", id, want, points[id])
		}
	}
	// Where nothing matters more than the rest, no question is told to.
	certain := 0
	const repetitions = 25
	for seed := range uint64(repetitions) {
		for _, p := range place([]*scale{newScale("rater", questions, answered(rand.New(rand.NewPCG(seed, 3)), 100, 0))}) {
			if p.Quadrant != "uncertain" {
				certain++
			}
		}
	}
	if most := 12; certain > most { // of 100, 5 of them by chance; both lines at once
		t.Errorf("%d of %d points have a quadrant without reason", certain, 4*repetitions)
	}
}

func TestWhatDiffersOnlyBetweenStoresHasNoImportance(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, p := range place([]*scale{newScale("rater", questions, answered(r, 1000, 0))}) {
		if p.Importance > .02 {
			t.Errorf("%+v", p)
		}
	}
}

func TestQuestionsThatFewAnswerOrThatNeverVaryAreLeftOut(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	rows := answered(r, 40, .5)
	for i := range rows {
		rows[i].Answers[1] = 4
		if i >= leastPairs-1 {
			rows[i].Answers[2] = 0
		}
	}
	points := place([]*scale{newScale("rater", questions, rows), newScale("factors", questions, nil)})
	if len(points) != 2 {
		t.Errorf("%+v", points)
	}
}
