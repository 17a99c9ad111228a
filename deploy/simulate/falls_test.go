package simulate

import (
	"math"
	"reflect"
	"testing"
	"time"
)

func TestAFallLowersTheGradesOfItsStoreBySoMuchAndNoOthers(t *testing.T) {
	c := withEvents(300_000)
	c.Story, c.LateShare, c.DuplicateShare = false, 0, 0
	fall := Fall{StoreID: "store-004", From: c.Start.Add(9 * time.Hour), To: c.Start.Add(17 * time.Hour), Grades: 1}
	means := func(falls []Fall) (hit, after, others float64) {
		var sums [3]tally
		c.Falls = falls
		f := feedOf(t, c)
		var e Event
		for f.Next(&e) {
			p := parse(t, e.Value)
			if e.Complaint || p.Brand != "" || p.Survey != "" {
				continue
			}
			in := !p.OccurredAt.Before(fall.From) && p.OccurredAt.Before(fall.To)
			switch {
			case p.StoreID == fall.StoreID && in:
				sums[0].add(p.Grade)
			case p.StoreID == fall.StoreID:
				sums[1].add(p.Grade)
			default:
				sums[2].add(p.Grade)
			}
		}
		return sums[0].mean(), sums[1].mean(), sums[2].mean()
	}
	was, wasAfter, wasOthers := means(nil)
	hit, after, others := means([]Fall{fall})
	if d := was - hit; d < .85 || d > 1.05 {
		t.Errorf("the store falls by %.2f grades, from %.2f", d, was)
	}
	if math.Abs(after-wasAfter) > .1 || math.Abs(others-wasOthers) > .03 {
		t.Errorf("at other times %.2f after %.2f, in other stores %.2f after %.2f", after, wasAfter, others, wasOthers)
	}
}

func TestDrawnFallsLieInTheFeedApartFromEachOtherAndAreThoseOfTheTruth(t *testing.T) {
	c := Default()
	c.Duration, c.Seed, c.Events = 21*24*time.Hour, 9, 2000
	falls := DrawFalls(c, 30)
	if len(falls) != 30 || !reflect.DeepEqual(falls, DrawFalls(c, 30)) {
		t.Fatalf("%d falls", len(falls))
	}
	for i, f := range falls {
		if f.From.Before(c.Start.Add(c.Duration*2/5)) || f.To.After(c.Start.Add(c.Duration)) || f.From.Hour() < 9 || f.From.Hour() > 17 {
			t.Errorf("%+v", f)
		}
		for _, o := range falls[:i] {
			if o.StoreID == f.StoreID && f.From.Sub(o.To) < 24*time.Hour && o.From.Sub(f.To) < 24*time.Hour {
				t.Errorf("%+v and %+v", o, f)
			}
		}
	}
	c.Falls = falls
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
	}
	known := f.Truth().Incidents
	if len(known) != 31 || known[0].From.After(known[1].From) {
		t.Errorf("%d incidents, with the story: %+v", len(known), known)
	}
	if few := DrawFalls(Config{Stores: 1, Duration: 30 * time.Hour}, 50); len(few) > 1 {
		t.Errorf("%d falls in a store in a day and a bit", len(few))
	}
}

func TestInRealLifeFallsBeginInOpeningHours(t *testing.T) {
	c := Default()
	c.Duration, c.Real = 42*24*time.Hour, RealLife()
	falls := DrawFalls(c, 60)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range falls {
		at := f.From.In(berlin)
		if at.Weekday() == time.Sunday || at.Hour() < 8 || at.Hour() > 20 || at.Format(time.DateOnly) == "2026-04-06" {
			t.Errorf("a fall begins at %v", at)
		}
	}
	if len(falls) != 60 {
		t.Errorf("%d falls", len(falls))
	}
}
