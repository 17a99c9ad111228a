package pane_test

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"csatflow/pipeline/pane"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instantOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAnInstantFallsIntoTheMinuteAndHourOfUTCAndTheDayOfTheZone(t *testing.T) {
	for _, c := range []struct{ zone, at, minute, hour, day string }{
		{"UTC", "2026-03-01T23:59:59Z", "2026-03-01T23:59:00Z", "2026-03-01T23:00:00Z", "2026-03-01T00:00:00Z"},
		{"UTC", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"},
		{"UTC", "1970-01-01T00:00:30Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
		{"Asia/Kolkata", "2026-03-01T18:29:59Z", "2026-03-01T18:29:00Z", "2026-03-01T18:00:00Z", "2026-02-28T18:30:00Z"},
		{"Asia/Kolkata", "2026-03-01T18:30:00Z", "2026-03-01T18:30:00Z", "2026-03-01T18:00:00Z", "2026-03-01T18:30:00Z"},
		{"Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29T21:59:00Z", "2026-03-29T21:00:00Z", "2026-03-28T23:00:00Z"}, // a day of 23 h
		{"Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25T22:59:00Z", "2026-10-25T22:00:00Z", "2026-10-24T22:00:00Z"}, // of 25 h
		{"Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z"},
		{"America/New_York", "2026-03-09T03:59:59Z", "2026-03-09T03:59:00Z", "2026-03-09T03:00:00Z", "2026-03-08T05:00:00Z"},
		{"America/New_York", "2026-11-02T04:59:59Z", "2026-11-02T04:59:00Z", "2026-11-02T04:00:00Z", "2026-11-01T04:00:00Z"},
		{"Africa/Cairo", "2026-04-23T21:59:59Z", "2026-04-23T21:59:00Z", "2026-04-23T21:00:00Z", "2026-04-22T22:00:00Z"},
		{"Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z"}, // the day begins at 1:00
	} {
		at := instantOf(t, c.at)
		for _, ms := range []int64{at.UnixMilli(), at.UnixMilli() + 999} {
			got := pane.NewCalendar(zone(t, c.zone)).Starts(ms)
			for i, want := range []string{c.minute, c.hour, c.day} {
				if start := instantOf(t, want); got[i].Unix() != start.Unix() || pane.StartOf(start.Unix()) != got[i] {
					t.Errorf("%s in %s, resolution %d: starts at %s, want %s", c.at, c.zone, i, time.Unix(got[i].Unix(), 0).UTC().Format(time.RFC3339), want)
				}
			}
		}
	}
}

// A zone may change its clock at midnight (Cairo, Santiago, Beirut, Havana), and a day may be missing (Apia, 2011-12-30).
func TestDaysDivideTimeWhateverTheOrderOfInstants(t *testing.T) {
	for name, years := range map[string][]int{"UTC": {2026}, "Asia/Kolkata": {2026}, "Europe/Berlin": {2026}, "America/New_York": {2026},
		"Africa/Cairo": {2026}, "America/Santiago": {2026}, "Asia/Beirut": {2026}, "America/Havana": {2026},
		"America/Sao_Paulo": {2018}, "Pacific/Apia": {2011}, "Australia/Lord_Howe": {2026}, "Asia/Kathmandu": {2026}} {
		z := zone(t, name)
		for _, year := range years {
			var instants []int64
			for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.Add(30 * time.Minute) {
				instants = append(instants, at.UnixMilli(), at.UnixMilli()-1)
			}
			day := map[int64]pane.Start{}
			date := map[pane.Start]string{}
			forward := pane.NewCalendar(z)
			for _, ms := range instants {
				start, of := forward.Day(ms), time.UnixMilli(ms).In(z).Format(time.DateOnly)
				day[ms] = start
				if start.Unix() > ms/1000 {
					t.Errorf("%s: %s is before the start of its day", name, time.UnixMilli(ms).In(z))
				}
				if known, ok := date[start]; ok && known != of {
					t.Errorf("%s: one day holds instants of %s and %s", name, known, of)
				}
				date[start] = of
			}
			dates := map[string]bool{}
			for _, of := range date {
				if dates[of] {
					t.Errorf("%s: %s has two starts", name, of)
				}
				dates[of] = true
			}
			r := rand.New(rand.NewPCG(1, 1))
			r.Shuffle(len(instants), func(i, j int) { instants[i], instants[j] = instants[j], instants[i] })
			jumping := pane.NewCalendar(z)
			for _, ms := range instants {
				if got := jumping.Day(ms); got != day[ms] {
					t.Errorf("%s: the day of %s depends on the instant before", name, time.UnixMilli(ms).In(z))
				}
			}
		}
	}
}

func TestResolutionsAreNamedBySeconds(t *testing.T) {
	for r := range pane.Resolution(pane.Resolutions) {
		if got, ok := pane.ResolutionOf(r.Seconds()); !ok || got != r {
			t.Errorf("%d seconds: %d, %v", r.Seconds(), got, ok)
		}
	}
	if _, ok := pane.ResolutionOf(300); ok {
		t.Error("300 seconds is a resolution")
	}
}

func TestTheSpanOfADayIsTheInstantsOfItsStart(t *testing.T) {
	const day = 86400 * 1000 // ms
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/New_York", "America/Sao_Paulo", "Africa/Monrovia", "Pacific/Apia"} {
		c, r := pane.NewCalendar(zone(t, name)), rand.New(rand.NewPCG(1, 9))
		for i := range 5000 {
			at := r.Int64N(60 * 365 * day)
			if i%10 == 0 {
				at = r.Int64N(4*day) - 2*day
			}
			from, to := c.Span(at)
			start := c.Day(at)
			for _, x := range []int64{at, max(from, -day), max(from, -day) - 1, to - 1, to, at + r.Int64N(2*day) - day} {
				if in := from <= x && x < to; in != (c.Day(x) == start) {
					t.Fatalf("%s: %d is of the day of %d: %v, and its span is %d to %d", name, x, at, !in, from, to)
				}
			}
		}
	}
}
