package detect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestHoursWithoutANumberDoNotMoveTheComponents: the mean of an hour is none where its usual is none.
func TestHoursWithoutANumberDoNotMoveTheComponents(t *testing.T) {
	r, calendar := rand.New(rand.NewPCG(1, 1)), NewCalendar(nil)
	var list [][]residual
	for range 5 {
		var of []residual
		for slot := range int64(24 * 28) {
			of = append(of, residual{slot: slot, at: calendar.at(slot), n: 10, mean: r.NormFloat64() * .5, kept: .8})
		}
		list = append(list, of)
	}
	want := momentsOf(list, plain(), 1, .15).fit(1)
	for i := range list {
		last := &list[i][len(list[i])-1]
		for k, odd := range []residual{{n: 10, mean: math.NaN(), kept: .8}, {n: 10, mean: .1, kept: math.NaN()}} {
			odd.slot, odd.at = last.slot+int64(k)+1, calendar.at(last.slot+int64(k)+1)
			list[i] = append(list[i], odd)
		}
	}
	got := momentsOf(list, plain(), 1, .15).fit(1)
	if got.design != want.design || got.total() != want.total() || math.IsNaN(got.total()) {
		t.Errorf("design %v and variance %v, without those hours %v and %v", got.design, got.total(), want.design, want.total())
	}
	if v := startVariance(list, 1); !(v > .1 && v < .25) {
		t.Errorf("the first guess of the variance is %v", v)
	}
}
