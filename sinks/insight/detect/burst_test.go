package detect

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestAfterABurstOfBestGradesNothingHasFallen: children press the best button three hundred times within ten minutes; what comes after is as usual.
func TestAfterABurstOfBestGradesNothingHasFallen(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of many stores")
	}
	m := &Moods{HourSD: .15, HourRho: .7, DaySD: .12, DayRho: .5, ShiftSD: .15}
	tracks := moody(rand.New(rand.NewPCG(6, 7)), m, same(40, 60), 28, never)
	midnight := noon.Truncate(24 * time.Hour)
	child := midnight.Add(-14 * time.Hour) // ten in the morning
	const children = 8
	for _, track := range tracks[:children] {
		hour := *track.coarse.get(slot(child, Coarse))
		for _, at := range []time.Time{child, child.Add(Fine)} {
			g := *track.fine.get(slot(at, Fine))
			g[Levels-1] += 150
			hour[Levels-1] += 150
			track.Put(Fine, at, &g)
		}
		track.Put(Coarse, child, &hour)
	}
	usual := learn(tracks, child)[:children]
	lowest := 0.
	for now := child.Add(time.Hour); now.Before(child.Add(6 * time.Hour)); now = now.Add(30 * time.Minute) {
		for _, u := range usual {
			if f, found := u.Drop(now, time.Time{}); found {
				lowest = max(lowest, f.Z)
			}
		}
	}
	if lowest > 4.5 {
		t.Errorf("something has fallen by %.1f standard errors", lowest)
	}
}
