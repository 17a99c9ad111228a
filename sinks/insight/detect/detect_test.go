package detect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)

var usualDistribution = distribution{.01, .03, .06, .15, .3, .3, .15}

// learn learns the usual of scopes on their own, in UTC.
func learn(tracks []*Track, before time.Time) []*Usual {
	l := Learner{Calendar: NewCalendar(nil)}
	return l.Learn(tracks, nil, before)
}

func draw(rnd *rand.Rand, p *distribution) int {
	x := rnd.Float64()
	for g, v := range p {
		if x -= v; x < 0 {
			return g
		}
	}
	return Levels - 1
}

// quiet makes a scope with this many responses an hour on this many days up to noon.
func quiet(rnd *rand.Rand, perHour float64, days int) *Track {
	t := NewTrack("store", "s")
	fill(rnd, t, perHour, noon.AddDate(0, 0, -days), noon, func(time.Time) distribution { return usualDistribution })
	return t
}

func poisson(rnd *rand.Rand, mean float64) (n int) {
	for x := math.Exp(-mean); ; n++ {
		if x /= max(rnd.Float64(), 1e-300); x > 1 {
			return n
		}
	}
}

func fill(rnd *rand.Rand, t *Track, perHour float64, from, to time.Time, at func(time.Time) distribution) {
	hour := map[time.Time]*Grades{}
	for s := from; s.Before(to); s = s.Add(Fine) {
		g := Grades{}
		p := at(s)
		for range poisson(rnd, perHour/12) {
			g[draw(rnd, &p)]++
		}
		t.Put(Fine, s, &g)
		h := s.Truncate(Coarse)
		if hour[h] == nil {
			hour[h] = &Grades{}
		}
		hour[h].Add(&g)
	}
	for h, g := range hour {
		t.Put(Coarse, h, g)
	}
}

func TestADropIsFoundWithItsSizeAndBegin(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	w := quiet(rnd, 60, 21)
	began := noon.Add(-90 * time.Minute)
	fallen := usualDistribution.tilted(4.2)
	mean, _ := usualDistribution.moments()
	fill(rnd, w, 60, began, noon, func(time.Time) distribution { return fallen })
	u := learn([]*Track{w}, noon.Add(-3*time.Hour))[0]
	f, found := u.Drop(noon, time.Time{})
	if !found || f.P > 1e-4 { // one scope alone: how its days vary is largely assumed
		t.Fatalf("%+v, found %t", f, found)
	}
	if want := mean - 4.2; math.Abs(f.Drop-want) > 3*f.Error {
		t.Errorf("drop %.2f ± %.2f, was %.2f", f.Drop, f.Error, want)
	}
	if since := u.Onset(noon, time.Time{}, f.Drop); since.Sub(began).Abs() > 20*time.Minute {
		t.Errorf("since %s, began %s", since, began)
	}
	if u.Recovered(noon, began, f.Drop) {
		t.Error("it is told over while it lasts")
	}
	later := noon.Add(3 * time.Hour)
	fill(rnd, w, 60, noon, later, func(time.Time) distribution { return usualDistribution })
	if !u.Recovered(later, began, f.Drop) {
		t.Error("it is over for three hours and not told so")
	}
	if f, found := u.Drop(later, noon); found && f.P < 1e-3 {
		t.Errorf("after it was over it is raised again: %+v", f)
	}
}

func TestTheHourOfTheWeekIsNoDrop(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	w := NewTrack("store", "s")
	worse := usualDistribution.tilted(4.2)
	// Mondays at eleven are always bad.
	at := func(s time.Time) distribution {
		if s.Weekday() == time.Monday && s.Hour() == 11 {
			return worse
		}
		return usualDistribution
	}
	fill(rnd, w, 200, noon.AddDate(0, 0, -28), noon, at)
	u := learn([]*Track{w}, noon.Add(-time.Hour))[0]
	if f, found := u.Drop(noon, noon.Add(-time.Hour)); !found || f.P < 1e-3 {
		t.Errorf("what is usual on Mondays is told as a drop: %+v, found %t", f, found)
	}
	// The same hour on another day, when it is not usual.
	fill(rnd, w, 200, noon.Add(-2*time.Hour), noon.Add(-time.Hour), func(time.Time) distribution { return worse })
	if f, found := u.Drop(noon.Add(-time.Hour), noon.Add(-2*time.Hour)); !found || f.P > 1e-5 {
		t.Errorf("an hour earlier it is a drop: %+v, found %t", f, found)
	}
}

func TestWhatWasOddIsNotLearntAndANewUsualBeginsAnew(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	w := quiet(rnd, 30, 21)
	from := noon.AddDate(0, 0, -5)
	worse := usualDistribution.tilted(3)
	fill(rnd, w, 30, from, noon, func(time.Time) distribution { return worse })
	usual, _ := usualDistribution.moments()
	learnt := func() float64 { u := learn([]*Track{w}, noon)[0]; m, _ := u.distribution.moments(); return m }
	w.Odd(from, noon)
	if m := learnt(); math.Abs(m-usual) > .1 {
		t.Errorf("with five odd days the mean is %.2f, usual %.2f", m, usual)
	}
	w.Anew(from)
	if m := learnt(); math.Abs(m-3) > .25 {
		t.Errorf("the new usual is 3, learnt %.2f", m)
	}
}

func TestCellsMayComeAgainAndInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type cell struct {
			at time.Time
			g  Grades
		}
		var cells []cell
		for i := range rapid.IntRange(1, 40).Draw(t, "cells") {
			cells = append(cells, cell{noon.Add(-time.Duration(i) * Fine), Grades{uint32(rapid.IntRange(0, 5).Draw(t, "ones")), 0, 0, 0, 0, 0, 1}})
		}
		put := func(list []cell) Grades {
			w := NewTrack("store", "s")
			for _, c := range list {
				w.Put(Fine, c.at, &c.g)
			}
			return w.Since(noon.Add(-50*Fine), noon.Add(Fine))
		}
		want := Grades{}
		for i := range cells {
			want.Add(&cells[i].g)
		}
		mixed := rapid.Permutation(cells).Draw(t, "order")
		if got := put(append(mixed, cells...)); got != want {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestDiscoverIsBenjaminiAndHochberg(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "p")
		q := rapid.Float64Range(.01, .5).Draw(t, "q")
		limit := Discover(p, q)
		// By definition: the largest k such that k of the p are at most q · k / n.
		most := 0
		for k := 1; k <= len(p); k++ {
			n := 0
			for _, v := range p {
				if v <= q*float64(k)/float64(len(p)) {
					n++
				}
			}
			if n >= k {
				most = k
			}
		}
		believed := 0
		for _, v := range p {
			if v <= limit && limit > 0 || v == 0 {
				believed++
			}
		}
		if believed != most && slices.Max(p) > 0 {
			t.Fatalf("%d believed, want %d", believed, most)
		}
	})
}

func TestCountsHaveTheTailsOfTheirDistributions(t *testing.T) {
	for _, c := range []struct{ mean, dispersion float64 }{{3, 0}, {3, .2}, {20, .05}, {.5, 1}} {
		p := make([]float64, 400) // of a negative binomial, by its recurrence
		if c.dispersion == 0 {
			p[0] = math.Exp(-c.mean)
			for k := 1; k < len(p); k++ {
				p[k] = p[k-1] * c.mean / float64(k)
			}
		} else {
			r := 1 / c.dispersion
			p[0] = math.Pow(r/(r+c.mean), r)
			for k := 1; k < len(p); k++ {
				p[k] = p[k-1] * (float64(k-1) + r) / float64(k) * c.mean / (r + c.mean)
			}
		}
		if got := Silence(c.mean, c.dispersion); math.Abs(got-p[0]) > 1e-12 {
			t.Errorf("%+v: P(0) is %v, want %v", c, got, p[0])
		}
		for _, k := range []int{1, 3, 8, 30} {
			want := 0.0
			for i := len(p) - 1; i >= k; i-- {
				want += p[i]
			}
			if got := Surge(float64(k), c.mean, c.dispersion); math.Abs(got-want) > 1e-9+1e-6*want {
				t.Errorf("%+v: P(>= %d) is %v, want %v", c, k, got, want)
			}
		}
	}
	want := 0.0
	for k := 4; k <= 10; k++ {
		want += binomial(10, k) * math.Pow(.1, float64(k)) * math.Pow(.9, float64(10-k))
	}
	if got := Exceeds(4, 10, .1); math.Abs(got-want) > 1e-12 {
		t.Errorf("P(>= 4 of 10) is %v, want %v", got, want)
	}
}

func binomial(n, k int) float64 {
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}

func TestASlowFallIsADriftAndQuietDaysAreNot(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	midnight := noon.Truncate(24 * time.Hour)
	alarms := 0
	const scopes = 60
	for range scopes {
		w := NewTrack("store", "s")
		fill(rnd, w, 10, midnight.AddDate(0, 0, -42), midnight, func(time.Time) distribution { return usualDistribution })
		if d, found := learn([]*Track{w}, ReferenceEnd(midnight))[0].Drift(midnight); found && d.P < 1./700 {
			alarms++
		}
	}
	// The chart gets this high on one day in 700: of 60 scopes, one in twelve does.
	if alarms > 2 {
		t.Errorf("%d of %d quiet scopes drift", alarms, scopes)
	}
	w := NewTrack("store", "s")
	mean, _ := usualDistribution.moments()
	fill(rnd, w, 10, midnight.AddDate(0, 0, -42), midnight, func(s time.Time) distribution {
		days := s.Sub(midnight.AddDate(0, 0, -14)).Hours() / 24
		return usualDistribution.tilted(mean - .05*max(0, days))
	})
	d, found := learn([]*Track{w}, ReferenceEnd(midnight))[0].Drift(midnight)
	if !found || d.P > 1e-4 || d.Drop < .15 {
		t.Errorf("a fall of 0.05 a day for two weeks is %+v, found %t", d, found)
	}
}

func TestSpecialDaysAreNoDriftAndHideNone(t *testing.T) {
	midnight := noon.Truncate(24 * time.Hour)
	mean, _ := usualDistribution.moments()
	for name, falls := range map[string]bool{"pay-days": false, "a fall beside pay-days": true} {
		w := NewTrack("all", "")
		fill(rand.New(rand.NewPCG(11, 12)), w, 60, midnight.AddDate(0, 0, -42), midnight, func(s time.Time) distribution {
			switch days := midnight.Sub(s).Hours() / 24; {
			case days <= 4 && days > 1:
				return usualDistribution.tilted(mean - .4)
			case falls && days <= 10:
				return usualDistribution.tilted(mean - .4)
			}
			return usualDistribution
		})
		if d, _ := learn([]*Track{w}, ReferenceEnd(midnight))[0].Drift(midnight); d.P > 1e-4 {
			t.Fatalf("%s: as any other days they are %+v", name, d)
		}
		w.Special(midnight.AddDate(0, 0, -4), midnight.AddDate(0, 0, -1))
		if d, found := learn([]*Track{w}, ReferenceEnd(midnight))[0].Drift(midnight); (found && d.P < 1e-3) != falls {
			t.Errorf("%s: %+v, found %t", name, d, found)
		}
	}
}

func TestSilenceIsUnlikelyByDayAndUsualByNight(t *testing.T) {
	w := NewTrack("store", "s")
	for d := 21; d > 0; d-- {
		for h := range 24 {
			g := Grades{}
			if h >= 8 && h < 20 {
				g[5] = 20
			}
			w.Put(Coarse, noon.Truncate(24*time.Hour).AddDate(0, 0, -d).Add(time.Duration(h)*time.Hour), &g)
		}
	}
	r := w.Rates(NewCalendar(nil), noon.Truncate(24*time.Hour))
	eight := noon.Truncate(24 * time.Hour).Add(8 * time.Hour)
	if n := r.Expected(eight, eight.Add(90*time.Minute)); math.Abs(n-30) > .5 {
		t.Errorf("%v responses in an hour and a half, want 30", n)
	}
	if p := r.Silent(eight, eight.Add(2*time.Hour)); p > 1e-4 {
		t.Errorf("two silent hours by day have %v", p)
	}
	if p := r.Silent(eight.Add(-8*time.Hour), eight); p < .9 {
		t.Errorf("a silent night has %v", p)
	}
}
