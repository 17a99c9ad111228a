package simulate

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

func TestAChildPressesTheButtonsOfOneTerminalAndTheTruthKnowsIt(t *testing.T) {
	c := weeks(2, 10, 60_000, &Real{Children: 30, ChildPresses: 300, ChildMinutes: 8})
	c.AnonymousShare = 0
	type terminal struct{ store, number int }
	pressed := map[terminal][]time.Time{}
	truth := answered(t, c, func(a *Answer) {
		if a.Customer < 0 {
			key := terminal{a.Store, a.Terminal}
			pressed[key] = append(pressed[key], a.At)
		}
	})
	children, presses := 0, 0
	for i, s := range truth.Real.Stores {
		for _, k := range s.Children {
			children++
			n := 0
			for _, at := range pressed[terminal{i, int(k.TerminalID[len(k.TerminalID)-1] - '0')}] {
				if !at.Before(k.From) && !at.After(k.To) {
					n++
				}
			}
			if presses += n; n < k.Presses || k.Presses < 150 || k.Presses > 450 || k.To.Sub(k.From) > 20*time.Minute {
				t.Errorf("%d of %+v", n, k)
			}
		}
	}
	all := 0
	for _, p := range pressed {
		all += len(p)
	}
	if children < 5 || all != presses {
		t.Errorf("%d children, %d presses of %d", children, presses, all)
	}
}

func TestSomeCustomersAnswerOftenAndSomeAgainAboutTheSameVisit(t *testing.T) {
	c := weeks(2, 5, 200_000, &Real{FrequentShare: .05, FrequentTimes: 8})
	of := map[int]float64{}
	truth := answered(t, c, func(a *Answer) { of[a.Customer]++ })
	often := map[string]bool{}
	for _, who := range truth.Real.Frequent {
		often[who] = true
	}
	var sums, n [2]float64
	for who := range c.Customers {
		k := 0
		if often[string(appendCustomer(nil, int32(who)))] {
			k = 1
		}
		sums[k], n[k] = sums[k]+of[who], n[k]+1
	}
	if share, times := n[1]/float64(c.Customers), sums[1]/n[1]/(sums[0]/n[0]); math.Abs(share-.05) > .005 || math.Abs(times-8) > .5 {
		t.Errorf("%.3f answer %.2f times as often", share, times)
	}

	c = weeks(1, 5, 100_000, &Real{RepeatShare: .2})
	c.Customers = 300_000
	last := map[int]Answer{}
	var again, near float64
	truth = answered(t, c, func(a *Answer) {
		if b, met := last[a.Customer]; met && a.Customer >= 0 && a.At.Sub(b.At) < 3*time.Hour && a.Store == b.Store {
			again++
			if d := a.Grade - b.Grade; d >= -1 && d <= 1 {
				near++
			}
		}
		last[a.Customer] = *a
	})
	if r := float64(truth.Real.Repeated); r < 20_000 || again < r*.95 || again > r*1.2 || near < .95*again {
		t.Errorf("%v repeated, %v seen, %v of them within a grade", r, again, near)
	}
}

func TestWhenFewerAreAskedTheUnhappyMayStay(t *testing.T) {
	c := weeks(8, 20, 600_000, &Real{ResponseChanges: 6, ResponseChangeDays: 7, ResponseFall: .4, ResponseRise: 2, UnhappyStay: .5})
	const usual, fewer, unhappy, more = 0, 1, 2, 3
	made, err := NewAnswers(c)
	if err != nil {
		t.Fatal(err)
	}
	stores := made.Truth().Real.Stores
	kind := func(s Span) int {
		switch {
		case s.Unhappy:
			return unhappy
		case s.Value < 1:
			return fewer
		}
		return more
	}
	grades, hours := make([][4]tally, c.Stores), make([][4]float64, c.Stores)
	for i := range stores {
		hours[i][usual] = c.Duration.Hours()
		for _, r := range stores[i].Responses {
			h := min(r.To.Sub(r.From), c.Start.Add(c.Duration).Sub(r.From)).Hours()
			hours[i][kind(r)] += h
			hours[i][usual] -= h
		}
	}
	var a Answer
	for made.Next(&a) {
		k := usual
		for _, r := range stores[a.Store].Responses {
			if !a.At.Before(r.From) && a.At.Before(r.To) {
				k = kind(r)
			}
		}
		grades[a.Store][k].add(int64(a.Grade))
	}
	// Each store is compared with itself.
	for _, want := range []struct {
		kind            int
		rate, low, high float64
	}{{fewer, .4, -.06, .06}, {unhappy, .4 + .6*(1-happyShare), -.5, -.15}, {more, 2, -.06, .06}} {
		var have, expected, moved float64
		for i := range grades {
			g, u := grades[i][want.kind], grades[i][usual]
			if g.n > 0 {
				have, expected, moved = have+g.n, expected+u.n/hours[i][usual]*hours[i][want.kind], moved+g.n*(g.mean()-u.mean())
			}
		}
		if rate, d := have/expected, moved/have; math.Abs(rate/want.rate-1) > .1 || d < want.low || d > want.high {
			t.Errorf("kind %d: %.3f of the usual rate, %.3f grades away, of %.0f answers", want.kind, rate, d, have)
		}
	}
}

func TestAReturnsDeskAndAChangedMixHaveMoreReturnsAndWorseGrades(t *testing.T) {
	c := weeks(8, 20, 400_000, &Real{ReturnsDesks: .3, ReturnsDeskShare: .4, MixChanges: 6, MixChangeDays: 14, MixChangeShare: .3})
	s, err := NewAnswers(c)
	if err != nil {
		t.Fatal(err)
	}
	real := s.Truth().Real
	var all, returns [2][2]float64 // desk, changed
	var a Answer
	for s.Next(&a) {
		if a.Customer < 0 {
			continue
		}
		desk, changed := 0, 0
		if real.Stores[a.Store].Desk > 0 {
			desk = 1
		}
		for _, m := range real.Stores[a.Store].Mix {
			if !a.At.Before(m.From) && a.At.Before(m.To) {
				changed = 1
			}
		}
		all[desk][changed]++
		if a.Touch == "return" {
			returns[desk][changed]++
		}
	}
	const usual = 3. / 32
	for desk, rest := range []float64{1 - usual, (1 - usual) * .6} {
		for changed, keep := range []float64{1, .7} {
			if share := returns[desk][changed] / all[desk][changed]; !(math.Abs(share-(1-rest*keep)) < .02) {
				t.Errorf("desk %d, changed %d: %.3f of %.0f visits are returns", desk, changed, share, all[desk][changed])
			}
		}
	}
}

func TestInRealLifeSomeSayWhatTheyExpectOfEachDimension(t *testing.T) {
	asked := func(r *Real) (with, raters float64, means map[string]float64) {
		f := feedOf(t, weeks(1, 10, 60_000, r))
		sums, n := map[string]float64{}, map[string]float64{}
		var e Event
		for f.Next(&e) {
			var p struct {
				Rater    map[string]float64
				Expected map[string]float64 `json:"rater_expectation"`
			}
			if json.Unmarshal(e.Value, &p) != nil { // what is bad on purpose
				continue
			}
			if p.Rater != nil {
				raters++
			} else if p.Expected != nil {
				t.Errorf("%s has an expectation of dimensions and no answer about them", e.Value)
			}
			if p.Expected != nil {
				with++
			}
			for name, v := range p.Expected {
				sums[name], n[name] = sums[name]+v, n[name]+1
			}
		}
		means = map[string]float64{}
		for name := range sums {
			means[name] = sums[name] / n[name]
		}
		return with, raters, means
	}
	with, raters, means := asked(&Real{ExpectationShare: .3})
	if share := with / raters; math.Abs(share-.3) > .02 || raters < 5000 {
		t.Errorf("%.3f of %.0f answers about dimensions say what is expected", share, raters)
	}
	if len(means) != 5 || !(means["reliability"] > means["empathy"]+.3) || !(means["empathy"] > means["tangibles"]+.2) {
		t.Errorf("expected on average: %v", means)
	}
	for _, r := range []*Real{nil, {}} {
		if with, raters, _ := asked(r); with > 0 || raters == 0 {
			t.Errorf("%.0f of %.0f answers of a kind feed say what is expected", with, raters)
		}
	}
}
