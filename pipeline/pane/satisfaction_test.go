package pane_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

func responses() *rapid.Generator[*event.Response] {
	return rapid.Custom(func(t *rapid.T) *event.Response {
		scale := rapid.Uint8Range(0, 7)
		code := func(names []string) uint8 { return rapid.Uint8Range(0, uint8(len(names))).Draw(t, "code") }
		r := &event.Response{Grade: scale.Draw(t, "grade"), CES: scale.Draw(t, "effort"), HasNPS: rapid.Bool().Draw(t, "has nps"), HasStars: rapid.Bool().Draw(t, "has stars"), Expectation: scale.Draw(t, "expectation"), Performance: scale.Draw(t, "performance"),
			PerceivedPrice: scale.Draw(t, "price"), HasEquity: rapid.Bool().Draw(t, "has equity"), HasExperience: rapid.Bool().Draw(t, "has experience"),
			NeedLevel: code(event.NeedLevels), Emotion: code(event.Emotions), Repurchase: code(event.Repurchases), Recommend: code(event.Recommends)}
		if r.HasEquity {
			r.Equity = rapid.Int8Range(-3, 3).Draw(t, "equity")
		}
		if r.HasNPS {
			r.NPS = rapid.Int8Range(0, 10).Draw(t, "nps")
		}
		if r.HasStars {
			r.Stars = rapid.Int8Range(1, 5).Draw(t, "stars")
		}
		if r.HasExperience {
			r.Experience = rapid.Uint8().Draw(t, "experience")
		}
		for _, answers := range [][]uint8{r.Rater[:], r.Factors[:], r.Facets[:], r.Scorecard[:], r.TCS[:]} {
			for i := range answers {
				answers[i] = scale.Draw(t, "answer")
			}
		}
		return r
	})
}

// plain is what a pane should hold, by the names of the columns.
type plain map[string][]int64

func (p plain) at(name string, i int, v int64) {
	if p[name] == nil {
		p[name] = make([]int64, pane.Satisfaction.Sizes[slices.Index(pane.Satisfaction.Names, name)])
	}
	p[name][i] += v
}

func (p plain) tally(name string, answers ...uint8) {
	for i, a := range answers {
		if a > 0 {
			p.at(name, 2*i, 1)
			p.at(name, 2*i+1, int64(a))
		}
	}
}

func (p plain) code(name string, c uint8) {
	if c > 0 {
		p.at(name, int(c)-1, 1)
	}
}

func (p plain) fit(name string, x, y int64) {
	for i, v := range []int64{1, x, y, x * x, x * y} {
		p.at(name, i, v)
	}
}

func (p plain) add(r *event.Response) {
	if p["grades"] == nil {
		p["grades"] = make([]int64, 7) // every pane has them
	}
	p.code("grades", r.Grade)
	if r.HasNPS {
		p.at("nps", int(r.NPS), 1)
	}
	p.code("ces", r.CES)
	if r.HasStars {
		p.code("stars", uint8(r.Stars))
	}
	if r.Grade > 0 && r.Expectation > 0 && r.Performance > 0 {
		for i, v := range []int64{1, int64(r.Expectation), int64(r.Performance)} {
			p.at("disconfirmation", i, v)
		}
	}
	if r.Grade > 0 && r.Performance > 0 {
		p.fit("performance_fit", int64(r.Performance), int64(r.Grade))
	}
	if r.Grade > 0 && r.HasEquity {
		p.fit("equity_fit", int64(r.Equity), int64(r.Grade))
	}
	p.tally("rater", r.Rater[:]...)
	p.tally("factors", r.Factors[:]...)
	p.tally("facets", r.Facets[:]...)
	p.tally("scorecard", r.Scorecard[:]...)
	p.tally("tcs", r.TCS[:]...)
	p.tally("price", r.PerceivedPrice)
	if r.Grade > 0 {
		p.tally("expectation", r.Expectation)
	}
	p.code("emotion", r.Emotion)
	p.code("need", r.NeedLevel)
	if r.Grade > 0 { // else loyalty would have parts without the grade
		p.code("repurchase", r.Repurchase)
		p.code("recommend", r.Recommend)
	}
	if r.HasExperience {
		p.at("experience", 0, 1)
		for i := range 8 {
			p.at("experience", 1+i, int64(r.Experience>>i&1))
		}
	}
}

func TestResponsesAddUpToPlainSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := pane.Satisfaction.NewDelta()
		set, want := pane.NewSet(pane.Satisfaction, ofMinutes, 10), plain{}
		for _, r := range rapid.SliceOfN(responses(), 1, 6).Draw(t, "responses") {
			d.Reset()
			pane.AddResponse(d, r)
			set.AddToDay(0, 1, 0, pane.Change{Delta: d})
			want.add(r)
		}
		p := flushed(set, 0)[0]
		groups, err := pane.Satisfaction.Split(p.Groups, p.Counters)
		if err != nil {
			t.Fatal(err)
		}
		for g, name := range pane.Satisfaction.Names {
			if got := groups[g]; !slices.Equal(got, want[name]) || (got == nil) != (want[name] == nil) {
				t.Fatalf("%s: %v, want %v", name, got, want[name])
			}
		}
	})
}
