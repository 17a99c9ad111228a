package simulate

import (
	"math"
	"testing"
	"time"
)

// moments of series: the standard deviation around each series' mean, and the correlation with the next.
func moments(all [][]float64) (sd, rho float64) {
	var square, product, n, pairs float64
	for _, s := range all {
		mean := 0.
		for _, v := range s {
			mean += v / float64(len(s))
		}
		for i, v := range s {
			square, n = square+(v-mean)*(v-mean), n+1
			if i > 0 {
				product, pairs = product+(v-mean)*(s[i-1]-mean), pairs+1
			}
		}
	}
	return math.Sqrt(square / n), product / pairs / (square / n)
}

// TestDaysHoursAndShiftsVaryByTheirKnobs: what the truth says, and what the grades show after the variance of sampling is taken off.
func TestDaysHoursAndShiftsVaryByTheirKnobs(t *testing.T) {
	for _, c := range []struct {
		name    string
		real    Real
		length  time.Duration
		sd, rho float64
	}{
		{"day", Real{DayMoodSD: .3, DayMoodRho: .5}, 24 * time.Hour, .3, .5},
		{"hour", Real{HourMoodSD: .4, HourMoodRho: .7}, time.Hour, .4, .7},
		{"shift", Real{ShiftMoodSD: .3, ShiftHours: 4}, 4 * time.Hour, .3, 0},
	} {
		config := weeks(8, 8, 600_000, &c.real)
		sums := map[[2]int]*[3]float64{}
		truth := answered(t, config, func(a *Answer) {
			key := [2]int{a.Store, int(a.At.Sub(config.Start) / c.length)}
			if sums[key] == nil {
				sums[key] = &[3]float64{}
			}
			g := float64(a.Grade)
			sums[key][0]++
			sums[key][1] += g
			sums[key][2] += g * g
		})
		told := make([][]float64, config.Stores)
		per := int(c.length / time.Hour)
		var between, sampling, cross, square float64
		n := 0.
		for i := range told {
			s := &truth.Real.Stores[i]
			var level, mean float64
			for h := 0; h < len(s.Mood); h += per {
				told[i] = append(told[i], s.Mood.At(h))
			}
			filled := 0.
			for k, m := range told[i] {
				if x := sums[[2]int{i, k}]; x != nil && x[0] >= 8 {
					filled, level, mean = filled+1, level+x[1]/x[0], mean+m
				}
			}
			for k, m := range told[i] {
				x := sums[[2]int{i, k}]
				if x == nil || x[0] < 8 {
					continue
				}
				d, e := x[1]/x[0]-level/filled, m-mean/filled
				between, cross, square, n = between+d*d, cross+d*e, square+e*e, n+1
				sampling += (x[2]/x[0] - x[1]/x[0]*x[1]/x[0]) / (x[0] - 1)
			}
		}
		if sd, rho := moments(told); math.Abs(sd-c.sd) > .12*c.sd || math.Abs(rho-c.rho) > .1 {
			t.Errorf("%s: the truth varies by %.3f with a correlation of %.2f, asked for %v and %v", c.name, sd, rho, c.sd, c.rho)
		}
		if sd := math.Sqrt((between - sampling) / n); math.Abs(sd-c.sd) > .15*c.sd {
			t.Errorf("%s: the grades vary by %.3f beyond sampling, asked for %v", c.name, sd, c.sd)
		}
		if slope := cross / square; math.Abs(slope-1) > .12 {
			t.Errorf("%s: the grades move by %.2f of what the truth says", c.name, slope)
		}
	}
}

func TestTheDriftOfTheChainIsARandomWalkOfItsSize(t *testing.T) {
	steps := 0.
	const weeks, walks = 100, 40
	for i := range walks {
		s := walk(newSource(uint64(i)), 7*weeks, .02)
		for w := 7; w < len(s); w += 7 {
			d := float64(s[w]-s[w-7]) / one
			steps += d * d / (weeks - 1) / walks
		}
	}
	if sd := math.Sqrt(steps); math.Abs(sd-.02) > .002 {
		t.Errorf("a week's drift is %.4f", sd)
	}
}

func TestOnlyTheCrewOnDutyServes(t *testing.T) {
	c := weeks(1, 4, 40_000, &Real{ShiftMoodSD: .2, ShiftHours: 4})
	var all []Answer
	truth := answered(t, c, func(a *Answer) { all = append(all, *a) })
	crews := map[byte]bool{}
	for i := range all {
		a := &all[i]
		s := &truth.Real.Stores[a.Store]
		on := s.Crew[int(a.At.Sub(truth.Real.Begin)/time.Hour)]
		crews[on] = true
		floor := 34 / 4 // 40 employees, 6 of them in the call centre
		first := a.Store * 34 / 4
		if a.Touch != "call" && (a.Employee-first)%crewsOf(floor) != int(on-'0') {
			t.Fatalf("%+v is served by another crew than %c", a, on)
		}
	}
	if len(crews) != 4 {
		t.Errorf("crews on duty: %v", crews)
	}
}

func TestAFallIsOnTopOfTheMoodOfItsStore(t *testing.T) {
	r := RealLife()
	r.Children, r.ResponseChanges = 0, 0
	c := weeks(3, 5, 400_000, r)
	f := Fall{StoreID: "store-002", From: time.Date(2026, 3, 12, 8, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 12, 18, 0, 0, 0, time.UTC), Grades: 1}
	mean := func(falls []Fall) float64 {
		c.Falls = falls
		var in tally
		answered(t, c, func(a *Answer) {
			if a.Store == 1 && !a.At.Before(f.From) && a.At.Before(f.To) {
				in.add(int64(a.Grade))
			}
		})
		return in.mean()
	}
	if d := mean(nil) - mean([]Fall{f}); d < .8 || d > 1.1 {
		t.Errorf("a fall of a grade moves the mean by %.2f", d)
	}
}
