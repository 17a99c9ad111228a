package simulate

import (
	"math"
	"testing"
	"time"
)

func TestBurstsAndPromotionsHaveTheirTraffic(t *testing.T) {
	for _, c := range []struct {
		real  *Real
		spans func(*RealTruth, int) []Span
		times float64
	}{
		{&Real{Bursts: 4, BurstMinutes: 120, BurstTraffic: 2}, func(r *RealTruth, store int) []Span { return r.Stores[store].Bursts }, 3},
		{&Real{Promotions: 40, PromotionDays: 3, PromotionTraffic: .5}, func(r *RealTruth, _ int) []Span { return r.Promotions }, 1.5},
	} {
		config := weeks(4, 5, 300_000, c.real)
		config.Weights = []int{1, 1, 1, 1, 1}
		s, err := NewAnswers(config)
		if err != nil {
			t.Fatal(err)
		}
		truth := s.Truth().Real
		in := func(store int, at time.Time) bool {
			for _, b := range c.spans(truth, store) {
				if !at.Before(b.From) && at.Before(b.To) {
					return true
				}
			}
			return false
		}
		// What a flat feed would have in them, by the day curve; the stores are equally busy.
		var seen, usual [2]float64
		var a Answer
		for s.Next(&a) {
			if in(a.Store, a.At) {
				seen[1]++
			} else {
				seen[0]++
			}
		}
		for at := config.Start; at.Before(config.Start.Add(config.Duration)); at = at.Add(5 * time.Minute) {
			for store := range config.Stores {
				w := float64(curve[at.UnixMilli()%dayMS/minuteMS])
				if in(store, at) {
					usual[1] += w
				} else {
					usual[0] += w
				}
			}
		}
		if times := seen[1] / usual[1] / (seen[0] / usual[0]); math.Abs(times/c.times-1) > .12 {
			t.Errorf("%.2f times the traffic instead of %v", times, c.times)
		}
	}
}

func TestTheTrafficOfDaysVariesByItsKnob(t *testing.T) {
	config := weeks(10, 6, 400_000, &Real{TrafficSD: .2})
	days := make([][]float64, config.Stores)
	for i := range days {
		days[i] = make([]float64, 70)
	}
	answered(t, config, func(a *Answer) { days[a.Store][min(69, int(a.At.Sub(config.Start)/(24*time.Hour)))]++ })
	for _, s := range days {
		mean := 0.
		for _, n := range s {
			mean += n / 70
		}
		for i := range s {
			s[i] /= mean
		}
	}
	if sd, rho := moments(days); math.Abs(sd-.2) > .025 || math.Abs(rho) > .15 {
		t.Errorf("the traffic of days varies by %.3f with a correlation of %.2f", sd, rho)
	}
}
