package simulate

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// storeHours is the most store-hours of a real feed, for its tables.
const storeHours = 10_000_000

var weekdayNames = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// Validate returns an error with the wrong field and the remedy.
func (r *Real) Validate() error {
	if _, err := r.place(); err != nil {
		return err
	}
	if _, _, err := r.opening(); err != nil {
		return err
	}
	for _, d := range r.ClosedWeekdays {
		if !slices.Contains(weekdayNames, d) {
			return fmt.Errorf("closed_weekdays must be of %s, has %q", strings.Join(weekdayNames, ", "), d)
		}
	}
	for _, h := range r.Holidays {
		if _, err := readHoliday(h); err != nil {
			return err
		}
	}
	for i := range 7 {
		if err := inside(fmt.Sprintf("week_traffic of %s", weekdayNames[i]), r.WeekTraffic[i], -1, 10); err != nil {
			return err
		}
		if err := inside(fmt.Sprintf("week_grades of %s", weekdayNames[i]), r.WeekGrades[i], -2, 2); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name            string
		value, low, top float64
	}{
		{"opening_spread_minutes", float64(r.OpeningSpread), 0, 180},
		{"pay_days", float64(r.PayDays), 0, 14}, {"pay_day_traffic", r.PayDayTraffic, -1, 10}, {"pay_day_grades", r.PayDayGrades, -2, 2},
		{"promotions_per_year", r.Promotions, 0, 52}, {"promotion_traffic", r.PromotionTraffic, -1, 10}, {"promotion_grades", r.PromotionGrades, -2, 2},
		{"traffic_sd", r.TrafficSD, 0, 1}, {"bursts_per_day", r.Bursts, 0, 24}, {"burst_traffic", r.BurstTraffic, -1, 10},
		{"day_mood_sd", r.DayMoodSD, 0, 1}, {"day_mood_rho", r.DayMoodRho, 0, .99}, {"hour_mood_sd", r.HourMoodSD, 0, 1}, {"hour_mood_rho", r.HourMoodRho, 0, .99},
		{"shift_mood_sd", r.ShiftMoodSD, 0, 1}, {"drift_sd_per_week", r.DriftSD, 0, .5},
		{"response_changes_per_year", r.ResponseChanges, 0, 52}, {"response_fall", r.ResponseFall, 0, 1}, {"unhappy_stay", r.UnhappyStay, 0, 1},
		{"frequent_share", r.FrequentShare, 0, 1}, {"repeat_share", r.RepeatShare, 0, 1}, {"rater_expectation_share", r.ExpectationShare, 0, 1}, {"children_per_year", r.Children, 0, 365},
		{"returns_desks", r.ReturnsDesks, 0, 1}, {"returns_desk_share", r.ReturnsDeskShare, 0, 1},
		{"mix_changes_per_year", r.MixChanges, 0, 52}, {"mix_change_share", r.MixChangeShare, 0, 1},
		{"leave_attrition", r.Attrition, 0, 10}, {"leave_moved", r.Moved, 0, 10}, {"leave_competitor", r.Competitor, 0, 10},
		{"competitor_openings_per_year", r.CompetitorOpenings, 0, 52}, {"leave_satisfaction", r.Satisfaction, 0, 10}, {"leave_recovery", r.Recovery, 0, 20},
		{"leave_silent", r.Silent, 0, 1},
	} {
		if err := inside(f.name, f.value, f.low, f.top); err != nil {
			return err
		}
	}
	// What a knob needs when it is on.
	for _, f := range []struct {
		on              bool
		of, name        string
		value, low, top float64
	}{
		{r.PayDays > 0, "pay_days", "pay_day", float64(r.PayDay), 1, 28},
		{r.Promotions > 0, "promotions_per_year", "promotion_days", float64(r.PromotionDays), 1, 60},
		{r.Bursts > 0, "bursts_per_day", "burst_minutes", float64(r.BurstMinutes), 15, 240},
		{r.ShiftMoodSD > 0, "shift_mood_sd", "shift_hours", float64(r.ShiftHours), 1, 24},
		{r.ResponseChanges > 0, "response_changes_per_year", "response_change_days", float64(r.ResponseChangeDays), 1, 365},
		{r.ResponseChanges > 0, "response_changes_per_year", "response_rise", r.ResponseRise, 1, 10},
		{r.FrequentShare > 0, "frequent_share", "frequent_times", r.FrequentTimes, 1, 1000},
		{r.Children > 0, "children_per_year", "child_presses", float64(r.ChildPresses), 1, 5000},
		{r.Children > 0, "children_per_year", "child_minutes", float64(r.ChildMinutes), 1, 240},
		{r.MixChanges > 0, "mix_changes_per_year", "mix_change_days", float64(r.MixChangeDays), 1, 365},
		{r.Competitor > 0, "leave_competitor", "competitor_days", float64(r.CompetitorDays), 1, 365},
	} {
		if err := inside(f.name, f.value, f.low, f.top); f.on && err != nil {
			return fmt.Errorf("%w; set it, or set %s to 0", err, f.of)
		}
	}
	return nil
}

func inside(name string, value, low, top float64) error {
	if !(value >= low && value <= top) {
		return fmt.Errorf("%s must be %v to %v, is %v", name, low, top, value)
	}
	return nil
}

// room returns an error if the tables of a feed would be too large.
func (r *Real) room(c *Config) error {
	if hours := c.Duration.Hours() * float64(c.Stores); hours > storeHours {
		return fmt.Errorf("real life is for at most %d hours of all stores together, are %.0f: lower stores or duration", storeHours, hours)
	}
	return nil
}

func (r *Real) place() (*time.Location, error) {
	if r.Zone == "Local" {
		return nil, fmt.Errorf("zone must be the IANA name of a time zone, like Europe/Berlin, is %q", r.Zone)
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone must be the IANA name of a time zone, like Europe/Berlin, is %q: %w", r.Zone, err)
	}
	return zone, nil
}

// opening returns the opening hours in minutes of the local day; 0 to 1440 is always.
func (r *Real) opening() (opens, closes int, err error) {
	if r.Opens == "" && r.Closes == "" {
		return 0, 1440, nil
	}
	if opens, err = clockTime("opens", r.Opens); err != nil {
		return 0, 0, err
	}
	if closes, err = clockTime("closes", r.Closes); err != nil {
		return 0, 0, err
	}
	if opens >= closes {
		return 0, 0, fmt.Errorf("opens must be before closes on the same day, are %s and %s", r.Opens, r.Closes)
	}
	return opens, closes, nil
}

func clockTime(name, text string) (minute int, err error) {
	if text == "24:00" {
		return 1440, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%s must be a time of day like 08:00, or both opens and closes empty, is %q", name, text)
	}
	return t.Hour()*60 + t.Minute(), nil
}
