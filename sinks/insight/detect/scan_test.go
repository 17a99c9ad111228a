package detect

import (
	"math"
	"math/rand/v2"
	"testing"
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

func TestAQuietWeekHasNoFall(t *testing.T) {
	found := 0
	for seed := range uint64(60) {
		all, scopes := stores(rand.New(rand.NewPCG(seed, 1)), 12, 14*24, 8)
		falls := Scan(all, scopes, 7*24, 14*24)
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
		f := Scan(all, scopes, 7*24, 14*24)[0]
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
