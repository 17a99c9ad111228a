package detect

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// week is how long the period of these tests is; its last hour ends now.
const week = 7 * 24 * time.Hour

// company has stores by the hour for Scan, and the same grades by five minutes for Drop.
type company struct {
	now    time.Time
	past   time.Duration // before the period
	all    []Cell
	series []Series
	tracks []*Track
}

// newCompany draws 12 stores with 12 responses an hour; lower says how far a store's grades
// are down, by the time before now.
func newCompany(seed uint64, past time.Duration, lower func(store int, before time.Duration) float64) *company {
	r := rand.New(rand.NewPCG(seed, 3))
	c := &company{now: time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC), past: past}
	slots := int((past + week) / Coarse)
	c.all = make([]Cell, slots)
	for i := range 12 {
		s := Series{Kind: "store", ID: fmt.Sprint(i), Cells: make([]Cell, slots)}
		t := NewTrack("store", s.ID)
		for h := range slots {
			at := c.now.Add(time.Duration(h-slots) * Coarse)
			hour := Grades{}
			for fine := at; fine.Before(at.Add(Coarse)); fine = fine.Add(Fine) {
				one := Cell{}
				put(&one, 5.3-lower(i, c.now.Sub(fine)), r)
				g := Grades{}
				g[int(one.Sum)-1] = 1
				hour.Add(&g)
				s.Cells[h].Add(one)
				t.Put(Fine, fine, &g)
			}
			t.Put(Coarse, at, &hour)
		}
		c.series, c.tracks = append(c.series, s), append(c.tracks, t)
	}
	total(c.all, c.series)
	return c
}

// stand returns the stores that stand out in the whole period, and those below their usual at its end.
func (c *company) stand() (scanned, dropped []string) {
	from := int(c.past / Coarse)
	for _, f := range Scan(c.all, c.series, from, len(c.all), c.now.Add(-c.past-week), nil) {
		if f.Real() {
			scanned = append(scanned, f.ID)
		}
	}
	for _, u := range learn(c.tracks, c.now.Add(-Coarse)) {
		if f, found := u.Drop(c.now, time.Time{}); found && f.P < 1e-4 {
			dropped = append(dropped, u.Track.ID)
		}
	}
	return scanned, dropped
}

func TestAFallOfAllStoresIsAnAlertOfEachAndNoFindingOfAReport(t *testing.T) {
	for seed := range uint64(8) {
		c := newCompany(seed, Baseline, func(_ int, before time.Duration) float64 {
			if before <= 8*time.Hour {
				return 1.4
			}
			return 0
		})
		scanned, dropped := c.stand()
		if len(scanned) != 0 || len(dropped) < 10 {
			t.Errorf("seed %d: the report names %v, the watch %v", seed, scanned, dropped)
		}
	}
}

func TestAFallOfOneStoreIsFoundByBoth(t *testing.T) {
	for seed := range uint64(8) {
		c := newCompany(seed, Baseline, func(store int, before time.Duration) float64 {
			if store == 4 && before <= 4*time.Hour {
				return 1.5
			}
			return 0
		})
		scanned, dropped := c.stand()
		if fmt.Sprint(scanned) != "[4]" || fmt.Sprint(dropped) != "[4]" {
			t.Errorf("seed %d: the report names %v, the watch %v", seed, scanned, dropped)
		}
	}
}

func TestAReportNeedsNoPastAndAnAlertDoes(t *testing.T) {
	low := func(store int, before time.Duration) float64 {
		if store == 4 && before > week-4*time.Hour {
			return 1.5
		}
		return 0
	}
	for seed := range uint64(8) {
		if scanned, _ := newCompany(seed, 0, low).stand(); fmt.Sprint(scanned) != "[4]" {
			t.Errorf("seed %d: the report names %v", seed, scanned)
		}
	}
	// A watch during such a fall knows these hours, and nothing or a week before them.
	rnd := rand.New(rand.NewPCG(1, 4))
	fallen := distribution{.3, .3, .2, .1, .1}
	for past, found := range map[int]bool{0: false, 7: true} {
		track := quiet(rnd, 12, past)
		fill(rnd, track, 12, noon, noon.Add(4*time.Hour), func(time.Time) distribution { return fallen })
		f, ok := learn([]*Track{track}, noon)[0].Drop(noon.Add(4*time.Hour), time.Time{})
		if ok != found || ok && f.P > 1e-4 {
			t.Errorf("after %d days: %v, %+v", past, ok, f)
		}
	}
}
