package detect

import (
	"math/rand/v2"
	"testing"
	"time"
)

// usualMean is the mean of what is usual in daytime hours, over scopes.
func usualMean(list []*Usual) float64 {
	sum, n := 0., 0.
	for _, u := range list {
		for h, v := range u.hours {
			if daytime(int64(h)) {
				sum, n = sum+v, n+1
			}
		}
	}
	return sum / n
}

// TestFallsOfThePastAreNotTheUsual: two days that were a grade lower, twice in four weeks, of which nobody was told.
func TestFallsOfThePastAreNotTheUsual(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of many stores")
	}
	m := &Moods{HourSD: .15, HourRho: .7, DaySD: .12, DayRho: .5, ShiftSD: .15}
	days := func(store int, h int64) float64 {
		if at := (h/24 + int64(store)) % 12; at < 2 {
			return 1
		}
		return 0
	}
	before := noon.Truncate(24 * time.Hour)
	of := func(fall func(int, int64) float64) (*Learner, []*Usual) {
		l := &Learner{Calendar: NewCalendar(nil)}
		return l, l.Learn(moody(rand.New(rand.NewPCG(4, 4)), m, same(20, 100), 28, fall), nil, before)
	}
	quiet, usual := of(never)
	low, usualLow := of(days)
	if lower := usualMean(usual) - usualMean(usualLow); lower > .06 {
		t.Errorf("with falls in a sixth of the past the usual is %.3f grades lower", lower)
	}
	if q, v := quiet.level.total(), low.level.total(); v > 1.4*q {
		t.Errorf("levels vary by %.4f, with falls by %.4f", q, v)
	}
	left, all := 0, 0
	for _, hours := range quiet.fallen {
		left += len(hours)
		all += 28 * 11
	}
	if float64(left) > .01*float64(all) {
		t.Errorf("%d of %d quiet hours are taken for falls", left, all)
	}
}

// TestWhatStaysLowIsTheUsual: a scope that has been a grade lower for the last two of four weeks has not fallen for two weeks.
func TestWhatStaysLowIsTheUsual(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of many stores")
	}
	last := noon.Truncate(24*time.Hour).Unix() / 3600
	lasting := func(store int, h int64) float64 {
		if store == 0 && h >= last-14*24 {
			return 1
		}
		return 0
	}
	tracks := moody(rand.New(rand.NewPCG(4, 5)), &Moods{HourSD: .15, HourRho: .7, DaySD: .12, DayRho: .5, ShiftSD: .15}, same(20, 100), 28, lasting)
	l := &Learner{Calendar: NewCalendar(nil)}
	l.Learn(tracks, nil, noon.Truncate(24*time.Hour))
	late := 0
	for h := range l.fallen[tracks[0]] {
		if h >= last-13*24 {
			late++
		}
	}
	if late > 11 {
		t.Errorf("%d hours of a level that stayed are taken for falls", late)
	}
}
