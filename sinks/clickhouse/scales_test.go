package clickhouse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"csatflow/schemas/catalogue"
	"csatflow/sinks/clickhouse"
)

// scaled gives answers in scales of their own to some responses, and adds responses that have no grade.
func (c *company) scaled(r *rand.Rand) {
	draw := func() map[string]int {
		all := map[string]int{"nps": r.IntN(11), "ces": 1 + r.IntN(7), "stars": 1 + r.IntN(5)}
		for _, name := range []string{"nps", "ces", "stars"} {
			if len(all) > 1 && r.IntN(2) == 0 {
				delete(all, name)
			}
		}
		return all
	}
	for i := range c.answers {
		if r.IntN(3) == 0 {
			c.answers[i].scales = draw()
		}
	}
	for range 600 {
		a := c.answers[r.IntN(len(c.answers))]
		a.grade, a.scales, a.at = 0, draw(), a.at.Add(-time.Duration(r.IntN(3600))*time.Second) // the last minute stays as it is
		if r.IntN(3) == 0 {
			a.survey = "comprehensive"
		}
		c.answers = append(c.answers, a)
	}
}

// scaleMeasures returns what scales says of answers of a scope, and the ends of intervals as shares of their scales.
func scaleMeasures(list []answer) (measures, bounds []float64) {
	nan := math.NaN()
	of := func(name string) (all []float64) {
		for _, a := range list {
			if v, given := a.scales[name]; given {
				all = append(all, float64(v))
			}
		}
		return all
	}
	count := func(all []float64, from, to float64) (n float64) {
		for _, v := range all {
			if v >= from && v <= to {
				n++
			}
		}
		return n
	}
	bounded := func(all []float64, from, to float64) (mean, low, high float64) {
		n, sum, squares := float64(len(all)), 0., 0.
		for _, v := range all {
			sum, squares = sum+v, squares+v*v
		}
		if n < 2 {
			return sum / n, nan, nan
		}
		low, high = ends(sum/n, squares/n, n, from, to)
		return sum / n, low, high
	}
	nps, ces, stars := of("nps"), of("ces"), of("stars")
	var points []float64
	for _, v := range nps {
		points = append(points, map[bool]float64{true: 100, false: 0}[v >= 9]-map[bool]float64{true: 100, false: 0}[v <= 6])
	}
	net, netLow, netHigh := bounded(points, -100, 100)
	effort, effortLow, effortHigh := bounded(ces, 1, 7)
	mean, _, _ := bounded(stars, 1, 5)
	top, n := count(stars, 4, 5), float64(len(stars))
	topLow, topHigh := nan, nan
	if n > 0 {
		topLow, topHigh = shareInterval(top, n)
	}
	return []float64{float64(len(nps)), count(nps, 9, 10), count(nps, 7, 8), count(nps, 0, 6), net, float64(len(ces)), effort, count(ces, 5, 7) / float64(len(ces)), n, mean, top / n},
		[]float64{netLow / 200, netHigh / 200, effortLow / 6, effortHigh / 6, topLow, topHigh}
}

var (
	scaleColumns = columns("nps_responses", "promoters", "passives", "detractors", "nps", "ces_responses", "ces_mean", "ces_easy_share", "stars_responses", "stars_mean", "stars_top_share")
	scaleEnds    = columns("nps_low / 200", "nps_high / 200", "ces_low / 6", "ces_high / 6", "stars_top_low", "stars_top_high")
)

func TestScalesOfTheirOwnAreCountedValueByValue(t *testing.T) {
	s := viewed(t)
	c := newCompany(rand.New(rand.NewPCG(4, 4)))
	c.scaled(rand.New(rand.NewPCG(5, 5)))
	c.answers = append(c.answers, answer{customer: "one", store: "few", at: firstDay.Add(time.Hour), scales: map[string]int{"nps": 0, "ces": 7, "stars": 4}})
	c.store(t, s)
	from, to := firstDay.AddDate(0, 1, 0), firstDay.AddDate(0, 3, 0)
	days, steps := map[string][]answer{}, map[string][]answer{}
	for _, a := range c.answers {
		if len(a.scales) == 0 {
			continue
		}
		survey := "instant"
		if a.survey != "" {
			survey = a.survey
		}
		for _, scope := range []string{"all ", "store " + a.store} {
			if scope == "store " {
				continue
			}
			key := fmt.Sprintf("%s %s %s %s", a.at.Format(time.DateOnly), scope, survey, a.brand)
			days[key] = append(days[key], a)
			if a.brand == "" && !a.at.Before(from) && a.at.Before(to) {
				key = fmt.Sprintf("%s %s %s", from.AddDate(0, 0, int(a.at.Sub(from).Hours()/24)/10*10).Format(time.DateOnly), scope, survey)
				steps[key] = append(steps[key], a)
			}
		}
	}
	check := func(what string, by map[string][]answer, key, rows string) {
		want, bounds := map[string][]float64{}, map[string][]float64{}
		for key, list := range by {
			want[key], bounds[key] = scaleMeasures(list)
		}
		same(t, what, want, figures(t, s, key+scaleColumns+rows))
		near(t, what, .02, bounds, figures(t, s, key+scaleEnds+rows)) // the views take Beta's quantiles by an approximation
	}
	check("scales", days, "SELECT concat(toString(toDate(pane_start)), ' ', scope_kind, ' ', scope_id, ' ', survey, ' ', brand), ", " FROM scales WHERE resolution = 86400 AND scope_kind IN ('all', 'store')")
	check("scales_between", steps, "SELECT concat(toString(toDate(step_start)), ' ', scope_kind, ' ', scope_id, ' ', survey), ",
		fmt.Sprintf(" FROM scales_between(resolution = 86400, step_s = 864000, from = '%s', to = '%s') WHERE scope_kind IN ('all', 'store')", from.Format(time.DateTime), to.Format(time.DateTime)))
}

func TestConvertedGradesAreCountedByTheirScale(t *testing.T) {
	s := viewed(t)
	c, r := newCompany(rand.New(rand.NewPCG(8, 8))), rand.New(rand.NewPCG(9, 9))
	for i := range c.answers {
		c.answers[i].from = []string{"", "", "stars", "nps", "smileys"}[r.IntN(5)]
		if r.IntN(20) == 0 {
			c.answers[i].survey = "comprehensive"
		}
	}
	n := len(c.answers)
	c.scaled(rand.New(rand.NewPCG(10, 10)))
	for i := range c.answers[n:] {
		c.answers[n+i].from = "" // without a grade nothing was converted
	}
	c.store(t, s)
	from, to := firstDay.AddDate(0, 1, 0), firstDay.AddDate(0, 3, 0)
	for _, scope := range []struct {
		kind, id string
		has      func(*answer) bool
	}{
		{"all", "", func(*answer) bool { return true }},
		{"store", "s1", func(a *answer) bool { return a.store == "s1" }},
		{"touchpoint", "hotline", func(a *answer) bool { return a.touchpoint == "hotline" }},
	} {
		want := map[string][]float64{}
		for i := range c.answers {
			if a := &c.answers[i]; a.grade > 0 && a.survey == "" && a.brand == "" && scope.has(a) && !a.at.Before(from) && a.at.Before(to) {
				w := append(want[a.from], 0, 0)[:2]
				want[a.from] = []float64{w[0] + 1, w[1] + float64(a.grade)}
			}
		}
		for _, w := range want {
			w[1] /= w[0]
		}
		if len(want) != 4 {
			t.Fatalf("%s %s has %d scales", scope.kind, scope.id, len(want))
		}
		same(t, scope.kind+" "+scope.id, want, figures(t, s, fmt.Sprintf("SELECT toString(grade_from), "+columns("responses", "mean_grade")+" FROM converted_between(from = '%s', to = '%s', scope_kind = '%s', scope_id = '%s')", from.Format(time.DateTime), to.Format(time.DateTime), scope.kind, scope.id)))
	}
}

var period = regexp.MustCompile(`from = '[^']*', to = '[^']*'`)

// TestWhatFollowsFromGradesDoesNotChangeByResponsesWithoutOne asks every view of the same company with such responses and without.
func TestWhatFollowsFromGradesDoesNotChangeByResponsesWithoutOne(t *testing.T) {
	graded, all := newCompany(rand.New(rand.NewPCG(6, 6))), newCompany(rand.New(rand.NewPCG(6, 6)))
	n := len(all.answers)
	all.scaled(rand.New(rand.NewPCG(7, 7)))
	for i := range all.answers[n:] { // these have means of their own
		a := &all.answers[n+i]
		a.price, a.rater = 0, [5]int{}
	}
	without, with := viewed(t), viewed(t)
	graded.store(t, without)
	all.store(t, with)
	list, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	asks := 0
	for _, v := range list.Views() {
		if slices.Contains([]string{"scales", "scales_between", "customer_moments", "last_words", "freshness", "places", "alert_coverage"}, v.ID) {
			continue // these are of all responses
		}
		call := v.ID
		if v.Parameters != "" {
			call += "(" + period.ReplaceAllString(v.Parameters, fmt.Sprintf("from = '%s', to = '%s'", firstDay.AddDate(0, 1, 0).Format(time.DateTime), firstDay.AddDate(0, 1, 20).Format(time.DateTime))) + ")"
		}
		want, got := hashOf(t, without, call), hashOf(t, with, call)
		if want != got {
			t.Errorf("%s: %s without responses that have no grade, %s with them", v.ID, want, got)
		}
		if want != "0 0" {
			asks++
		}
	}
	if asks < 12 {
		t.Errorf("only %d views had any row", asks)
	}
}

// hashOf returns the number of rows of a view, and a hash of them whatever their order.
func hashOf(t *testing.T, s *clickhouse.Store, call string) string {
	t.Helper()
	return texts(t, s, "SELECT concat(toString(count()), ' ', toString(ifNull(groupBitXor(cityHash64(toString(tuple(*)))), 0))) FROM `"+s.Database()+"`."+call)[0]
}
