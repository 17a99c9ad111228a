package clickhouse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"csatflow/deploy/trial/pythontest"
)

func TestSharesAndSurvivalAreThoseOfStatsmodels(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a virtual environment")
	}
	r := rand.New(rand.NewPCG(2, 2))
	var cases struct {
		Shares  [][2]int64   `json:"shares"`
		Watched [][][2]int64 `json:"watched"` // seconds, and 1 if resolved, by store
	}
	days := map[string][7]int64{}
	for i := range 300 {
		n := int64(2 + r.ExpFloat64()*float64(i)/3)
		k := r.Int64N(n + 1)
		cases.Shares = append(cases.Shares, [2]int64{k, n})
		days[fmt.Sprint(i)] = [7]int64{2: n - k, 5: k}
	}
	end := firstDay.AddDate(0, 3, 0)
	var complaints []watched
	for store := range 20 {
		of := [][2]int64{}
		for range 11 + 2*r.IntN(40) { // an odd number: no curve stays at 0.5 for a while
			w := watched{store: fmt.Sprintf("s%d", store), opened: end.Add(-time.Duration(1+r.IntN(90*24*60)) * time.Minute)}
			closed := int64(0)
			if at := w.opened.Add(time.Duration(float64(time.Hour) * 200 * r.ExpFloat64())).Truncate(time.Second); at.Before(end) {
				w.ended, closed = at, 1
			}
			of = append(of, [2]int64{w.seconds(end), closed})
			complaints = append(complaints, w)
		}
		cases.Watched = append(cases.Watched, of)
	}
	var theirs struct {
		Shares    [][2]float64
		Quantiles [][2]*float64
	}
	pythontest.Run(t, "views-statsmodels-0.15.0", &cases, &theirs)
	s, l := viewed(t), complaintLog{}
	putDays(t, s, days)
	got := figures(t, s, dayLevels)
	for i, share := range cases.Shares {
		near := 1e-9
		if share[1] < 10 {
			near = .008 // the quantile is Paulson's
		}
		f := got[fmt.Sprint(i)]
		if math.Abs(f[4]-theirs.Shares[i][0]) > near || math.Abs(f[5]-theirs.Shares[i][1]) > near {
			t.Errorf("%d of %d: %v to %v, statsmodels has %v", share[0], share[1], f[4], f[5], theirs.Shares[i])
		}
	}
	l.lastMinute(end.Add(-time.Minute))
	l.store(t, s, complaints)
	curves := outcomes(t, s, firstDay.AddDate(0, -1, 0), end, "km_recovery_p50", "km_recovery_p90")
	for store, want := range theirs.Quantiles {
		for k, q := range want {
			v := curves[fmt.Sprintf("store s%d", store)][k]
			if (q == nil) != math.IsNaN(v) || q != nil && *q != v {
				t.Errorf("store %d: quantile %d is %v, statsmodels has %v", store, k, v, q)
			}
		}
	}
}
