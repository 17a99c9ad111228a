package clickhouse_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"

	"csatflow/deploy/trial/pythontest"
)

// shoppers is a month of purchases whose grades are all known, and which of them were answered: truth holds the grade of each bill.
type shoppers struct {
	market
	truth []int
}

const shopDays = 28

var shopFrom = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) // a Monday

// shopYear is where the twelve months to the end of the period's last begin.
var shopYear = time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)

// newShoppers lets n purchases happen. What is graded depends on category, part of the week and how often the buyer comes; whether it is answered
// on what chance says.
func newShoppers(r *rand.Rand, n int, chance func(b *bill, regular bool, grade int) float64) *shoppers {
	s := &shoppers{}
	for i := range n {
		who, regular := fmt.Sprintf("n%05d", i), r.IntN(2) == 0 // bought once, or one of few who come all the time
		if regular {
			who = fmt.Sprintf("c%03d", r.IntN(n/40))
		}
		b := bill{customer: who, id: fmt.Sprintf("b%06d", i), store: fmt.Sprintf("s%d", i%3), category: []string{"fresh", "dry", "garden", "paint", "tools"}[min(4, int(r.ExpFloat64()*1.5))], order: fmt.Sprintf("o%06d", i),
			at: shopFrom.Add(time.Duration(8*3600+r.IntN(13*3600))*time.Second).AddDate(0, 0, r.IntN(shopDays)), amount: cents(2 + 40*r.ExpFloat64())}
		mean := 5.6
		if b.category == "garden" || b.category == "paint" {
			mean -= 1.4
		}
		if b.at.Weekday() == time.Saturday {
			mean -= .8
		}
		if regular {
			mean += .5
		}
		grade := min(max(int(math.Round(mean+1.1*r.NormFloat64())), 1), 7)
		s.bills, s.truth = append(s.bills, b), append(s.truth, grade)
		if r.Float64() < chance(&b, regular, grade) {
			s.replies = append(s.replies, reply{customer: who, id: fmt.Sprintf("a%06d", i), store: b.store, category: b.category, order: b.order, at: b.at.Add(time.Hour), grade: grade})
		}
	}
	for i := range n / 20 { // nobody knows what these bought
		s.replies = append(s.replies, reply{terminal: "t1", id: fmt.Sprintf("t%06d", i), store: "s0", at: shopFrom.Add(time.Duration(i) * time.Minute), grade: 2})
	}
	return s
}

// byClass depends on nothing but what purchases know.
func byClass(b *bill, regular bool, _ int) float64 {
	p := .45
	if b.category == "garden" || b.category == "paint" {
		p -= .25
	}
	if b.at.Weekday() == time.Saturday {
		p -= .12
	}
	if regular {
		p += .35
	}
	return max(p, .05)
}

// byGrade is missing not at random: the unhappy answer.
func byGrade(_ *bill, _ bool, grade int) float64 { return .6 - .07*float64(grade) }

// classes returns the class of a bill in each margin.
func (s *shoppers) classes(scope func(*bill) bool) (in []int, of [][4]string) {
	year, amounts := map[string]int{}, []float64{}
	for _, b := range s.bills {
		if !b.at.Before(shopYear) {
			year[b.customer]++
		}
		if !b.at.Before(shopFrom) {
			amounts = append(amounts, b.amount)
		}
	}
	slices.Sort(amounts)
	third := func(k float64) float64 { return amounts[int(k/3*float64(len(amounts)))] }
	for i := range s.bills {
		b := &s.bills[i]
		if b.at.Before(shopFrom) || !scope(b) {
			continue
		}
		part, often, amount := "3 evening", "1 once", "1"
		switch day, hour := b.at.Weekday(), b.at.Hour(); {
		case day == time.Saturday:
			part = "4 saturday"
		case day == time.Sunday:
			part = "5 sunday"
		case hour < 12:
			part = "1 morning"
		case hour < 17:
			part = "2 afternoon"
		}
		if n := year[b.customer]; n >= 12 {
			often = "3 regular"
		} else if n > 1 {
			often = "2 occasional"
		}
		if b.amount > third(2) {
			amount = "3"
		} else if b.amount > third(1) {
			amount = "2"
		}
		in, of = append(in, i), append(of, [4]string{b.category, part, often, amount})
	}
	return in, of
}

// sampled is the answers of a scope, and the purchases that they stand for.
type sampled struct {
	Y                        []float64    // grades, one for each answered purchase
	Groups                   [4][]int     // of each answer, in each margin, from 0
	Totals                   [4][]float64 // purchases by group
	purchases, names, joined float64      // joined of the classes with names are no group
}

// sample joins classes with fewer than five answers with the next.
func (s *shoppers) sample(scope func(*bill) bool) *sampled {
	in, of := s.classes(scope)
	grades := s.grades()
	x := &sampled{purchases: float64(len(in))}
	for k := range x.Totals {
		have, purchases := map[string]int{}, map[string]float64{}
		for row, i := range in {
			purchases[of[row][k]]++
			if grades[i] > 0 {
				have[of[row][k]]++
			}
		}
		group, filled, totals := map[string]int{}, 0, []float64{}
		for _, name := range slices.Sorted(maps.Keys(purchases)) {
			if len(totals) == 0 || filled >= 5 {
				totals, filled = append(totals, 0), 0
			}
			group[name] = len(totals) - 1
			filled += have[name]
		}
		if last := len(totals) - 1; filled < 5 && last > 0 {
			for name, g := range group {
				group[name] = min(g, last-1)
			}
			totals = totals[:last]
		}
		for name, g := range group {
			totals[g] += purchases[name]
		}
		x.Totals[k], x.names, x.joined = totals, x.names+float64(len(purchases)), x.joined+float64(len(purchases)-len(totals))
		for row, i := range in {
			if grades[i] > 0 {
				x.Groups[k] = append(x.Groups[k], group[of[row][k]])
			}
		}
	}
	for _, i := range in {
		if grades[i] > 0 {
			x.Y = append(x.Y, float64(grades[i]))
		}
	}
	return x
}

// raked is what raking says of a scope, row by row: one weight for each answer, until nothing moves.
func (s *shoppers) raked(scope func(*bill) bool) []float64 {
	x := s.sample(scope)
	y, w, n := x.Y, make([]float64, len(x.Y)), x.purchases
	for row := range w {
		w[row] = 1
	}
	sums := func(k int) []float64 {
		list := make([]float64, len(x.Totals[k]))
		for row := range w {
			list[x.Groups[k][row]] += w[row]
		}
		return list
	}
	for range 500 {
		for k := range x.Totals {
			sum := sums(k)
			for row := range w {
				w[row] *= x.Totals[k][x.Groups[k][row]] / sum[x.Groups[k][row]]
			}
		}
	}
	sorted := slices.Sorted(slices.Values(w))
	limit, trimmed, total := 5*sorted[(len(w)+1)/2-1], 0., 0.
	for row := range w {
		if w[row] > limit*(1+1e-9) {
			trimmed++
		}
		w[row] = min(w[row], limit)
		total += w[row]
	}
	mean, squares, variance, off := 0., 0., 0., 0.
	for row := range w {
		w[row] *= n / total
		mean += w[row] * y[row] / n
		squares += w[row] * w[row]
	}
	for row := range w {
		variance += w[row] * (y[row] - mean) * (y[row] - mean) / n
	}
	for k := range x.Totals {
		for g, sum := range sums(k) {
			off = max(off, math.Abs(sum/x.Totals[k][g]-1))
		}
	}
	effective := n * n / squares
	p, spread := (mean-1)/6, max(variance*effective/(effective-1), 1./12)/36
	pseudo := effective * max(p*(1-p), spread) / spread
	low, high := wilson(p*pseudo, pseudo)
	return []float64{n, float64(len(y)), mean, 100 * p, 100 * low, 100 * high, effective, float64(len(y)) / effective, trimmed, x.names, x.joined, off}
}

var weightedColumns = []string{"purchases", "answered", "weighted_mean_grade", "weighted_csat_index", "weighted_csat_index_low", "weighted_csat_index_high", "effective_n", "design_effect", "trimmed", "classes", "joined_classes", "margin_error"}

func weightedQuery(kind string, names ...string) string {
	return fmt.Sprintf("SELECT scope_id, %s FROM weighted_between(from = '%s', to = '%s', scope_kind = '%s')", columns(names...), shopFrom.Format(time.DateTime), shopFrom.AddDate(0, 0, shopDays).Format(time.DateTime), kind)
}

func TestWeightsAreThoseOfRakingRowByRow(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	// Hardly anybody answers about paint in the evening, so that weights are trimmed; nobody about tools, so that classes are joined.
	m := newShoppers(r, 2400, func(b *bill, regular bool, grade int) float64 {
		switch {
		case b.category == "tools":
			return 0
		case b.category == "paint" && !regular:
			return .04
		}
		return byClass(b, regular, grade)
	})
	for i := range 300 { // who bought before is a regular customer, unless that was more than a year ago
		before := bill{customer: fmt.Sprintf("n%05d", 7*i), store: "s0", amount: 5}
		for k := range 12 {
			before.id, before.at = fmt.Sprintf("y%d-%d", i, k), shopYear.AddDate(0, 0, k-13+13*(i%2))
			m.bills = append(m.bills, before)
		}
	}
	for i := range m.replies { // the second answer to a purchase does not count
		if again := m.replies[i]; again.order != "" && i%5 == 0 {
			again.id, again.at, again.grade = again.id+"-again", again.at.Add(time.Minute), 8-again.grade
			m.replies = append(m.replies, again)
		}
	}
	s := viewed(t)
	m.write(t, s, r)
	all := m.raked(func(*bill) bool { return true })
	if all[8] == 0 || all[10] == 0 || all[11] < 1e-3 {
		t.Fatalf("weights are to be trimmed and classes joined: %v", all)
	}
	same(t, "weighted_between of all", map[string][]float64{"": all}, figures(t, s, weightedQuery("all", weightedColumns...)))
	want := map[string][]float64{}
	for _, store := range []string{"s0", "s1", "s2"} {
		want[store] = m.raked(func(b *bill) bool { return b.store == store })
	}
	same(t, "weighted_between of stores", want, figures(t, s, weightedQuery("store", weightedColumns...)))
	if got := figures(t, s, weightedQuery("source", "purchases")); len(got) > 0 {
		t.Errorf("purchases know no source, and there is %v", got)
	}
}

func TestWeightsAgreeWithIpfn(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a virtual environment")
	}
	r := rand.New(rand.NewPCG(8, 4))
	m := newShoppers(r, 1500, byClass)
	s := viewed(t)
	m.write(t, s, r)
	var want struct{ Mean, Effective float64 }
	pythontest.Run(t, "views-statsmodels-0.15.0", m.sample(func(*bill) bool { return true }), &want)
	got := figures(t, s, weightedQuery("all", "weighted_mean_grade", "effective_n", "trimmed"))
	same(t, "weighted_between", map[string][]float64{"": {want.Mean, want.Effective, 0}}, got)
}

func TestAnIntervalHasAWidthThoughAllAnswerAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 3))
	m := newShoppers(r, 600, byClass)
	for i := range m.replies {
		m.replies[i].grade = map[string]int{"s0": 4, "s1": 7, "s2": 1}[m.replies[i].store]
	}
	s := viewed(t)
	m.write(t, s, r)
	want := map[string][]float64{}
	for _, store := range []string{"s0", "s1", "s2"} {
		w := m.raked(func(b *bill) bool { return b.store == store })
		if want[store] = w[3:6]; w[5]-w[4] < .5 {
			t.Fatalf("%s: %v", store, w)
		}
	}
	same(t, "weighted_between of stores", want, figures(t, s, weightedQuery("store", weightedColumns[3:6]...)))
}

// TestTheIntervalOfTheWeightedIndexHasTheTruth: that as answered hardly has it, since answers depend on what is bought.
func TestTheIntervalOfTheWeightedIndexHasTheTruth(t *testing.T) {
	const runs = 200
	weighted, raw := 0, 0
	for seed := range uint64(runs) {
		m := newShoppers(rand.New(rand.NewPCG(seed, 77)), 150, byClass)
		truth := 0.
		for _, g := range m.truth {
			truth += float64(g-1) / 6 * 100 / float64(len(m.truth))
		}
		all := func(*bill) bool { return true }
		if w := m.raked(all); w[4] <= truth && truth <= w[5] {
			weighted++
		}
		mean, sd := stat.MeanStdDev(m.sample(all).Y, nil)
		if n := float64(len(m.sample(all).Y)); math.Abs((mean-1)/6*100-truth) <= 1.96*sd/math.Sqrt(n)/6*100 {
			raw++
		}
	}
	t.Logf("of %d intervals %d weighted ones have the truth, %d as answered", runs, weighted, raw)
	if weighted < .93*runs || raw > .85*runs {
		t.Errorf("of %d intervals %d weighted ones have the truth, %d as answered", runs, weighted, raw)
	}
}

func TestUnderThirtyAnswersNothingIsWeighted(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 2))
	m := newShoppers(r, 200, func(*bill, bool, int) float64 { return .1 })
	s := viewed(t)
	m.write(t, s, r)
	got := figures(t, s, weightedQuery("all", "purchases", "answered", "weighted_csat_index", "effective_n"))[""]
	if len(got) != 4 || got[0] != 200 || got[1] == 0 || got[1] >= 30 || !math.IsNaN(got[2]) || !math.IsNaN(got[3]) {
		t.Errorf("%v", got)
	}
}

// bias returns how far the index as answered and the weighted one are from that of all purchases, and whether the interval has that.
func bias(t *testing.T, seed uint64, chance func(*bill, bool, int) float64) (raw, answered, weighted float64, covered bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	m := newShoppers(r, 8000, chance)
	s := viewed(t)
	m.write(t, s, r)
	sum := 0.
	for _, g := range m.truth {
		sum += float64(g-1) / 6 * 100
	}
	truth := sum / float64(len(m.truth))
	got := figures(t, s, weightedQuery("all", "csat_index", "answered_csat_index", "weighted_csat_index", "weighted_csat_index_low", "weighted_csat_index_high", "response_rate", "effective_n", "design_effect"))[""]
	t.Logf("truth %.1f, as answered %.1f (of purchases %.1f), weighted %.1f (%.1f to %.1f); response rate %.2f, effective n %.0f, design effect %.2f", truth, got[0], got[1], got[2], got[3], got[4], got[5], got[6], got[7])
	return got[0] - truth, got[1] - truth, got[2] - truth, got[3] <= truth && truth <= got[4]
}

func TestWeightingRemovesWhatPurchasesExplainOfWhoAnswers(t *testing.T) {
	_, answered, weighted, covered := bias(t, 21, byClass)
	if answered < 3 || math.Abs(weighted) > 1 || !covered {
		t.Errorf("answers to purchases are %.2f off, weighted ones %.2f; the truth is within the interval: %v", answered, weighted, covered)
	}
}

// The unhappy answer more: no weighting by what purchases know removes that, as the catalogue says.
func TestWeightingDoesNotRemoveThatTheUnhappyAnswerMore(t *testing.T) {
	_, answered, weighted, covered := bias(t, 22, byGrade)
	if answered > -4 || weighted > -4 || covered {
		t.Errorf("answers to purchases are %.2f off, weighted ones %.2f; the truth is within the interval: %v", answered, weighted, covered)
	}
}
