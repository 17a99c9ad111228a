package clickhouse_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// gradeShares are how grades are spread, from typical ones to those where an interval is hardest: all but a few at one end.
var gradeShares = map[string][7]float64{
	"typical":   {.03, .04, .06, .12, .2, .3, .25},
	"excellent": {.004, .004, .007, .015, .05, .22, .7},
	"bad":       {.3, .2, .15, .15, .1, .06, .04},
	"polar":     {.15, .03, .02, .05, .05, .1, .6},
	"rare":      {.03, 0, 0, 0, 0, 0, .97},
	"coin":      {.5, 0, 0, 0, 0, 0, .5},
}

// levelsOf returns the index, and the shares of the satisfied and the dissatisfied.
func levelsOf(share *[7]float64) (levels [3]float64) {
	for g, p := range share {
		levels[0] += p * float64(g) / 6 * 100
	}
	return [3]float64{levels[0], share[5] + share[6], share[0] + share[1] + share[2]}
}

// spread are the shares of grades that are rounded from a normal distribution.
func spread(mean, deviation float64) (share [7]float64) {
	below := 0.
	for g := range share {
		upto := 1.
		if g < 6 {
			upto = distuv.Normal{Mu: mean, Sigma: deviation}.CDF(float64(g) + 1.5)
		}
		share[g], below = upto-below, upto
	}
	return share
}

func drawn(r *rand.Rand, share *[7]float64) int {
	u := r.Float64()
	for g, p := range share {
		if u -= p; u < 0 {
			return g
		}
	}
	return 6
}

// putDays stores a day of grades by store.
func putDays(t *testing.T, s *clickhouse.Store, days map[string][7]int64) {
	t.Helper()
	b, err := s.Conn().PrepareBatch(t.Context(), "INSERT INTO "+schemas.QuoteName(s.Database())+".satisfaction_panes (resolution, pane_start, scope_kind, scope_id, survey, groups, counters)")
	if err != nil {
		t.Fatal(err)
	}
	for store, counts := range days {
		if err := b.Append(uint32(86400), firstDay, "store", store, "instant", uint32(1), counts[:]); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
}

var dayLevels = "SELECT scope_id, " + columns("csat_index", "csat_index_low", "csat_index_high", "satisfied_share", "satisfied_low", "satisfied_high", "dissatisfied_share", "dissatisfied_low", "dissatisfied_high") + " FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'store'"

// gaffke is the 2.5 % quantile of the mean under weights from a Dirichlet distribution, matched by a beta distribution.
func gaffke(counts [7]int64, value func(g int) float64) float64 {
	n, x, xx := 0., 0., 0.
	for g, c := range counts {
		v := value(g)
		n, x, xx = n+float64(c), x+float64(c)*v, xx+float64(c)*v*v
	}
	m := x / (n + 1)
	spread := (xx/(n+1) - m*m) / (n + 2)
	if spread <= 0 {
		return 0
	}
	k := m*(1-m)/spread - 1
	return distuv.Beta{Alpha: m * k, Beta: (1 - m) * k}.Quantile(.025)
}

func TestIntervalsOfLevelsAreGaffkes(t *testing.T) {
	s, r := viewed(t), rand.New(rand.NewPCG(1, 2))
	days := map[string][7]int64{
		"one": {0, 0, 0, 1}, "two best": {6: 2}, "two worst": {0: 2}, "both ends": {1, 0, 0, 0, 0, 0, 1}, "two of three": {0, 0, 2}, "all of many": {6: 5000},
	}
	for i := range 300 {
		var c [7]int64
		for g := range c {
			c[g] = int64(r.ExpFloat64() * math.Pow(10, 2*r.Float64()-.5))
		}
		c[r.IntN(7)] += 2
		days[fmt.Sprint(i)] = c
	}
	putDays(t, s, days)
	for store, f := range figures(t, s, dayLevels) {
		c := days[store]
		if store == "one" {
			if !math.IsNaN(f[1]) || !math.IsNaN(f[2]) {
				t.Errorf("a single response has an interval of %v to %v", f[1], f[2])
			}
			continue
		}
		low := 100 * gaffke(c, func(g int) float64 { return float64(g) / 6 })
		high := 100 - 100*gaffke(c, func(g int) float64 { return 1 - float64(g)/6 })
		n := 0.
		for _, k := range c {
			n += float64(k)
		}
		if near := .05 + 8/n/n; math.Abs(f[1]-low) > near || math.Abs(f[2]-high) > near {
			t.Errorf("%v: the interval is %v to %v, not %v to %v", c, f[1], f[2], low, high)
		}
		if f[1] < 0 || f[2] > 100 || f[1] > f[0] || f[2] < f[0] || f[2]-f[1] <= 0 {
			t.Errorf("%v: the interval %v to %v of %v", c, f[1], f[2], f[0])
		}
	}
	// Clopper and Pearson's interval of 8 in 10 is 0.4439 to 0.9748.
	putDays(t, s, map[string][7]int64{"share": {2, 0, 0, 0, 0, 0, 8}})
	if f := figures(t, s, dayLevels)["share"]; math.Abs(f[1]-44.39) > .2 || math.Abs(f[2]-97.48) > .2 {
		t.Errorf("8 of 10 is %v to %v, Clopper and Pearson have 44.39 to 97.48", f[1], f[2])
	}
}

// The index covers whatever the grades are. From ten responses on shares have Wilson's interval, which covers on average over shares and may
// fall to 0.83 for a single one (Brown, Cai, DasGupta 2001), so they are judged by a mix of stores.
func TestIntervalsOfLevelsCoverFromTwoResponsesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for many stores what one server does as another")
	}
	s, r := viewed(t), rand.New(rand.NewPCG(3, 4))
	const times = 2000
	sizes := []int{2, 3, 5, 10, 30}
	days, shares := map[string][7]int64{}, map[string][7]float64{}
	draw := func(name string, n, i int, share [7]float64) {
		var c [7]int64
		for range n {
			c[drawn(r, &share)]++
		}
		id := fmt.Sprintf("%s %d %d", name, n, i)
		days[id], shares[id] = c, share
	}
	for _, n := range sizes {
		for i := range times {
			for name, share := range gradeShares {
				draw(name, n, i, share)
			}
			draw("stores", n, i, spread(4.5+1.2*r.Float64(), 1.2))
		}
	}
	putDays(t, s, days)
	got := figures(t, s, dayLevels)
	hits := map[string]*[3]float64{}
	for id, share := range shares {
		key := id[:strings.LastIndexByte(id, ' ')]
		if hits[key] == nil {
			hits[key] = &[3]float64{}
		}
		f := got[id]
		for k, truth := range levelsOf(&share) {
			if f[3*k+1] <= truth+1e-9 && truth <= f[3*k+2]+1e-9 {
				hits[key][k] += 1. / times
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(hits)) {
		h := hits[key]
		t.Logf("%s responses: index %.3f, satisfied %.3f, dissatisfied %.3f", key, h[0], h[1], h[2])
		if h[0] < .93 || strings.HasPrefix(key, "stores") && min(h[1], h[2]) < .93 {
			t.Errorf("%s responses: the intervals cover %.3f", key, *h)
		}
	}
}

// visits makes the responses of stores over two months: customers with levels of their own, of whom a few answer often. It returns what each
// store's customers think on average, and the grades of each customer by store.
func visits(t *testing.T, s *clickhouse.Store, r *rand.Rand, stores, customers int) (truth [][3]float64, grades [][][]float64) {
	t.Helper()
	b, err := s.Conn().PrepareBatch(t.Context(), "INSERT INTO "+schemas.QuoteName(s.Database())+".responses (partition, offset, appended_at, event_id, occurred_at, customer_id, store_id, survey, grade)")
	if err != nil {
		t.Fatal(err)
	}
	offset := int64(0)
	for i := range stores {
		mean := 4.5 + 1.2*r.Float64()
		share := spread(mean, math.Hypot(1, .7))
		truth, grades = append(truth, levelsOf(&share)), append(grades, make([][]float64, customers))
		for c := range customers {
			level, times := mean+r.NormFloat64(), 1+r.IntN(3)
			if r.IntN(12) == 0 {
				times = 20 + r.IntN(20)
			}
			for range times {
				grade := uint8(min(7, max(1, math.Round(level+.7*r.NormFloat64()))))
				at := firstDay.Add(time.Duration(r.IntN(60*24*3600)) * time.Second)
				if err := b.Append(uint32(0), offset, time.Now(), fmt.Sprint(offset), at, fmt.Sprintf("c%d-%d", i, c), fmt.Sprint(i), "instant", grade); err != nil {
					t.Fatal(err)
				}
				offset++
				grades[i][c] = append(grades[i][c], float64(grade))
			}
		}
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	return truth, grades
}

// effects are the design effects of stores, and of all of them, with one intraclass correlation by analysis of variance.
func effects(grades [][][]float64) (one []float64, all float64) {
	var between, within, freeBetween, freeWithin, spare, n, q float64
	var sizes, answers []float64
	for _, store := range grades {
		var a, squares, total float64
		for _, customer := range store {
			k := float64(len(customer))
			a, squares, total = a+k, squares+k*k, total+floats.Sum(customer)
		}
		for _, customer := range store {
			mean, k := stat.Mean(customer, nil), float64(len(customer))
			between += k * (mean - total/a) * (mean - total/a)
			for _, g := range customer {
				within += (g - mean) * (g - mean)
			}
		}
		freeBetween, freeWithin, spare = freeBetween+float64(len(store))-1, freeWithin+a-float64(len(store)), spare+a-squares/a
		sizes, answers, n, q = append(sizes, squares), append(answers, a), n+a, q+squares
	}
	b, w := between/freeBetween, within/freeWithin
	rho := (b - w) / (b + (spare/freeBetween-1)*w)
	for i := range sizes {
		one = append(one, 1+rho*(sizes[i]/answers[i]-1))
	}
	return one, 1 + rho*(q/n-1)
}

func TestIntervalsOfPeriodsCoverWhereCustomersAnswerOften(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for many stores what one server does as another")
	}
	const stores = 500
	for _, customers := range []int{2, 5, 12, 60} {
		s := viewed(t)
		truth, grades := visits(t, s, rand.New(rand.NewPCG(5, uint64(customers))), stores, customers)
		got := figures(t, s, "SELECT scope_id, "+columns("csat_index_low", "csat_index_high", "satisfied_low", "satisfied_high", "dissatisfied_low", "dissatisfied_high", "csat_index", "design_effect")+" FROM levels_between(from = '2025-09-01 00:00:00', to = '2025-11-01 00:00:00', scope_kind = 'store')")
		if len(got) != stores {
			t.Fatalf("%d stores", len(got))
		}
		one, all := effects(grades)
		if pooled := figures(t, s, "SELECT '', "+columns("design_effect")+" FROM design_effect_between(from = '2025-09-01 00:00:00', to = '2025-11-01 00:00:00', scope_kind = 'store', scope_id = '')")[""][0]; math.Abs(pooled-all) > 1e-9 {
			t.Errorf("the design effect of all stores is %v, by hand %v", pooled, all)
		}
		var hits [3]float64
		deff, alone := 0., 0.
		for i, levels := range truth {
			f := got[fmt.Sprint(i)]
			for k, level := range levels {
				if f[2*k] <= level && level <= f[2*k+1] {
					hits[k] += 1. / stores
				}
			}
			deff += f[7] / stores
			if math.Abs(f[7]-one[i]) > 1e-9 {
				t.Errorf("store %d: the design effect is %v, by hand %v", i, f[7], one[i])
			}
			if math.Abs(f[6]-levels[0]) < math.Min(f[1]-f[6], f[6]-f[0])/math.Sqrt(f[7]) {
				alone += 1. / stores
			}
		}
		t.Logf("%d customers: index %.3f, satisfied %.3f, dissatisfied %.3f; design effect %.1f, without it the index has %.3f", customers, hits[0], hits[1], hits[2], deff, alone)
		for k, what := range []string{"index", "satisfied share", "dissatisfied share"} {
			if hits[k] < .93 {
				t.Errorf("%d customers: the interval of the %s covers %.3f", customers, what, hits[k])
			}
		}
		if alone > .93 {
			t.Errorf("%d customers: the interval would cover %.3f without customers", customers, alone)
		}
	}
}
