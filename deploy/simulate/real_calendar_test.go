package simulate

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestEasterIsOnItsSunday(t *testing.T) {
	for year, date := range map[int]string{2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2038: "2038-04-25", 2285: "2285-03-22"} {
		if is := easter(year).Format(time.DateOnly); is != date {
			t.Errorf("Easter is %s, not %s", date, is)
		}
	}
}

func TestStoresAreClosedOnSundaysHolidaysAndAtNightByTheLocalClock(t *testing.T) {
	r := &Real{Zone: "Europe/Berlin", Opens: "09:00", Closes: "20:00", ClosedWeekdays: []string{"sunday"}, Holidays: []string{"easter-2", "easter+1", "2026-03-18"}}
	c := weeks(6, 3, 100_000, r)
	c.SideTopics = true
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	days, hours := map[string]int{}, map[int]int{}
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
		p := parse(t, e.Value)
		if e.Complaint || p.StoreID == "" || e.Topic != TopicResponses && e.Topic != TopicPurchases {
			continue
		}
		at := p.OccurredAt.In(berlin)
		if m := at.Hour()*60 + at.Minute(); m < 9*60 || m >= 20*60 || at.Weekday() == time.Sunday {
			t.Fatalf("%s at %v", e.Topic, at)
		}
		days[at.Format(time.DateOnly)]++
		hours[p.OccurredAt.UTC().Hour()]++
	}
	for _, closed := range []string{"2026-04-03", "2026-04-06", "2026-03-18"} {
		if days[closed] > 0 {
			t.Errorf("%d on %s", days[closed], closed)
		}
	}
	if len(days) != 6*6-3 {
		t.Errorf("open on %d days", len(days))
	}
	// Nine o'clock is at eight (UTC) in winter and at seven in summer.
	if hours[7] == 0 || hours[8] == 0 || hours[6] > 0 {
		t.Errorf("by hour: %v", hours)
	}
	truth := f.Truth().Real
	if len(truth.Clocks) != 1 || !truth.Clocks[0].At.Equal(time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)) || truth.Clocks[0].Offset != 2 {
		t.Errorf("clocks: %+v", truth.Clocks)
	}
	if !slices.Contains(truth.ClosedDays, "2026-04-03") || len(truth.ClosedDays) != 6+3 || len(truth.Stores[0].Open) != len(days) {
		t.Errorf("closed %v, %d times open", truth.ClosedDays, len(truth.Stores[0].Open))
	}
}

// TestTrafficFollowsTheCalendarAndTheTruthExpectsIt compares each store's hours with what is expected of them.
func TestTrafficFollowsTheCalendarAndTheTruthExpectsIt(t *testing.T) {
	r := &Real{PayDay: 10, PayDays: 2, PayDayTraffic: 1, WeekTraffic: [7]float64{5: .5}, TrafficSD: .2, Bursts: 2, BurstMinutes: 30, BurstTraffic: 2, Promotions: 40, PromotionDays: 5, PromotionTraffic: .5, ResponseChanges: 10, ResponseChangeDays: 7, ResponseFall: .4, ResponseRise: 2, UnhappyStay: .5, RepeatShare: .1}
	c := weeks(6, 6, 300_000, r)
	got := make([][]float64, c.Stores)
	for i := range got {
		got[i] = make([]float64, 6*7*24+1)
	}
	truth := answered(t, c, func(a *Answer) {
		got[a.Store][int(a.At.Sub(c.Start)/time.Hour)%len(got[0])]++
	})
	if len(truth.Real.Promotions) == 0 || len(truth.Real.Stores[0].Bursts) == 0 {
		t.Error("no promotion or no burst")
	}
	var chi, n, sum, expected float64
	for i := range got {
		for h := range truth.Real.Stores[i].Expected {
			want := truth.Real.Stores[i].Expected.At(h)
			sum, expected = sum+got[i][h], expected+want
			if want >= 10 {
				chi, n = chi+(got[i][h]-want)*(got[i][h]-want)/want, n+1
			}
		}
	}
	// Repeated answers come in clusters, a mean of squares a bit above that of a Poisson's.
	if chi/n < .9 || chi/n > 1.5 || math.Abs(sum/expected-1) > .03 {
		t.Errorf("mean square by expected %.2f of %v hours, %.0f responses where %.0f were expected", chi/n, n, sum, expected)
	}
}

func TestPayDaysAndSaturdaysHaveTheirTrafficAndMood(t *testing.T) {
	r := &Real{PayDay: 10, PayDays: 2, PayDayTraffic: 1, PayDayGrades: -.25, WeekTraffic: [7]float64{5: .5}, WeekGrades: [7]float64{5: -.15}}
	byDay := map[string]*tally{}
	truth := answered(t, weeks(2, 5, 200_000, r), func(a *Answer) {
		day := a.At.Format(time.DateOnly)
		if byDay[day] == nil {
			byDay[day] = &tally{}
		}
		byDay[day].add(int64(a.Grade))
	})
	for _, c := range []struct {
		day, other      string
		traffic, grades float64
	}{{"2026-03-10", "2026-03-12", 2, -.25}, {"2026-03-11", "2026-03-09", 2, -.25}, {"2026-03-07", "2026-03-06", 1.5, -.15}, {"2026-03-12", "2026-03-13", 1, 0}} {
		day, other := byDay[c.day], byDay[c.other]
		if ratio := float64(day.n) / float64(other.n); math.Abs(ratio-c.traffic) > .1 {
			t.Errorf("%s has %.2f of the traffic of %s", c.day, ratio, c.other)
		}
		if d := day.mean() - other.mean(); math.Abs(d-c.grades) > .06 {
			t.Errorf("%s is %.3f grades from %s", c.day, d, c.other)
		}
	}
	if pay := truth.Real.PayDays; !slices.Equal(pay, []string{"2026-03-10", "2026-03-11"}) {
		t.Errorf("pay-days %v", pay)
	}
}

// The lunch rush is at one by the stores' clocks, before and after they change.
func TestRushHoursFollowTheLocalClock(t *testing.T) {
	c := weeks(8, 4, 400_000, &Real{Zone: "Europe/Berlin"})
	c.Start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	zone, err := time.LoadLocation(c.Real.Zone)
	if err != nil {
		t.Fatal(err)
	}
	var n, sum [2][24]float64
	answered(t, c, func(a *Answer) {
		summer := 0
		if a.At.In(zone).IsDST() {
			summer = 1
		}
		h := a.At.In(zone).Hour()
		n[summer][h]++
		sum[summer][h] += float64(a.Grade)
	})
	for h := 9; h < 20; h++ {
		if winter, summer := sum[0][h]/n[0][h], sum[1][h]/n[1][h]; math.Abs(winter-summer) > .06 {
			t.Errorf("at %d: %.2f in winter, %.2f in summer", h, winter, summer)
		}
	}
}
