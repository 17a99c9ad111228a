package pls

import (
	"encoding/json"
	"math"
	"testing"
)

// referenceCase is one estimation for testdata/reference.py, with rows or the name of one of its data sets.
type referenceCase struct {
	Name      string      `json:"name"`
	Dataset   string      `json:"dataset,omitempty"`
	Columns   []string    `json:"columns"`
	Rows      [][]float64 `json:"rows"`
	Latents   []Latent    `json:"latents"`
	Paths     []Path      `json:"paths"`
	Scheme    string      `json:"scheme"`
	Tolerance float64     `json:"tolerance"`
	Numeric   bool        `json:"numeric"`
}

type reference struct {
	Columns                              []string
	Rows                                 [][]float64
	Outer, Cross, Effects, Inner, Blocks map[string]map[string]number
	Scores                               map[string][]float64
}

// number is NaN if the reference has none.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = number(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

var schemeNames = map[string]Scheme{"PATH": PathScheme, "CENTROID": Centroid, "FACTORIAL": Factorial}

// mobi is the European Customer Satisfaction Index's model of mobile phone customers, as in Tenenhaus et al. 2005.
var mobi = Model{
	Latents: []Latent{
		{"image", []string{"IMAG1", "IMAG2", "IMAG3", "IMAG4", "IMAG5"}},
		{"expectation", []string{"CUEX1", "CUEX2", "CUEX3"}},
		{"quality", []string{"PERQ1", "PERQ2", "PERQ3", "PERQ4", "PERQ5", "PERQ6", "PERQ7"}},
		{"value", []string{"PERV1", "PERV2"}},
		{"satisfaction", []string{"CUSA1", "CUSA2", "CUSA3"}},
		{"complaints", []string{"CUSCO"}},
		{"loyalty", []string{"CUSL1", "CUSL2", "CUSL3"}},
	},
	Paths: []Path{
		{"image", "expectation"}, {"image", "satisfaction"}, {"image", "loyalty"}, {"expectation", "quality"},
		{"expectation", "value"}, {"expectation", "satisfaction"}, {"quality", "value"}, {"quality", "satisfaction"},
		{"value", "satisfaction"}, {"satisfaction", "complaints"}, {"satisfaction", "loyalty"}, {"complaints", "loyalty"},
	},
}

func referenceCases(t *testing.T) []referenceCase {
	survey := questionnaireModel(t)
	of := func(m Model, data Data) referenceCase {
		return referenceCase{Columns: data.Columns, Rows: data.Rows, Latents: m.Latents, Paths: m.Paths, Tolerance: 1e-20}
	}
	two := Model{Latents: triangle(3).Latents[:2], Paths: []Path{{"A", "B"}}}
	var cases []referenceCase
	for scheme := range schemeNames {
		phones, survey, pair := of(mobi, Data{}), of(survey, answers(survey, 400, 7)), of(two, triangleData(120, 3, .8, 3))
		phones.Name, phones.Dataset, survey.Name, pair.Name = "mobile phones", "mobi", "survey", "two latent variables"
		loose, numeric := phones, phones
		loose.Name, loose.Tolerance = "mobile phones, plspm's default tolerance", 1e-6
		numeric.Name, numeric.Numeric = "mobile phones as numeric indicators", true
		for _, c := range []referenceCase{phones, survey, pair, loose, numeric} {
			c.Name, c.Scheme = c.Name+" "+scheme, scheme
			cases = append(cases, c)
		}
	}
	return cases
}

func TestEstimatesAgreeWithPlspm(t *testing.T) {
	if testing.Short() {
		t.Skip("the comparison fetches plspm")
	}
	cases := referenceCases(t)
	var references []reference
	plspm(t, cases, &references)
	if len(references) != len(cases) {
		t.Fatalf("%d results for %d cases", len(references), len(cases))
	}
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			want := references[i]
			s := Settings{Scheme: schemeNames[c.Scheme], Tolerance: c.Tolerance, MaxIterations: 1000, Least: wide.Least, Most: wide.Most}
			got := mustFit(t, Model{c.Latents, c.Paths}, Data{want.Columns, want.Rows}, s)
			a := agreement{t: t}
			a.result(got, want)
			t.Logf("%d numbers, largest difference %.1e, %d iterations", a.compared, a.largest, got.Iterations)
		})
	}
}

// agreement compares numbers to 1e-6, and keeps the largest difference.
type agreement struct {
	t        *testing.T
	compared int
	largest  float64
}

func (a *agreement) number(what string, got float64, want number) {
	a.t.Helper()
	a.compared++
	difference := math.Abs(got - float64(want))
	if math.IsNaN(got) && math.IsNaN(float64(want)) {
		difference = 0
	}
	if !(difference <= 1e-6) {
		a.t.Errorf("%s is %v, with plspm %v", what, got, want)
	}
	a.largest = max(a.largest, difference)
}

func (a *agreement) result(got *Result, want reference) {
	for _, i := range got.Indicators {
		of := want.Outer[i.ID]
		a.number("weight of "+i.ID, i.Weight, of["weight"])
		a.number("loading of "+i.ID, i.Loading, of["loading"])
		a.number("communality of "+i.ID, i.Communality, of["communality"])
		a.number("redundancy of "+i.ID, i.Redundancy, of["redundancy"])
		for l, latent := range got.Latents {
			a.number("cross-loading of "+i.ID+" on "+latent.ID, i.CrossLoadings[l], want.Cross[i.ID][latent.ID])
		}
	}
	for l, latent := range got.Latents {
		of := want.Inner[latent.ID]
		a.number("R² of "+latent.ID, latent.R2, of["r_squared"])
		a.number("adjusted R² of "+latent.ID, latent.R2Adjusted, of["r_squared_adj"])
		a.number("AVE of "+latent.ID, latent.AVE, of["ave"])
		a.number("alpha of "+latent.ID, latent.Alpha, want.Blocks[latent.ID]["cronbach_alpha"])
		a.number("rho of "+latent.ID, latent.Rho, want.Blocks[latent.ID]["dillon_goldstein_rho"])
		if len(want.Scores[latent.ID]) != got.Rows {
			a.t.Fatalf("%d scores of %s for %d rows", len(want.Scores[latent.ID]), latent.ID, got.Rows)
		}
		for row, score := range want.Scores[latent.ID] {
			a.number("score of "+latent.ID, got.Scores.At(row, l), number(score))
		}
	}
	if len(got.Effects) != len(want.Effects) {
		a.t.Errorf("%d effects, with plspm %d", len(got.Effects), len(want.Effects))
	}
	direct := map[Path]float64{}
	for _, e := range got.Effects {
		name := e.From + " -> " + e.To
		direct[e.Path] = e.Direct
		a.number("direct effect "+name, e.Direct, want.Effects[name]["direct"])
		a.number("indirect effect "+name, e.Indirect, want.Effects[name]["indirect"])
		a.number("total effect "+name, e.Total, want.Effects[name]["total"])
	}
	for _, p := range got.Paths {
		a.number("path "+p.From+" -> "+p.To, p.Coefficient, number(direct[p.Path]))
	}
}
