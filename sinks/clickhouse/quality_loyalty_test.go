package clickhouse_test

import (
	"fmt"
	"testing"
	"time"

	"csatflow/sinks/clickhouse"
)

var (
	repurchases = map[string]float64{"likely": .85, "possible": .5, "unlikely": .15}
	recommends  = map[string]float64{"very_likely": 1, "possible": .5, "unlikely": 0}
)

// checkLoyalty compares with means over the answers that have all parts.
func (c *company) checkLoyalty(t *testing.T, s *clickhouse.Store) {
	from, to := firstDay.AddDate(0, 1, 0), firstDay.AddDate(0, 3, 0)
	by := map[string][]opinion{}
	for _, a := range c.answers {
		if a.brand != "" || a.repurchase == "" || a.recommend == "" || a.at.Before(from) || !a.at.Before(to) {
			continue
		}
		step := from.AddDate(0, 0, int(a.at.Sub(from).Hours()/24)/10*10).Format(time.DateOnly)
		for _, scope := range []string{"all ", "store " + a.store} {
			by[step+" "+scope] = append(by[step+" "+scope], opinion{customer: a.customer, v: (float64(a.grade-1)/6 + repurchases[a.repurchase] + recommends[a.recommend]) / 3 * 100})
		}
	}
	want, bounds := map[string][]float64{}, map[string][]float64{}
	for key, list := range by {
		mean, low, high := interval(list, 0, 100)
		want[key], bounds[key] = []float64{float64(len(list)), mean}, []float64{low, high}
	}
	rows := fmt.Sprintf(" FROM loyalty_between(resolution = 86400, step_s = 864000, from = '%s', to = '%s') WHERE scope_kind IN ('all', 'store')", from.Format(time.DateTime), to.Format(time.DateTime))
	key := "SELECT concat(toString(toDate(step_start)), ' ', scope_kind, ' ', scope_id), "
	same(t, "loyalty_between", want, figures(t, s, key+columns("responses", "loyalty_index")+rows))
	near(t, "loyalty_between", .2, bounds, figures(t, s, key+columns("low", "high")+rows))
}

func TestLoyaltyDoesNotChangeWithWhoAnswersWhichPart(t *testing.T) {
	s := viewed(t)
	at := firstDay.AddDate(0, 0, 3).Add(time.Hour)
	all := []answer{
		{customer: "a", grade: 7, repurchase: "likely", recommend: "very_likely"}, {customer: "b", grade: 4, repurchase: "possible", recommend: "possible"},
	}
	c := &company{}
	for _, x := range all { // in one store everybody answers all, in the other some answer a part too
		x.at, x.store = at, "whole"
		c.answers = append(c.answers, x)
		x.store = "parts"
		c.answers = append(c.answers, x)
	}
	for i := range 6 {
		c.answers = append(c.answers, answer{customer: fmt.Sprint("u", i), at: at, store: "parts", grade: 6, repurchase: "unlikely"},
			answer{customer: fmt.Sprint("r", i), at: at, store: "parts", grade: 6, recommend: "very_likely"}, answer{customer: fmt.Sprint("g", i), at: at, store: "parts", grade: 1})
	}
	c.store(t, s)
	loyal := ((1+.85+1)/3 + (.5+.5+.5)/3) / 2 * 100
	day := fmt.Sprintf("loyalty_between(resolution = 3600, step_s = 3600, from = '%s', to = '%s')", at.Add(-time.Hour).Format(time.DateTime), at.Add(time.Hour).Format(time.DateTime))
	same(t, "loyalty_between", map[string][]float64{"whole": {loyal, 2}, "parts": {loyal, 2}}, figures(t, s, "SELECT scope_id, "+columns("loyalty_index", "responses")+" FROM "+day+" WHERE scope_kind = 'store'"))
	// Panes keep the parts apart: they tell it where all answered all, and else say nothing.
	same(t, "satisfaction", map[string][]float64{"whole": {loyal, 0}, "parts": {0, 1}}, figures(t, s, "SELECT scope_id, "+columns("ifNull(loyalty_index, 0)", "isNull(loyalty_index)")+" FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'store'"))
}

func TestUnknownLoyaltyIsNoDisloyalty(t *testing.T) {
	s := viewed(t)
	c := &company{}
	for _, x := range []answer{{customer: "silent"}, {customer: "grades", grade: 7}, {customer: "part", grade: 7, recommend: "very_likely"}, {customer: "loyal", grade: 7, recommend: "very_likely", repurchase: "likely"}, {customer: "not", grade: 2, recommend: "unlikely", repurchase: "unlikely"}} {
		c.sales = append(c.sales, sale{customer: x.customer, at: firstDay, amount: 10})
		if x.at = firstDay.Add(time.Hour); x.grade > 0 {
			c.answers = append(c.answers, x)
		}
	}
	c.store(t, s)
	got := figures(t, s, "SELECT concat(customer_id, ' ', strategy), "+columns("isNull(loyalty_index)")+" FROM customer_strategy")
	for want, null := range map[string]float64{"silent unknown": 1, "grades unknown": 1, "part unknown": 1} {
		if v := got[want]; v == nil || v[0] != null {
			t.Errorf("not found: %s; there are %v", want, got)
		}
	}
	if got["loyal expansion"] == nil && got["loyal loyalty"] == nil || got["not diversification"] == nil && got["not acquisition"] == nil {
		t.Errorf("%v", got)
	}
}
