package api

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAPeriodIsMadeOfPanes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 31, 10, 17, 0, 0, time.UTC)
	for _, c := range []struct {
		name, from, to string
		want           Period
	}{
		{"1h", "", "", Period{From: now.Add(-time.Hour), To: now, Before: now.Add(-2 * time.Hour), At: now, Resolution: 60, Step: 60}},
		{"6h", "", "", Period{From: now.Add(-6 * time.Hour), To: now, Before: now.Add(-12 * time.Hour), At: now, Resolution: 60, Step: 600}},
		{"24h", "", "", Period{From: time.Date(2026, 3, 30, 10, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 11, 0, 0, 0, time.UTC), Before: time.Date(2026, 3, 29, 9, 0, 0, 0, time.UTC), At: now, Resolution: 3600, Step: 3600}},
		// Summer time began on 29 March: midnight in Berlin is 23:00 before it and 22:00 after.
		{"30d", "", "", Period{From: time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC), Before: time.Date(2026, 1, 28, 23, 0, 0, 0, time.UTC), At: now, Resolution: 86400, Step: 86400}},
		{"365d", "", "", Period{From: time.Date(2025, 3, 30, 22, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC), Before: time.Date(2024, 3, 29, 23, 0, 0, 0, time.UTC), At: now, Resolution: 86400, Step: 864000}},
		{"", "2026-03-02T16:40:00Z", "2026-03-02T19:00:30Z", Period{From: time.Date(2026, 3, 2, 16, 40, 0, 0, time.UTC), To: time.Date(2026, 3, 2, 19, 1, 0, 0, time.UTC), Before: time.Date(2026, 3, 2, 14, 19, 0, 0, time.UTC), At: time.Date(2026, 3, 2, 19, 0, 30, 0, time.UTC), Resolution: 60, Step: 300}},
	} {
		got, err := periodOf(c.name, c.from, c.to, now, berlin, 0)
		c.want.BeforeTo = c.want.From
		if err != nil || got != c.want {
			t.Errorf("%s %s: %+v, want %+v (%v)", c.name, c.from, got, c.want, err)
		}
	}
}

func TestAPeriodIsComparedWithAsManyDaysOfTheZoneFromAnyDayOn(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ from, to, before, begin, end string }{
		// 20 days, of which one has 23 hours, against 20 days without a change of clock.
		{"2026-03-15T23:00:00Z", "2026-04-04T22:00:00Z", "2026-01-05T12:00:00Z", "2026-01-04T23:00:00Z", "2026-01-24T23:00:00Z"},
		{"2026-03-02T16:40:00Z", "2026-03-02T19:00:00Z", "2026-02-23T16:40:30Z", "2026-02-23T16:40:00Z", "2026-02-23T19:00:00Z"},
	} {
		p := newPeriod(at(c.from), at(c.to), berlin, 0)
		p.against(at(c.before), berlin)
		if !p.Before.Equal(at(c.begin)) || !p.BeforeTo.Equal(at(c.end)) {
			t.Errorf("%s to %s against %s to %s, want %s to %s", p.From, p.To, p.Before, p.BeforeTo, c.begin, c.end)
		}
	}
}

func TestAPeriodHoldsWhatWasAskedForInFewSteps(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		to := time.Unix(rapid.Int64Range(1_500_000_000, 2_000_000_000).Draw(t, "to"), 0).UTC()
		from := to.Add(-time.Duration(rapid.Int64Range(60, int64(longTo/time.Second)).Draw(t, "length")) * time.Second)
		p := newPeriod(from, to, zone, 0)
		steps := int(p.To.Sub(p.From)/time.Second) / p.Step
		if p.To.Before(to) || p.From.After(from) || from.Sub(p.From) > 25*time.Hour || p.To.Sub(to) > 25*time.Hour || p.Step%p.Resolution != 0 || steps > mostBar {
			t.Fatalf("%s to %s is %+v: %d steps", from, to, p, steps)
		}
		if gap := p.From.Sub(p.Before) - p.To.Sub(p.From); gap > 2*time.Hour || gap < -2*time.Hour {
			t.Fatalf("the time before is %s, the period %s", p.From.Sub(p.Before), p.To.Sub(p.From))
		}
	})
}
