package clickhouse_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/sinks/clickhouse"
)

// Each view of schemas/DOMAIN.md, sections 5 to 7, against plain sums over the events.
func TestTheViewsOfValueAndStandardsSayWhatPlainSumsSay(t *testing.T) {
	s := viewed(t)
	c := newCompany(rand.New(rand.NewPCG(1, 2)))
	c.store(t, s)
	for name, check := range map[string]func(*testing.T, *clickhouse.Store){
		"customer_value": c.checkValue, "tiers": c.checkTiers, "churn_risk": c.checkChurn, "sigma": c.checkSigma, "mystery": c.checkMystery,
		"types": c.checkTypes, "gaps": c.checkGaps, "benchmark": c.checkBenchmark, "employees": c.checkEmployees, "best": c.checkBest, "loyalty": c.checkLoyalty, "importance": c.checkImportance,
	} {
		t.Run(name, func(t *testing.T) { check(t, s) })
	}
}

// asOf is the latest event of a customer: an answer about the own brand or a sale.
func (c *company) asOf() (at time.Time) {
	for _, a := range c.answers {
		if a.brand == "" && a.at.After(at) {
			at = a.at
		}
	}
	for _, x := range c.sales {
		if x.amount > 0 && x.at.After(at) {
			at = x.at
		}
	}
	return at
}

type worth struct {
	n, spend, historical, margin, yearSpend, yearMargin, yearCost float64
	first, last                                                   time.Time
}

func monthStart(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// worths sums the purchases; the year are those of [from, to).
func (c *company) worths(from, to time.Time) map[string]*worth {
	all := map[string]*worth{}
	for _, x := range c.sales {
		w := all[x.customer]
		if w == nil {
			w = &worth{}
			all[x.customer] = w
		}
		margin := x.margin
		if !x.hasMargin {
			margin = x.amount * 0.25
		}
		w.spend += x.amount
		w.historical += margin - x.cost
		w.margin += margin
		if x.amount > 0 {
			w.n++
			if w.first.IsZero() || x.at.Before(w.first) {
				w.first = x.at
			}
			if x.at.After(w.last) {
				w.last = x.at
			}
		}
		if !x.at.Before(from) && x.at.Before(to) {
			w.yearSpend += x.amount
			w.yearMargin += margin
			w.yearCost += x.cost
		}
	}
	return all
}

func (c *company) checkValue(t *testing.T, s *clickhouse.Store) {
	asOf := c.asOf()
	from := monthStart(asOf).AddDate(0, -11, 0)
	risks := figures(t, s, "SELECT customer_id, "+columns("churn_risk", "ifNull(recommend, -1)")+" FROM (SELECT r.customer_id AS customer_id, r.churn_risk AS churn_risk, c.recommend AS recommend FROM churn_risk AS r INNER JOIN churn AS c FINAL ON r.customer_id = c.customer_id)")
	known, sum := 0.0, 0.0
	for _, r := range risks {
		if r[1] >= 0 {
			known, sum = known+1, sum+r[1]
		}
	}
	want := map[string][]float64{}
	worths := c.worths(from, asOf.AddDate(1, 0, 0))
	repeats, exposure := 0.0, 0.0
	for _, w := range worths {
		if w.n > 0 {
			repeats += w.n - 1
			exposure += math.Max(1, math.Floor(asOf.Truncate(24*time.Hour).Sub(w.first.Truncate(24*time.Hour)).Hours()/24))
		}
	}
	for name, w := range worths {
		risk, recommend := risks[name][0], risks[name][1]
		if recommend < 0 {
			recommend = sum / known
		}
		current := 0.0
		if left, gone := c.left[name]; w.n > 0 && w.spend > 0 && (!gone || left.Before(w.last)) {
			days := asOf.Truncate(time.Second).Sub(w.first.Truncate(time.Second)).Seconds() / 86400
			current = 365 * (1 - risk) * (w.n - 1 + 30*repeats/exposure) / (days + 30) * w.margin / w.n
		}
		potential := current * recommend * 0.1
		want[name] = []float64{w.n, w.spend, w.historical, w.yearSpend, w.yearMargin, current, potential, risk * (current + potential), 5 * w.yearCost}
	}
	same(t, "customer_value", want, figures(t, s, "SELECT customer_id, "+columns("purchases", "spend", "historical_value", "year_spend", "year_margin", "current_value", "potential_value", "value_at_risk", "replacement_cost")+" FROM customer_value"))
}

// spends are those of the months before that of asOf, which are the closed year, from the highest.
func (c *company) spends() (list []float64, by map[string]float64) {
	to := monthStart(c.asOf())
	by = map[string]float64{}
	for name, w := range c.worths(to.AddDate(-1, 0, 0), to) {
		by[name] = cents(w.yearSpend)
		list = append(list, by[name])
	}
	slices.SortFunc(list, func(a, b float64) int { return cmp.Compare(b, a) })
	return list, by
}

func (c *company) checkTiers(t *testing.T, s *clickhouse.Store) {
	list, by := c.spends()
	n, total, top := 0, 0.0, 0.0
	for _, v := range list {
		total += v
		if v > 0 {
			n++
		}
	}
	for i := range int(math.Ceil(0.2 * float64(n))) {
		top += list[i]
	}
	bound := func(share float64) float64 { return list[int(math.Ceil(share*float64(n)))-1] }
	tierOf := func(v float64) string {
		switch {
		case v <= 0:
			return "lightweight"
		case v >= bound(.01):
			return "super_heavyweight"
		case v >= bound(.05):
			return "heavyweight"
		case v >= bound(.2):
			return "middleweight"
		}
		return "lightweight"
	}
	want := map[string][]float64{}
	tiers := map[string]string{}
	for name, v := range by {
		k := tierOf(v)
		tiers[name] = k
		if want[k] == nil {
			want[k] = []float64{0, 0, 0, top / total}
		}
		want[k][0]++
		want[k][1] += v
		want[k][2] += v / total
	}
	same(t, "tiers", want, figures(t, s, "SELECT tier, "+columns("customers", "spend", "spend_share", "pareto_share")+" FROM tiers"))
	strategies := figures(t, s, "SELECT concat(customer_id, ' ', tier), "+columns("strategic_score", "scale + influence + stability + competition + growth + cost_saving + future", "least(scale, influence, stability, competition, growth, cost_saving, future)", "greatest(scale, influence, stability, competition, growth, cost_saving, future)",
		"indexOf(['loyalty', 'acquisition', 'expansion', 'diversification', 'unknown'], strategy)", "loyalty_index")+" FROM customer_strategy")
	said := figures(t, s, "SELECT customer_id, "+columns("(ewma_grade - 1) / 6", "repurchase", "recommend")+" FROM churn WHERE responses > 0")
	unknown := 0
	if len(strategies) != len(tiers) {
		t.Errorf("%d strategies of %d customers", len(strategies), len(tiers))
	}
	for name, tier := range tiers {
		v := strategies[name+" "+tier]
		if v == nil {
			t.Errorf("no strategy of %s, %s", name, tier)
			continue
		}
		high := tier == "super_heavyweight" || tier == "heavyweight"
		loyalty := math.NaN()
		if parts := said[name]; parts != nil {
			loyalty = (parts[0] + parts[1] + parts[2]) / 3 * 100 // NaN where one was never said
		}
		want := map[[2]bool]float64{{true, true}: 1, {true, false}: 2, {false, true}: 3, {false, false}: 4}[[2]bool{high, loyalty >= 60}]
		if math.IsNaN(loyalty) {
			want = 5
			unknown++
		}
		if math.IsNaN(loyalty) != math.IsNaN(v[5]) || math.Abs(loyalty-v[5]) > 1e-9 {
			t.Errorf("%s: loyalty %v, want %v", name, v[5], loyalty)
		}
		if math.Abs(v[0]*7-v[1]) > 1e-9 || v[2] < 0 || v[3] > 1 || v[4] != want {
			t.Errorf("%s, %s: %v, want strategy %v", name, tier, v, want)
		}
	}
	if unknown == 0 || unknown == len(tiers) {
		t.Errorf("of %d of %d customers the strategy is unknown", unknown, len(tiers))
	}
}

// checkChurn scores customers without responses by hand: only their purchases count.
func (c *company) checkChurn(t *testing.T, s *clickhouse.Store) {
	m, asOf := customer.DefaultModel(), c.asOf()
	sales := map[string][]sale{}
	for _, x := range c.sales {
		if x.amount > 0 {
			sales[x.customer] = append(sales[x.customer], x)
		}
	}
	want := map[string][]float64{}
	for name, list := range sales {
		if name >= "c30" {
			continue // has answered
		}
		slices.SortFunc(list, func(a, b sale) int { return a.at.Compare(b.at) })
		last := list[len(list)-1].at
		list = list[max(0, len(list)-customer.MaxPurchases):]
		var gaps []float64
		for i := 1; i < len(list); i++ {
			if g := list[i].at.Sub(list[i-1].at).Seconds(); g >= 3600 {
				gaps = append(gaps, g)
			}
		}
		mid := func(v []float64) float64 { v = slices.Sorted(slices.Values(v)); return v[(len(v)-1)/2] }
		z, overdue, usual := m.Bias, 0.0, 0.0
		if n := len(gaps); n >= 2 {
			usual = mid(gaps)
			overdue = min(max(asOf.Sub(last).Truncate(time.Second).Seconds()/usual-1, -1), 3)
			if n >= 5 {
				z += m.Weights[customer.PurchaseSlower] * min(max((gaps[n-1]+gaps[n-2]+gaps[n-3])/3/mid(gaps[:n-3])-1, -1), 3)
			}
		}
		if n := len(list); n >= 6 {
			sum := func(l []sale) (v float64) {
				for _, x := range l {
					v += x.amount / float64(len(l))
				}
				return v
			}
			z += m.Weights[customer.PurchaseLess] * min(max(1-sum(list[n-3:])/sum(list[:n-3]), -1), 1)
		}
		z += m.Weights[customer.PurchaseOverdue] * overdue
		left, known := c.left[name]
		churned := 0.0
		if known && !left.Before(last) || overdue >= 2 {
			churned = 1
		}
		want[name] = []float64{1 / (1 + math.Exp(-z)), usual / 86400, churned}
	}
	same(t, "churn_risk", want, figures(t, s, "SELECT customer_id, "+columns("churn_risk", "usual_gap_days", "churned")+" FROM churn_risk WHERE customer_id < 'c30'"))
	bands := figures(t, s, "SELECT customer_id, "+columns("churn_risk", "indexOf(['low', 'medium', 'high'], churn_band)", "length(reasons)", "NOT arraySort(contributions) = arrayReverse(contributions)",
		"isNotNull(departed_at)", "leave_reason = 'moved'")+" FROM churn_risk")
	for name, v := range bands {
		band := map[bool]float64{true: 2, false: 3}[v[0] <= 0.7]
		if v[0] < 0.3 {
			band = 1
		}
		_, left := c.left[name]
		if v[1] != band || v[2] > 3 || v[3] > 0 || (v[4] == 1) != left || left && v[5] != 1 {
			t.Errorf("%s: %v, left: %v", name, v, left)
		}
	}
}

func (c *company) checkBest(t *testing.T, s *clickhouse.Store) {
	var values []float64
	for _, w := range c.worths(time.Time{}, time.Time{}) {
		values = append(values, w.historical)
	}
	slices.Sort(values)
	for view, want := range map[string][]float64{"worst_customers": values[:20], "best_customers": values[len(values)-20:]} {
		var got []float64
		for _, v := range figures(t, s, "SELECT customer_id, "+columns("historical_value")+" FROM "+view) {
			got = append(got, v[0])
		}
		slices.Sort(got)
		for i := range want {
			if len(got) != 20 || math.Abs(got[i]-want[i]) > 1e-6 {
				t.Fatalf("%s: %v, want %v", view, got, want)
			}
		}
	}
}
