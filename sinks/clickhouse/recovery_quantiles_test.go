package clickhouse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestQuantilesOfRecoveryTimeAreThoseOfItsOrder: of stores with no, one, few and many resolved complaints, beside the times themselves.
func TestQuantilesOfRecoveryTimeAreThoseOfItsOrder(t *testing.T) {
	s, r := viewed(t), rand.New(rand.NewPCG(3, 4))
	opened := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	times := map[string][]float64{"none": nil, "one": nil, "three": nil, "ten": nil, "sixty": nil}
	var list []watched
	for store, n := range map[string]int{"one": 1, "three": 3, "ten": 10, "sixty": 60} {
		for range n {
			took := float64(1 + r.IntN(60_000)) // resolved on the day
			times[store] = append(times[store], took)
			list = append(list, watched{store: store, opened: opened, ended: opened.Add(time.Duration(took) * time.Second)})
		}
		slices.Sort(times[store])
	}
	list = append(list, watched{store: "none", opened: opened})
	var log complaintLog
	log.lastMinute(opened.Add(18 * time.Hour))
	log.store(t, s, list)
	var rows []struct {
		Store                                       string
		P50, P90, Low50, High50, Low90, High90, P99 *float64
	}
	if err := s.Conn().Select(t.Context(), &rows, "SELECT scope_id AS Store, recovery_p50 AS P50, recovery_p90 AS P90, recovery_p99 AS P99, recovery_p50_low AS Low50, recovery_p50_high AS High50, recovery_p90_low AS Low90, recovery_p90_high AS High90 FROM "+s.Table("recovery")+" WHERE resolution = 86400 AND scope_kind = 'store' ORDER BY scope_id"); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(times) {
		t.Fatalf("%d stores, want %d", len(rows), len(times))
	}
	for _, got := range rows {
		sorted := times[got.Store]
		n := float64(len(sorted))
		// at is the value at a rank: 0 below the first, nil above the last and where there is none.
		at := func(rank float64) *float64 {
			v := 0.
			switch {
			case n == 0 || rank > n:
				return nil
			case rank >= 1:
				v = sorted[int(rank)-1]
			}
			return &v
		}
		reach := func(q float64) float64 { return 1.959963984540054 * math.Sqrt(q*(1-q)*n) }
		for what, c := range map[string][2]*float64{
			"p50": {got.P50, at(math.Ceil(.5 * n))}, "p90": {got.P90, at(math.Ceil(.9 * n))}, "p99": {got.P99, at(math.Ceil(.99 * n))},
			"p50 low": {got.Low50, at(math.Floor(.5*n - reach(.5)))}, "p50 high": {got.High50, at(math.Ceil(.5*n + reach(.5)))},
			"p90 low": {got.Low90, at(math.Floor(.9*n - reach(.9)))}, "p90 high": {got.High90, at(math.Ceil(.9*n + reach(.9)))},
		} {
			if (c[0] == nil) != (c[1] == nil) || c[0] != nil && math.Abs(*c[0]-*c[1]) > .0101**c[1] {
				t.Errorf("%s, %s of %v: %s, want %s", got.Store, what, sorted, told(c[0]), told(c[1]))
			}
		}
	}
}

func told(v *float64) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprint(*v)
}
