package pls

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"csatflow/schemas/service"
)

// wide bounds indicators that are no answers.
var wide = Settings{Least: -1e6, Most: 1e6}

func questionnaireModel(t testing.TB) Model {
	t.Helper()
	q, err := service.Default()
	if err != nil {
		t.Fatal(err)
	}
	return FromQuestionnaire(q)
}

// answers simulates a model whose paths all have one strength, with n rows of answers from 1 to 10.
func answers(m Model, n int, seed uint64) Data {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var data Data
	for _, l := range m.Latents {
		data.Columns = append(data.Columns, l.Indicators...)
	}
	for range n {
		var row []float64
		level := map[string]float64{}
		for _, l := range m.Latents { // the model lists causes before effects
			level[l.ID] = rnd.NormFloat64()
			for _, p := range m.Paths {
				if p.To == l.ID {
					level[l.ID] += 0.5 * level[p.From]
				}
			}
			for range l.Indicators {
				row = append(row, math.Round(min(10, max(1, 6+1.2*(level[l.ID]+0.8*rnd.NormFloat64())))))
			}
		}
		data.Rows = append(data.Rows, row)
	}
	return data
}

// triangle is A -> B, A -> C, B -> C with the coefficients below, and k indicators each.
func triangle(k int) Model {
	m := Model{Paths: []Path{{"A", "B"}, {"A", "C"}, {"B", "C"}}}
	for _, id := range []string{"A", "B", "C"} {
		l := Latent{ID: id}
		for i := range k {
			l.Indicators = append(l.Indicators, id+strconv.Itoa(i))
		}
		m.Latents = append(m.Latents, l)
	}
	return m
}

const (
	pathAB, pathAC, pathBC = 0.6, 0.3, 0.5
	r2B                    = pathAB * pathAB
	r2C                    = pathAC*pathAC + pathBC*pathBC + 2*pathAC*pathBC*pathAB
)

// triangleData simulates the triangle: latent variables of variance 1, indicators of variance 1 with a loading each.
func triangleData(n, k int, loading float64, seed uint64) Data {
	rnd := rand.New(rand.NewPCG(seed, 2))
	var data Data
	for _, l := range triangle(k).Latents {
		data.Columns = append(data.Columns, l.Indicators...)
	}
	for range n {
		a := rnd.NormFloat64()
		b := pathAB*a + math.Sqrt(1-r2B)*rnd.NormFloat64()
		c := pathAC*a + pathBC*b + math.Sqrt(1-r2C)*rnd.NormFloat64()
		var row []float64
		for _, level := range []float64{a, b, c} {
			for range k {
				row = append(row, loading*level+math.Sqrt(1-loading*loading)*rnd.NormFloat64())
			}
		}
		data.Rows = append(data.Rows, row)
	}
	return data
}

func mustFit(t testing.TB, m Model, data Data, s Settings) *Result {
	t.Helper()
	r, err := Fit(m, data, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
