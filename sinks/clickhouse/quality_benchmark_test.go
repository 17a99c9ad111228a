package clickhouse_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/pipeline/event"
	"csatflow/sinks/clickhouse"
)

// opinion is an answer of a customer to one question, on a scale.
type opinion struct {
	stratum, customer string
	v                 float64
}

// ends is the 95 % interval of a mean between from and to, of so many effective answers, by its beta distribution (Gaffke 2005).
func ends(mean, square, effective, from, to float64) (low, high float64) {
	end := func(mean, square float64) float64 {
		m := effective * mean / (effective + 1)
		spread := (effective*square/(effective+1) - m*m) / (effective + 2)
		if spread <= 1e-12 {
			return 0
		}
		k := m*(1-m)/spread - 1
		return distuv.Beta{Alpha: m * k, Beta: (1 - m) * k}.Quantile(.025)
	}
	span := to - from
	mean, square = (mean-from)/span, (square-2*from*mean+from*from)/span/span
	return from + span*end(mean, square), to - span*end(1-mean, 1-2*mean+square)
}

// clustered returns mean, mean of squares, effective number and customers of answers, from the squared sum of each customer's errors.
func clustered(list []opinion) (mean, square, effective, customers float64) {
	n, errors, total := float64(len(list)), map[string]float64{}, 0.
	for _, a := range list {
		mean, square = mean+a.v/n, square+a.v*a.v/n
	}
	for _, a := range list {
		errors[a.customer] += a.v - mean
		total += (a.v - mean) * (a.v - mean)
	}
	customers = float64(len(errors))
	if customers < 2 || total < 1e-9 {
		return mean, square, customers, customers
	}
	between := 0.
	for _, e := range errors {
		between += e * e
	}
	variance := max(between, 1e-12) / n / n * customers / (customers - 1)
	return mean, square, min(n, max(1, total/(n-1)/variance)), customers
}

func interval(list []opinion, from, to float64) (mean, low, high float64) {
	mean, square, effective, customers := clustered(list)
	if customers < 2 {
		return mean, math.NaN(), math.NaN()
	}
	low, high = ends(mean, square, effective, from, to)
	return mean, low, high
}

// lead has what is alike of a brand and the own one.
type lead struct{ own, ownN, theirs, theirsN, low, high float64 }

// alike compares answers by stratum, at the mix of theirs.
func alike(own, theirs []opinion) (l lead) {
	byStratum := map[string][]opinion{}
	for _, a := range own {
		byStratum[a.stratum] = append(byStratum[a.stratum], a)
	}
	var kept []opinion
	mix := map[string]float64{}
	for _, a := range theirs {
		if len(byStratum[a.stratum]) > 1 {
			kept = append(kept, a)
			mix[a.stratum]++
		}
	}
	l.theirsN = float64(len(kept))
	square, kish, errors := 0., 0., map[string]float64{}
	for stratum, n := range mix {
		w, of := n/l.theirsN, byStratum[stratum]
		size, mean := float64(len(of)), 0.
		for _, a := range of {
			mean, square = mean+a.v/size, square+w*a.v*a.v/size
		}
		for _, a := range of {
			errors[a.customer] += w * (a.v - mean) / math.Sqrt(size*(size-1))
		}
		l.own, l.ownN, kish = l.own+w*mean, l.ownN+size, kish+w*w/size
	}
	variance, customers := 0., float64(len(errors))
	for _, e := range errors {
		variance += e * e * customers / (customers - 1)
	}
	effective := customers
	if spread := square - l.own*l.own; spread > 1e-9 {
		effective = spread / max(variance, 1e-12)
	}
	ownLow, ownHigh := ends(l.own, square, max(1, min(effective, 1/kish, l.ownN)), 1, 7)
	var low, high float64
	l.theirs, low, high = interval(kept, 1, 7)
	l.low = l.own - l.theirs - math.Hypot(l.own-ownLow, high-l.theirs)
	l.high = l.own - l.theirs + math.Hypot(ownHigh-l.own, l.theirs-low)
	return l
}

// values are the answers of a brand to every question.
func (c *company) values() map[string][]opinion {
	values := map[string][]opinion{}
	for _, a := range c.answers {
		add := func(measure string, v int) {
			if v > 0 {
				key := measure + " " + cmp.Or(a.brand, "own")
				values[key] = append(values[key], opinion{cmp.Or(a.survey, "instant") + a.source + a.at.Format("200601"), a.customer, float64(v)})
			}
		}
		add("grade", a.grade)
		add("expectation", a.expectation)
		add("performance", a.performance)
		add("perceived_price", a.price)
		for d, v := range a.rater {
			add("rater_"+event.RaterNames[d], v)
		}
	}
	return values
}

const benchmarkColumns = "SELECT concat(measure, ' ', brand), "

func (c *company) checkBenchmark(t *testing.T, s *clickhouse.Store) {
	values := c.values()
	want, bounds := map[string][]float64{}, map[string][]float64{}
	told, apart := 0, 0
	for key, list := range values {
		var measure, brand string
		if _, err := fmt.Sscan(key, &measure, &brand); err != nil {
			t.Fatal(err)
		}
		mean, low, high := interval(list, 1, 7)
		want[key] = []float64{float64(len(list)), mean, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		bounds[key] = []float64{low, high, math.NaN(), math.NaN()}
		if brand != "own" {
			l := alike(values[measure+" own"], list)
			copy(want[key][2:], []float64{l.own, l.ownN, l.theirs, l.theirsN})
			copy(bounds[key][2:], []float64{l.low, l.high})
			if l.theirsN == float64(len(list)) {
				t.Errorf("%s: all answers have own ones that are alike", key)
			}
			if l.low > 0 || l.high < 0 {
				want[key][6] = l.own - l.theirs
				told++
			}
		}
	}
	// Ranks at once, by pairs.
	for key := range values {
		var measure, brand string
		_, _ = fmt.Sscan(key, &measure, &brand)
		reach := math.Sqrt2 * math.Erfinv(1-.1/6) / 1.959963984540054
		place := func(brand string) (at, low, high float64) { // how far above the own brand
			if brand == "own" {
				return 0, 0, 0
			}
			w, b := want[measure+" "+brand], bounds[measure+" "+brand]
			return w[4] - w[2], -b[3], -b[2]
		}
		at, low, high := place(brand)
		rankLow, rankHigh := 1., 3.
		for _, other := range []string{"own", "rival-a", "rival-b"} {
			o, otherLow, otherHigh := place(other)
			if o-at > reach*math.Hypot(o-otherLow, high-at) {
				rankLow++
				apart++
			}
			if at-o > reach*math.Hypot(otherHigh-o, at-low) {
				rankHigh--
			}
		}
		want[key] = append(want[key], rankLow, rankHigh)
	}
	if told == 0 || apart == 0 || told == 2*len(event.RaterNames)+8 {
		t.Errorf("%d leads are beyond chance, %d pairs can be told apart", told, apart)
	}
	same(t, "benchmark", want, figures(t, s, benchmarkColumns+columns("responses", "mean", "own_compared", "own_compared_responses", "compared_mean", "compared_responses", "own_lead", "rank_low", "rank_high")+" FROM benchmark"))
	near(t, "benchmark", .003, bounds, figures(t, s, benchmarkColumns+columns("low", "high", "lead_low", "lead_high")+" FROM benchmark"))
	for key, v := range figures(t, s, "SELECT measure, "+columns("max(rank_low)", "count(place)", "arraySum(groupArray(assumeNotNull(place)))", "arraySort(x -> x.2, groupArray((place, -ifNull(compared_mean - own_compared, 0)))).1 = [1, 2, 3]")+" FROM benchmark GROUP BY measure") {
		if v[0] == 1 && v[1] != 0 || v[0] > 1 && (v[1] != 3 || v[2] != 6 || v[3] != 1) {
			t.Errorf("%s: places %v", key, v)
		}
	}
}

// near compares up to a distance: the view has an approximation of the quantile.
func near(t *testing.T, what string, upto float64, want, got map[string][]float64) {
	t.Helper()
	for key, w := range want {
		for i := range w {
			if g := got[key]; g == nil || math.IsNaN(w[i]) != math.IsNaN(g[i]) || math.Abs(w[i]-g[i]) > upto {
				t.Errorf("%s, %s: column %d is %v, plain sums give %v", what, key, i, g, w[i])
				break
			}
		}
	}
}

// answersOf are answers of a brand from a source in a month, one customer each.
func answersOf(brand, source string, month time.Month, grades ...int) (list []answer) {
	for i, g := range grades {
		list = append(list, answer{customer: fmt.Sprint(brand, source, month, i), brand: brand, source: source, grade: g, at: time.Date(2026, month, 5+i%20, 12, 0, i, 0, time.UTC)})
	}
	return list
}

func repeated(n int, grades ...int) []int { return slices.Repeat(grades, n) }

func TestALeadIsOverAnswersThatAreAlike(t *testing.T) {
	s := viewed(t)
	c := &company{answers: slices.Concat(
		answersOf("", "pos", 1, repeated(60, 6, 7)...), answersOf("", "call", 1, repeated(30, 2, 3, 4)...), answersOf("", "call", 2, repeated(30, 6)...),
		answersOf("rival", "call", 1, repeated(20, 4, 5)...),    // better than the own calls of the month, worse than all own answers
		answersOf("elsewhere", "web", 1, repeated(20, 1, 2)...), // nothing of the own brand is alike
		answersOf("like", "call", 1, 2, 3, 4, 2, 3, 4),          // the same as the own one
		answersOf("once", "call", 1, 7),                         // a single answer tells no lead
		answersOf("moved", "call", 2, repeated(10, 6)...),       // a month later the own calls are better
		answersOf("moved", "call", 3, repeated(10, 1)...))}      // of this month there is no own answer
	c.answers = append(c.answers, answersOf("asked", "call", 1, repeated(20, 4)...)...)
	for i := range c.answers {
		if c.answers[i].brand == "asked" {
			c.answers[i].survey = "comprehensive"
		}
	}
	c.store(t, s)
	got := figures(t, s, benchmarkColumns+columns("own_lead", "own_compared", "own_compared_responses", "compared_mean", "compared_responses", "lead_low < 0 AND lead_high > 0", "rank_low", "low")+" FROM benchmark WHERE measure = 'grade'")
	nan := math.NaN()
	want := map[string][]float64{
		"grade rival":     {-1.5, 3, 90, 4.5, 40, 0, 1, got["grade rival"][7]},
		"grade elsewhere": {nan, nan, nan, nan, nan, nan, nan, got["grade elsewhere"][7]},
		"grade asked":     {nan, nan, nan, nan, nan, nan, nan, got["grade asked"][7]},
		"grade like":      {nan, 3, 90, 3, 6, 1, 1, got["grade like"][7]},
		"grade once":      {nan, 3, 90, 7, 1, nan, nan, nan},
		"grade moved":     {nan, 6, 30, 6, 10, 1, 2, got["grade moved"][7]},
		"grade own":       {nan, nan, nan, nan, nan, nan, 2, got["grade own"][7]},
	}
	same(t, "benchmark", want, got)
	for _, brand := range []string{"rival", "elsewhere", "asked", "like", "moved", "own"} {
		if math.IsNaN(got["grade "+brand][7]) {
			t.Errorf("the mean of %s has no interval", brand)
		}
	}
}

func TestWhereBrandsCannotBeToldApartNoneHasAPlace(t *testing.T) {
	s := viewed(t)
	c := &company{answers: slices.Concat(answersOf("", "call", 1, repeated(9, 4, 5, 6)...), answersOf("a", "call", 1, 4, 5, 6, 6), answersOf("b", "call", 1, 4, 4, 5, 6))}
	c.store(t, s)
	for brand, v := range figures(t, s, "SELECT brand, "+columns("place", "rank_low", "rank_high", "own_lead")+" FROM benchmark WHERE measure = 'grade'") {
		if !math.IsNaN(v[0]) || v[1] != 1 || v[2] != 3 || !math.IsNaN(v[3]) {
			t.Errorf("%s has place, ranks and lead %v", brand, v)
		}
	}
}

func TestAnswersOfOneCustomerAreNoMoreThanOne(t *testing.T) {
	s := viewed(t)
	c := &company{answers: slices.Concat(answersOf("", "call", 1, repeated(40, 4, 5)...), answersOf("a", "call", 1, repeated(20, 6, 6, 3)...), answersOf("b", "call", 1, repeated(20, 6, 6, 3)...))}
	for i := range c.answers { // those of b are of two customers, who say the same each time
		if a := &c.answers[i]; a.brand == "b" {
			a.customer = fmt.Sprint("b", a.grade)
		}
	}
	c.store(t, s)
	got := figures(t, s, "SELECT brand, "+columns("mean", "high - low", "own_lead")+" FROM benchmark WHERE measure = 'grade'")
	if a, b := got["a"], got["b"]; a[0] != b[0] || !(b[1] > 3*a[1]) || !math.IsNaN(b[2]) || math.IsNaN(a[2]) {
		t.Errorf("sixty customers: %v, two: %v", a, b)
	}
}

// The view agrees with alike, and alike with the truth.
func TestIntervalsOfLeadsCover(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	mean := func(at float64) (mean float64) {
		share := spread(at, math.Hypot(1.1, .9))
		for g, p := range share {
			mean += p * float64(g+1)
		}
		return mean
	}
	draw := func(stratum string, at float64, n, times int) (list []opinion) {
		for i := 0; i < n; i += times {
			who, mood := fmt.Sprint(r.Uint64()), .9*r.NormFloat64()
			for range min(times, n-i) {
				list = append(list, opinion{stratum, who, min(7, max(1, math.Round(at+mood+1.1*r.NormFloat64())))})
			}
		}
		return list
	}
	strata, own, theirs := []string{"call", "pos", "app"}, []float64{4.5, 5.8, 5}, []float64{4.9, 5.6, 5.2}
	for _, n := range []int{2, 5, 20, 100} {
		for _, times := range []int{1, 4} {
			covered, told, naive, tries := 0, 0, 0, 1000
			for range tries {
				var a, b []opinion
				truth, all := 0., 0.
				for i, s := range strata {
					a = append(a, draw(s, own[i], 60*(i+1), times)...)
					if some := draw(s, theirs[i], n*(3-i)/3, times); len(some) > 0 {
						b = append(b, some...)
						truth, all = truth+float64(len(some))*(mean(own[i])-mean(theirs[i])), all+float64(len(some))
					}
				}
				l := alike(a, b)
				truth /= all
				if !(l.low > truth || l.high < truth) {
					covered++
				}
				if l.low > 0 || l.high < 0 {
					told++
				}
				plainOwn, _, _ := interval(a, 1, 7)
				plainTheirs, low, high := interval(b, 1, 7)
				if !(plainOwn-high > truth || plainOwn-low < truth || math.IsNaN(plainTheirs)) {
					naive++
				}
			}
			t.Logf("%3d answers of a rival's main source, %d a customer: coverage %.3f, told %.2f; against all own answers %.3f", n, times, float64(covered)/float64(tries), float64(told)/float64(tries), float64(naive)/float64(tries))
			if float64(covered) < .93*float64(tries) {
				t.Errorf("%d answers, %d a customer: %d of %d intervals cover", n, times, covered, tries)
			}
		}
	}
}
