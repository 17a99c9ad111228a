package simulate

import (
	"math"
	"testing"
	"time"
)

func TestCustomersLeaveForTheirCausesAtTheirRates(t *testing.T) {
	c := weeks(26, 5, 0, &Real{Leaving: Leaving{Attrition: .2, Moved: .1, Silent: .5}})
	c.SideTopics = true
	f := feedOf(t, c)
	var e Event
	news := 0
	for f.Next(&e) {
		if e.Topic == TopicDepartures && !e.Duplicate {
			news++
		}
	}
	causes, silent := map[string]float64{}, 0.
	for _, l := range f.Truth().Left {
		causes[l.Cause]++
		if l.Silent {
			silent++
			if !l.At.Equal(*l.Decided) {
				t.Fatalf("left without a sign, but late: %+v", l)
			}
		} else if d := l.At.Sub(*l.Decided); d < 14*24*time.Hour || d > 56*24*time.Hour {
			t.Fatalf("left after %v: %+v", d, l)
		}
	}
	// Half a year, of which the loud ones need five weeks; attrition is faster for some, who are soon gone.
	years := 26. * 7 / 365
	if moved := causes["moved"] / float64(c.Customers); math.Abs(moved-.1*(years-.05)*.95) > .006 {
		t.Errorf("%.4f moved away", moved)
	}
	if ratio := causes["attrition"] / causes["moved"]; ratio < 1.5 || ratio > 2 {
		t.Errorf("attrition is %.2f of moving", ratio)
	}
	if len(causes) != 2 || news == 0 || float64(news) > .45*(float64(len(f.Truth().Left))-silent) {
		t.Errorf("causes %v, %d known, %v silent", causes, news, silent)
	}
}

func TestTheUnhappyTheBadlyRecoveredAndTheNeighboursOfARivalLeaveMore(t *testing.T) {
	r := &Real{Leaving: Leaving{Competitor: 2, CompetitorOpenings: 3, CompetitorDays: 30, Satisfaction: .5, Recovery: 4, Silent: 1}}
	c := weeks(12, 10, 0, r)
	c.ComplaintShare, c.Customers = .1, 10_000
	sums := map[string]*tally{}
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
		if p := parse(t, e.Value); !e.Complaint && p.CustomerID != "" {
			if sums[p.CustomerID] == nil {
				sums[p.CustomerID] = &tally{}
			}
			sums[p.CustomerID].add(p.Grade)
		}
	}
	truth := f.Truth()
	by := map[string]*tally{}
	for _, l := range truth.Left {
		if by[l.Cause] == nil {
			by[l.Cause] = &tally{}
		}
		if s := sums[l.CustomerID]; s != nil {
			by[l.Cause].add(int64(1000 * s.mean()))
		}
		if l.Cause != "competitor" {
			continue
		}
		near := false
		for _, s := range truth.Real.Stores[storeNumber(l.StoreID, c.Stores)].Competitors {
			near = near || l.Decided.Sub(s.From) >= -24*time.Hour && l.Decided.Before(s.To.Add(24*time.Hour))
		}
		if !near {
			t.Errorf("no competitor near %+v", l)
		}
	}
	for cause, least := range map[string]float64{"competitor": 50, "satisfaction": 50, "recovery": 50} {
		if by[cause] == nil || by[cause].n < least {
			t.Errorf("%s: %+v", cause, by[cause])
		}
	}
	if d := (by["competitor"].mean() - by["satisfaction"].mean()) / 1000; d < .3 {
		t.Errorf("who left dissatisfied graded %.2f below who followed a rival", d)
	}
}
