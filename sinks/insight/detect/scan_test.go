package detect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// stores makes stores with a level each, rush hours that all have, and n responses an hour.
func stores(r *rand.Rand, stores, slots, n int) (all []Cell, scopes []Series) {
	all = make([]Cell, slots)
	for i := range stores {
		s := Series{Kind: "store", ID: string(rune('a' + i)), Cells: make([]Cell, slots)}
		level := 5 + 0.4*r.NormFloat64()
		for h := range slots {
			for range n {
				put(&s.Cells[h], level-0.5*math.Max(0, math.Sin(float64(h)/4)), r)
			}
		}
		scopes = append(scopes, s)
	}
	total(all, scopes)
	return all, scopes
}

func put(c *Cell, level float64, r *rand.Rand) {
	g := min(7, max(1, math.Round(level+1.3*r.NormFloat64())))
	c.Add(Cell{1, g, g * g})
}

func total(all []Cell, scopes []Series) {
	clear(all)
	for _, s := range scopes {
		for h, c := range s.Cells {
			all[h].Add(c)
		}
	}
}

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func TestAQuietWeekHasNoFall(t *testing.T) {
	found := 0
	for seed := range uint64(60) {
		all, scopes := stores(rand.New(rand.NewPCG(seed, 1)), 12, 14*24, 8)
		falls := Scan(all, scopes, 7*24, 14*24, monday, nil)
		if len(falls) != 12 {
			t.Fatalf("%d falls", len(falls))
		}
		if falls[0].Real() {
			found++
			t.Logf("seed %d: %+v", seed, falls[0])
		}
	}
	if found > 2 { // at 1 % each, three of 60 have a chance of 2 %
		t.Errorf("%d of 60 quiet weeks have a fall", found)
	}
}

func TestAFallIsFoundWhereAndWhenItIs(t *testing.T) {
	missed := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		all, scopes := stores(r, 12, 14*24, 8)
		where, when := r.IntN(12), 8*24+r.IntN(5*24)
		for h := when; h < when+4; h++ {
			scopes[where].Cells[h] = Cell{}
			for range 8 {
				put(&scopes[where].Cells[h], 2.5, r)
			}
		}
		total(all, scopes)
		f := Scan(all, scopes, 7*24, 14*24, monday, nil)[0]
		if !f.Real() || f.ID != scopes[where].ID || f.From > when+1 || f.To < when+3 || f.From < when-2 || f.To > when+6 {
			missed++
			t.Logf("seed %d: %s from %d, found %+v", seed, scopes[where].ID, when, f)
		}
		if math.Abs(f.Expected-f.Drop-f.Mean) > 1e-9 {
			t.Errorf("%v expected, %v below it, and the mean is %v", f.Expected, f.Drop, f.Mean)
		}
	}
	if missed > 2 {
		t.Errorf("%d of 40 falls were missed", missed)
	}
}

// openDays makes six stores that open from 8 to 20 with 20 responses an hour, whose levels vary as given.
func openDays(r *rand.Rand, days int, lower func(store int, at time.Time) float64) (all []Cell, scopes []Series) {
	all = make([]Cell, 24*days)
	for i := range 6 {
		s := Series{Kind: "store", ID: string(rune('a' + i)), Cells: make([]Cell, 24*days)}
		for h := range s.Cells {
			if at := monday.Add(time.Duration(h) * Coarse); at.Hour() >= 8 && at.Hour() < 20 {
				for range 20 {
					put(&s.Cells[h], 5.3-lower(i, at), r)
				}
			}
		}
		scopes = append(scopes, s)
	}
	total(all, scopes)
	return all, append(scopes, Series{Kind: "all", Cells: all})
}

// What returns every week, or varies from day to day, is no fall of one week.
func TestLowSaturdaysAndMoodsAreNoFall(t *testing.T) {
	for _, c := range []struct {
		name string
		past int // weeks
		mood func(r *rand.Rand) func(store int, at time.Time) float64
	}{
		{"Saturdays 0.2 lower, one week of past", 1, saturdays},
		{"Saturdays 0.2 lower, four weeks of past", 4, saturdays},
		{"moods of stores by day, one week of past", 1, dayMoods},
		{"moods of stores by day, four weeks of past", 4, dayMoods},
	} {
		found := 0
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 9))
			all, scopes := openDays(r, 7*(c.past+1), c.mood(r))
			if f := Scan(all, scopes, 168*c.past, len(all), monday, nil)[0]; f.Real() {
				found++
			}
		}
		t.Logf("%s: %d of 40", c.name, found)
		if found > 2 {
			t.Errorf("%s: %d of 40 quiet weeks have a fall", c.name, found)
		}
	}
}

func saturdays(*rand.Rand) func(int, time.Time) float64 {
	return func(_ int, at time.Time) float64 {
		if at.Weekday() == time.Saturday {
			return 0.2
		}
		return 0
	}
}

func dayMoods(r *rand.Rand) func(int, time.Time) float64 {
	moods := map[[2]int]float64{}
	return func(store int, at time.Time) float64 {
		key := [2]int{store, at.YearDay()}
		if _, has := moods[key]; !has {
			moods[key] = 0.15 * r.NormFloat64()
		}
		return moods[key]
	}
}

func TestAFallOfAllIsFoundUnderLowSaturdays(t *testing.T) {
	missed := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 10))
		low := saturdays(r)
		all, scopes := openDays(r, 35, func(store int, at time.Time) float64 {
			if d := at.Sub(monday.AddDate(0, 0, 30)); d >= 10*time.Hour && d < 14*time.Hour {
				return 1
			}
			return low(store, at)
		})
		f := Scan(all, scopes[6:], 28*24, len(all), monday, nil)[0]
		if !f.Real() || f.From < 30*24+8 || f.To > 30*24+16 {
			missed++
			t.Logf("seed %d: %+v", seed, f)
		}
	}
	if missed > 1 {
		t.Errorf("%d of 20 falls of a grade in all stores were missed", missed)
	}
}
