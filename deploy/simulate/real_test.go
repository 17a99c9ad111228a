package simulate

import (
	"hash/fnv"
	"math"
	"strings"
	"testing"
	"time"
)

// answered makes the answers of a configuration, and calls each with every one.
func answered(t testing.TB, c Config, each func(*Answer)) *Truth {
	t.Helper()
	s, err := NewAnswers(c)
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	for s.Next(&a) {
		each(&a)
	}
	return s.Truth()
}

// weeks is a feed of so many weeks without story, of stores with about n responses in all.
func weeks(weeks, stores, n int, r *Real) Config {
	c := withEvents(n)
	c.Duration, c.Stores, c.Employees, c.Customers, c.Story, c.Real = time.Duration(weeks)*7*24*time.Hour, stores, 10*stores, 20_000, false, r
	return c
}

func meanGrade(t *testing.T, c Config) float64 {
	var all tally
	answered(t, c, func(a *Answer) { all.add(int64(a.Grade)) })
	return all.mean()
}

func TestWithEveryKnobAtZeroTheFeedIsTheKindOne(t *testing.T) {
	c := withEvents(50_000)
	c.SideTopics, c.BadShare, c.Duration = true, .01, 15*24*time.Hour
	kind := digest(t, c)
	c.Real = &Real{}
	if digest(t, c) != kind {
		t.Error("a knob at zero changes the feed")
	}
	c.Real.DayMoodSD = .1
	if digest(t, c) == kind {
		t.Error("a mood of days changes nothing")
	}
}

func TestARealFeedIsTheSameOnEveryMachine(t *testing.T) {
	c := weeks(5, 10, 60_000, RealLife())
	c.SideTopics, c.BadShare, c.ComplaintShare, c.Story = true, .01, .05, true
	c.Falls = DrawFalls(c, 3)
	if is := digest(t, c); is != 0xa88b13376887a972 {
		t.Errorf("digest %#x", is)
	}
	c.Real.ExpectationShare = 0 // has a source of its own: without it all else is as it was
	if is := digest(t, c); is != 0xac1405f96c083262 {
		t.Errorf("digest without what is expected %#x", is)
	}
	h := fnv.New64a()
	answered(t, c, func(a *Answer) { h.Write([]byte{byte(a.Store), byte(a.Grade), byte(a.At.UnixMilli())}) })
	if is := h.Sum64(); is != 0xe15c1b6ae7db8270 {
		t.Errorf("digest of the answers %#x", is)
	}
}

func TestAMoodMovesTheMeanGradeByAsMuchAsItSays(t *testing.T) {
	kind := meanGrade(t, weeks(1, 10, 200_000, nil))
	for _, grades := range []float64{-.5, -.25, .1, .25} {
		r := &Real{}
		for i := range r.WeekGrades {
			r.WeekGrades[i] = grades
		}
		if moved := meanGrade(t, weeks(1, 10, 200_000, r)) - kind; math.Abs(moved-grades) > .02+.06*math.Abs(grades) {
			t.Errorf("a mood of %v moves the mean by %.3f, from %.3f", grades, moved, kind)
		}
	}
}

func TestAWrongKnobIsRefusedWithTheFieldAndTheRemedy(t *testing.T) {
	for _, c := range []struct {
		says   string
		change func(*Real)
	}{
		{`zone must be the IANA name of a time zone, like Europe/Berlin, is "Berlin"`, func(r *Real) { r.Zone = "Berlin" }},
		{"like Europe/Berlin, is \"Local\"", func(r *Real) { r.Zone = "Local" }},
		{"opens must be a time of day like 08:00", func(r *Real) { r.Opens = "8" }},
		{"opens must be before closes", func(r *Real) { r.Opens = "22:00" }},
		{"closed_weekdays must be of monday", func(r *Real) { r.ClosedWeekdays = []string{"Sonntag"} }},
		{"holidays must be like", func(r *Real) { r.Holidays = []string{"christmas"} }},
		{"week_traffic of tuesday must be -1 to 10", func(r *Real) { r.WeekTraffic[1] = -2 }},
		{"hour_mood_rho must be 0 to 0.99", func(r *Real) { r.HourMoodRho = 1 }},
		{"shift_hours must be 1 to 24, is 0; set it, or set shift_mood_sd to 0", func(r *Real) { r.ShiftHours = 0 }},
		{"leave_silent must be 0 to 1", func(r *Real) { r.Silent = math.NaN() }},
		{"no store is open in the whole duration", func(r *Real) { r.Holidays = []string{"03-02"} }},
	} {
		config := Default()
		config.Real = RealLife()
		c.change(config.Real)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q is not in: %v", c.says, err)
		}
	}
	large := weeks(200, 10_000, 1000, RealLife())
	if _, err := New(large); err == nil || !strings.Contains(err.Error(), "lower stores or duration") {
		t.Errorf("too many store-hours: %v", err)
	}
}
