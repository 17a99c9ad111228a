package detect

import (
	"testing"
	"time"
)

// shop has 30 responses an hour from 8:30 to 20 o'clock, local, on days that are open.
func shop(zone *time.Location, from, to time.Time, open func(day time.Weekday) bool) *Track {
	t := NewTrack("store", "s")
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		local := at.In(zone)
		g := Grades{}
		switch h := local.Hour(); {
		case !open(local.Weekday()):
		case h == 8:
			g[5] = 15
		case h > 8 && h < 20:
			g[5] = 30
		}
		t.Put(Coarse, at, &g)
	}
	return t
}

func TestAClosedSundayAndAChangedClockAreNoSilence(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// Three weeks up to Saturday evening; in the night the clocks go forward.
	saturday := time.Date(2026, 3, 28, 21, 0, 0, 0, time.UTC)
	track := shop(berlin, saturday.AddDate(0, 0, -21), saturday, func(day time.Weekday) bool { return day != time.Sunday })
	r := track.Rates(NewCalendar(berlin), saturday)
	sunday := time.Date(2026, 3, 29, 0, 0, 0, 0, berlin)
	if n := r.Expected(saturday, sunday.Add(23*time.Hour)); n > 0 {
		t.Errorf("on a Sunday that was always closed %.1f responses are expected", n)
	}
	monday := time.Date(2026, 3, 30, 8, 0, 0, 0, berlin)
	if n := r.Expected(saturday, monday.Add(25*time.Minute)); n > 0 {
		t.Errorf("before it opens at half past eight %.1f are expected", n)
	}
	if n := r.Expected(monday.Add(time.Hour), monday.Add(2*time.Hour)); n < 25 || n > 35 {
		t.Errorf("after it has opened %.1f are expected, want 30", n)
	}
	// The evening hour in which it closes was open until 20 o'clock: an hour later by UTC than before.
	if p := r.Silent(monday.Add(2*time.Hour), monday.Add(4*time.Hour)); p > 1e-4 {
		t.Errorf("two silent hours at noon have a probability of %v", p)
	}
	// A store that was seen from Monday to Saturday only: nobody knows its Sundays yet.
	week := shop(berlin, saturday.AddDate(0, 0, -5).Truncate(24*time.Hour), saturday, func(day time.Weekday) bool { return day != time.Sunday })
	if n := week.Rates(NewCalendar(berlin), saturday).Expected(sunday, sunday.Add(23*time.Hour)); n > 0 {
		t.Errorf("on the first Sunday %.1f are expected", n)
	}
}
