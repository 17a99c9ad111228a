package clickhouse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/sinks/clickhouse"
)

func (c *company) checkSigma(t *testing.T, s *clickhouse.Store) {
	of := func(from, to time.Time, day bool) map[string][]float64 {
		want := map[string][]float64{}
		for _, l := range c.looks {
			if l.opportunities == 0 || l.at.Before(from) || !l.at.Before(to) {
				continue
			}
			for _, standard := range slices.Compact([]string{"", l.standard}) {
				for _, scope := range []string{"all ", "store " + l.store, "employee " + l.employee} {
					key := scope + " " + standard
					if day {
						key = l.at.Format("2006-01-02 ") + key
					}
					if want[key] == nil {
						want[key] = []float64{0, 0}
					}
					want[key][0] += float64(l.opportunities)
					want[key][1] += float64(l.defects)
				}
			}
		}
		for key, v := range want {
			p, sigma := 1-v[1]/v[0], math.NaN()
			if p > 0 && p < 1 {
				sigma = math.Sqrt2*math.Erfinv(2*p-1) + 1.5
			}
			want[key] = append(v, 1e6*v[1]/v[0], sigma)
		}
		return want
	}
	four := columns("opportunities", "defects", "dpmo", "sigma_level")
	same(t, "sigma", of(firstDay, firstDay.AddDate(1, 0, 0), true), figures(t, s, "SELECT concat(formatDateTime(pane_start, '%Y-%m-%d'), ' ', scope_kind, ' ', scope_id, ' ', standard_id), "+four+" FROM sigma"))
	from, to := firstDay.AddDate(0, 1, 3), firstDay.AddDate(0, 3, 0)
	same(t, "sigma_between", of(from, to, false), figures(t, s, fmt.Sprintf("SELECT concat(scope_kind, ' ', scope_id, ' ', standard_id), %s FROM sigma_between(from = '%s', to = '%s')", four, from.Format(time.DateTime), to.Format(time.DateTime))))
	// Motorola's table, and the tails of the normal quantile.
	for dpmo, level := range map[float64]float64{3.4: 6.0, 233: 5.0, 6210: 4.0, 66807: 3.0, 308538: 2.0, 691462: 1.0} {
		q := fmt.Sprintf("SELECT 'x', [1 - %v / 1e6]", dpmo)
		if p := figures(t, s, q)["x"][0]; math.Abs(math.Sqrt2*math.Erfinv(2*p-1)+1.5-level) > 0.005 {
			t.Errorf("%v dpmo is not %v sigma", dpmo, level)
		}
	}
}

func (c *company) checkMystery(t *testing.T, s *clickhouse.Store) {
	latest := time.Time{}
	for _, l := range c.looks {
		if l.kind == "mystery_visit" && l.at.After(latest) {
			latest = l.at
		}
	}
	got := figures(t, s, mysteryColumns+columns("visits", "score", "indexOf(['', 'reward', 'revisit', 'too_few'], action)", "low", "high")+" FROM mystery_score")
	scores := map[string][]float64{}
	for _, l := range c.looks {
		if l.kind != "mystery_visit" || !l.at.After(latest.AddDate(0, 0, -90)) {
			continue
		}
		score, n := math.Min(1, 30/math.Max(l.greet, 0.001)), 1.0
		for _, v := range []int{l.selling, l.knowledge} {
			if v > 0 {
				score, n = score+float64(v-1)/6, n+1
			}
		}
		for _, key := range []string{"store " + l.store, "employee " + l.employee} {
			scores[key] = append(scores[key], score/n)
		}
	}
	within, freedom := map[string]float64{}, map[string]float64{} // by kind of scope
	means := map[string]float64{}
	for key, list := range scores {
		kind := strings.Fields(key)[0]
		for _, v := range list {
			means[key] += v / float64(len(list))
		}
		for _, v := range list {
			within[kind] += (v - means[key]) * (v - means[key])
		}
		freedom[kind] += float64(len(list) - 1)
	}
	want := map[string][]float64{}
	for key, list := range scores {
		kind, n, action := strings.Fields(key)[0], float64(len(list)), 1.0
		half := distuv.StudentsT{Sigma: 1, Nu: freedom[kind]}.Quantile(.975) * math.Sqrt(within[kind]/freedom[kind]/n)
		low, high := max(0, means[key]-half), min(1, means[key]+half)
		if n < 3 {
			action = 4
		} else if low >= 0.8 {
			action = 2
		} else if high < 0.5 {
			action = 3
		}
		want[key] = []float64{n, means[key], action}
		if v := got[key]; math.Abs(v[3]-low) > 1e-4 || math.Abs(v[4]-high) > 1e-4 { // the view has a series for the quantile
			t.Errorf("%s: %v, want %v to %v", key, v, low, high)
		}
		got[key] = got[key][:3]
	}
	same(t, "mystery_score", want, got)
}

const mysteryColumns = "SELECT concat(scope_kind, ' ', scope_id), "

func TestMysteryVisitsLeadToSomethingOnlyBeyondChance(t *testing.T) {
	s := viewed(t)
	c := &company{}
	for store, greets := range map[string][]float64{ // greeted within 30 seconds is a score of 1
		"one-good": {20}, "two-good": {20, 20}, "good": {20, 20, 33, 20, 20}, "often-good": {20, 20, 20, 90, 90, 20, 20, 20},
		"one-bad": {300}, "bad": {200, 250, 300, 120}, "middling": {45, 45, 45, 45, 45}, "nearly-bad": {60, 63, 63},
	} {
		for i, seconds := range greets {
			c.looks = append(c.looks, look{kind: "mystery_visit", store: store, at: firstDay.AddDate(0, 0, i), greet: seconds})
		}
	}
	c.store(t, s)
	got := figures(t, s, "SELECT concat(scope_id, ' ', action), "+columns("visits", "score", "low", "high")+" FROM mystery_score")
	for _, want := range []string{"one-good too_few", "two-good too_few", "good reward", "often-good ", "one-bad too_few", "bad revisit", "middling ", "nearly-bad "} {
		if got[want] == nil {
			t.Errorf("not found: %q; there are %v", want, got)
		}
	}
}

func TestIntervalsOfMysteryScoresCover(t *testing.T) {
	s, r := viewed(t), rand.New(rand.NewPCG(5, 5))
	c, truth := &company{}, map[string]float64{}
	visit := func(good, swings float64) (l look, score float64) {
		level := func() int {
			return int(math.Round(1 + 6*distuv.Beta{Alpha: good * swings, Beta: (1 - good) * swings, Src: r}.Rand()))
		}
		l = look{kind: "mystery_visit", greet: 30 / max(.1, distuv.Beta{Alpha: good * swings, Beta: (1 - good) * swings, Src: r}.Rand()), selling: level(), knowledge: level()}
		return l, (30/l.greet + float64(l.selling-1)/6 + float64(l.knowledge-1)/6) / 3
	}
	for i := range 400 {
		store, good, swings := fmt.Sprint("s", i), .3+.65*r.Float64(), 2+6*r.Float64()
		for range 2000 {
			_, score := visit(good, swings)
			truth[store] += score / 2000
		}
		for n := range 2 + i%5 {
			l, _ := visit(good, swings)
			l.store, l.at = store, firstDay.AddDate(0, 0, n)
			c.looks = append(c.looks, l)
		}
	}
	c.store(t, s)
	covered, rewarded, wrongly := 0, 0, 0
	for store, v := range figures(t, s, "SELECT scope_id, "+columns("low", "high", "action = 'reward'")+" FROM mystery_score") {
		if v[0] <= truth[store] && truth[store] <= v[1] {
			covered++
		}
		if v[2] == 1 {
			rewarded++
			if truth[store] < .8 {
				wrongly++
			}
		}
	}
	t.Logf("%d of 400 covered, %d rewarded, of these %d wrongly", covered, rewarded, wrongly)
	if covered < 372 || rewarded == 0 || wrongly*20 > rewarded+20 {
		t.Errorf("%d of 400 intervals cover; %d are rewarded, of these %d wrongly", covered, rewarded, wrongly)
	}
}

type tally struct{ n, sum float64 }

func (y *tally) add(v int) {
	if v > 0 {
		y.n, y.sum = y.n+1, y.sum+float64(v)
	}
}

func (y tally) mean() float64 { return y.sum / y.n }

func (c *company) checkTypes(t *testing.T, s *clickhouse.Store) {
	types, prices := map[string][]float64{}, map[string][]float64{}
	byDay := map[string][]answer{}
	for _, a := range c.answers {
		if a.brand == "" {
			key := a.at.Format(time.DateOnly) + " " + a.store
			byDay[key] = append(byDay[key], a)
		}
	}
	for key, list := range byDay {
		var rater [5]tally
		var performance, price tally
		for _, a := range list {
			for d := range rater {
				rater[d].add(a.rater[d])
			}
			performance.add(a.performance)
			price.add(a.price)
		}
		if rater[0].n > 0 {
			procedural, personal := (rater[0].mean()+rater[4].mean()+rater[2].mean())/3, (rater[1].mean()+rater[3].mean())/2
			kind := 1.0
			switch {
			case procedural >= 5 && personal >= 5:
				kind = 4
			case procedural >= 5:
				kind = 2
			case personal >= 5:
				kind = 3
			}
			types[key] = []float64{procedural, personal, kind}
		}
		if performance.n > 0 && price.n > 0 {
			quadrant := map[[2]bool]float64{{true, true}: 1, {true, false}: 2, {false, true}: 3, {false, false}: 4}[[2]bool{performance.mean() >= 4, price.mean() >= 4}]
			prices[key] = []float64{performance.mean(), price.mean(), quadrant}
		}
	}
	where := " WHERE resolution = 86400 AND scope_kind = 'store'"
	key := "SELECT concat(formatDateTime(pane_start, '%Y-%m-%d'), ' ', scope_id), "
	same(t, "service_type", types, figures(t, s, key+columns("procedural", "personal", "indexOf(['indifferent', 'by_the_book', 'friendly', 'premium'], service_type)")+" FROM service_type"+where))
	same(t, "value_price", prices, figures(t, s, key+columns("mean_performance", "mean_perceived_price", "indexOf(['bargain', 'premium', 'economy', 'overpriced'], value_price_quadrant)")+" FROM value_price"+where))
}

func (c *company) checkEmployees(t *testing.T, s *clickhouse.Store) {
	by, stores := map[string][]float64{}, map[string]*tally{}
	for _, a := range c.answers {
		if a.employee == "" {
			continue
		}
		by[a.employee] = append(by[a.employee], float64(a.grade))
		if stores[a.store] == nil {
			stores[a.store] = &tally{}
		}
		stores[a.store].add(a.grade)
	}
	means, ssw, ssb, all, unbalanced := map[string]float64{}, 0.0, 0.0, 0.0, 0.0
	for e, v := range by {
		for _, g := range v {
			means[e] += g / float64(len(v))
		}
		for _, g := range v {
			ssw += (g - means[e]) * (g - means[e])
		}
		n, store := float64(len(v)), stores[c.stores[e]]
		ssb += n * math.Pow(means[e]-store.mean(), 2)
		all += n
		unbalanced += n * n / store.n
	}
	within := ssw / (all - float64(len(by)))
	between := math.Max((ssb-within*float64(len(by)-len(stores)))/(all-unbalanced), 1e-4)
	posterior := map[string][2]float64{}
	for e, v := range by {
		n := float64(len(v))
		precision := n/within + 1/between
		posterior[e] = [2]float64{(n/within*means[e] + stores[c.stores[e]].mean()/between) / precision, math.Sqrt(1 / precision)}
	}
	want, adjusted := map[string][]float64{}, c.adjusted(means)
	unranked, apart, ranked := 0, 0, 0.0
	for _, v := range by {
		if len(v) >= 30 {
			ranked++
		}
	}
	reach := math.Sqrt2 * math.Erfinv(1-.1/(ranked*(ranked-1)))
	for e, p := range posterior {
		place, low, high := 1.0, 1.0, ranked
		for o := range posterior {
			if len(by[o]) < 30 {
				continue
			}
			above := adjusted[o] - adjusted[e]
			if above > 0 {
				place++
			}
			if limit := reach * math.Sqrt(within/float64(len(by[o]))+within/float64(len(by[e]))); above > limit {
				low++
				apart++
			} else if above < -limit {
				high--
			}
		}
		if len(by[e]) < 30 {
			place, low, high = math.NaN(), math.NaN(), math.NaN()
			unranked++
		}
		want[e+" "+c.stores[e]] = []float64{float64(len(by[e])), means[e], p[0], p[0] - 1.959963984540054*p[1], p[0] + 1.959963984540054*p[1], place, adjusted[e], low, high}
	}
	if unranked == 0 || apart == 0 {
		t.Errorf("%d employees have less than 30 responses, %d pairs can be told apart", unranked, apart)
	}
	same(t, "employee_ranking", want, figures(t, s, "SELECT concat(employee_id, ' ', store_id), "+columns("responses", "mean_grade", "posterior_mean", "low", "high", "place", "adjusted_mean", "rank_low", "rank_high")+" FROM employee_ranking"))
}

// adjusted are the means of employees less what the touchpoints and sources of their responses let expect.
func (c *company) adjusted(means map[string]float64) map[string]float64 {
	works, employees, all := map[string]*tally{}, map[string][]string{}, &tally{}
	for _, a := range c.answers {
		if a.employee == "" {
			continue
		}
		work := a.touchpoint + a.source
		if works[work] == nil {
			works[work] = &tally{}
		}
		works[work].add(a.grade)
		all.add(a.grade)
		employees[a.employee] = append(employees[a.employee], work)
	}
	adjusted := map[string]float64{}
	for e, of := range employees {
		adjusted[e] = means[e] + all.mean()
		for _, work := range of {
			adjusted[e] -= works[work].mean() / float64(len(of))
		}
	}
	return adjusted
}
