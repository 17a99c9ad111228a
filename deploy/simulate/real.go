package simulate

// Real has the knobs of a feed with real life in it: calendars, moods that last, changing readiness to answer, and leaving for many reasons.
// A zero knob is off; with all of them zero the feed is the kind one, byte for byte. Start with [RealLife] and change what differs. Shares
// are 0 to 1 (.1 is a tenth); grades are of the scale of 1 to 7, and a mood of .1 moves the mean grade by about .1.
type Real struct {
	// Zone is the IANA time zone of the stores, whose clocks change; empty is UTC. Default Europe/Berlin.
	Zone string `json:"zone"`
	// Opens and Closes are the local opening hours, as 08:00; Closes is excluded. Both empty: always open. Default 08:00 to 21:00.
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
	// OpeningSpread is by how many minutes at most a store opens and closes earlier or later, 0 to 180, in steps of a quarter of an hour. Default 30.
	OpeningSpread int `json:"opening_spread_minutes"`
	// ClosedWeekdays are the days on which all stores are closed, like sunday. Default sunday.
	ClosedWeekdays []string `json:"closed_weekdays"`
	// Holidays are days on which all stores are closed: 2026-04-03, 12-25 of every year, or easter-2, a number of days from Easter Sunday. Default
	// the nine days of all of Germany.
	Holidays []string `json:"holidays"`

	// WeekTraffic is how much more traffic each day of the week has, Monday first, -1 to 10: .5 is half more. Default -.1, -.15, -.1, 0, .25, .5, 0.
	WeekTraffic [7]float64 `json:"week_traffic"`
	// WeekGrades is how many grades better each day of the week is, Monday first, -2 to 2. Default .05, .05, .05, 0, -.05, -.15, 0.
	WeekGrades [7]float64 `json:"week_grades"`
	// PayDay is the day of the month, 1 to 28, from which PayDays days (0 to 14) have PayDayTraffic more traffic (-1 to 10) and are PayDayGrades
	// better (-2 to 2). Default the 28th, three days, 1 (twice the traffic) and -.25.
	PayDay        int     `json:"pay_day"`
	PayDays       int     `json:"pay_days"`
	PayDayTraffic float64 `json:"pay_day_traffic"`
	PayDayGrades  float64 `json:"pay_day_grades"`
	// Promotions is how many promotions the chain has a year, 0 to 52, of about PromotionDays days (1 to 60) each, with so much more traffic (-1 to
	// 10) and grades so much better (-2 to 2). Default 6 of 7 days, .4 and .1.
	Promotions       float64 `json:"promotions_per_year"`
	PromotionDays    int     `json:"promotion_days"`
	PromotionTraffic float64 `json:"promotion_traffic"`
	PromotionGrades  float64 `json:"promotion_grades"`
	// TrafficSD is the standard deviation of the traffic of a store's day, as a share of it, 0 to 1. Default .15.
	TrafficSD float64 `json:"traffic_sd"`
	// Bursts is how many bursts of traffic a store has a day, 0 to 24, of about BurstMinutes minutes (15 to 240) with BurstTraffic more traffic
	// (-1 to 10). Default 2 of 30 minutes, 2 (three times the traffic).
	Bursts       float64 `json:"bursts_per_day"`
	BurstMinutes int     `json:"burst_minutes"`
	BurstTraffic float64 `json:"burst_traffic"`

	// DayMoodSD is the standard deviation of the mood of a store's day, in grades, 0 to 1, and DayMoodRho its correlation with the day before
	// (AR(1)), 0 to .99. Default .12 and .5.
	DayMoodSD  float64 `json:"day_mood_sd"`
	DayMoodRho float64 `json:"day_mood_rho"`
	// HourMoodSD and HourMoodRho are the same of a store's hours, closed ones too. Default .15 and .7.
	HourMoodSD  float64 `json:"hour_mood_sd"`
	HourMoodRho float64 `json:"hour_mood_rho"`
	// ShiftMoodSD is the standard deviation of the mood of a shift, in grades, 0 to 1, half of its variance the crew's own; ShiftHours is the length
	// of a shift on the local clock, 1 to 24 hours. Only the crew on duty serves. Default .15 and 4.
	ShiftMoodSD float64 `json:"shift_mood_sd"`
	ShiftHours  int     `json:"shift_hours"`
	// DriftSD is the standard deviation of the chain's slow drift in a week, in grades, 0 to .5: a random walk with a step a day. Default .02.
	DriftSD float64 `json:"drift_sd_per_week"`

	// ResponseChanges is how often a year a store asks its customers otherwise, 0 to 52, for about ResponseChangeDays days (1 to 365). In half of
	// the times fewer answer, ResponseFall of the usual number (0 to 1), in the others more, ResponseRise of it (1 to 10). Default 2 of 14 days,
	// .4 and 1.8.
	ResponseChanges    float64 `json:"response_changes_per_year"`
	ResponseChangeDays int     `json:"response_change_days"`
	ResponseFall       float64 `json:"response_fall"`
	ResponseRise       float64 `json:"response_rise"`
	// UnhappyStay is the share of the times in which fewer answer where all who grade 3 or less still do. Default .5.
	UnhappyStay float64 `json:"unhappy_stay"`
	// FrequentShare of the customers answer FrequentTimes as often as the others (1 to 1000). Default .05 and 8.
	FrequentShare float64 `json:"frequent_share"`
	FrequentTimes float64 `json:"frequent_times"`
	// RepeatShare is the share of the visits of customers after which they answer one to three times more within three hours, much as
	// before. Default .05.
	RepeatShare float64 `json:"repeat_share"`
	// Children is how often a year a child presses the buttons of one terminal of a store, 0 to 365, about ChildPresses times (1 to 5000) within
	// about ChildMinutes minutes (1 to 240). Default 4, 300 and 8.
	Children     float64 `json:"children_per_year"`
	ChildPresses int     `json:"child_presses"`
	ChildMinutes int     `json:"child_minutes"`
	// ExpectationShare is the share of the answers about RATER dimensions that also say what is expected of each, 0 to 1. Default .3.
	ExpectationShare float64 `json:"rater_expectation_share"`

	// ReturnsDesks is the share of the stores with a returns desk, where ReturnsDeskShare of the visits of customers are turned into returns.
	// Default .05 and .4.
	ReturnsDesks     float64 `json:"returns_desks"`
	ReturnsDeskShare float64 `json:"returns_desk_share"`
	// MixChanges is how often a year a store has more returns, 0 to 52, for about MixChangeDays days (1 to 365): MixChangeShare of the visits
	// are turned into returns. Default 1.5 of 21 days, .3.
	MixChanges     float64 `json:"mix_changes_per_year"`
	MixChangeDays  int     `json:"mix_change_days"`
	MixChangeShare float64 `json:"mix_change_share"`

	Leaving
}

// Leaving has the knobs of why customers leave. They are competing risks, drawn for each customer and day; with any of them above 0 they replace
// the leaving of the kind feed, which follows single responses. Rates are a year.
type Leaving struct {
	// Attrition is the mean rate of leaving without a cause, 0 to 10. Each customer has a rate of their own (lognormal, median .55 of the mean), like
	// the heterogeneous dropout of the Pareto/NBD model (Schmittlein, Morrison, Colombo 1987). Default .15.
	Attrition float64 `json:"leave_attrition"`
	// Moved is the rate of moving away, the same for all, 0 to 10. Default .03.
	Moved float64 `json:"leave_moved"`
	// Competitor is the additional rate near a new competitor, 0 to 10; CompetitorOpenings is how many open near a store a year, 0 to 52, and
	// CompetitorDays how long each draws customers off, 1 to 365 days. Default 1, .2 and 60.
	Competitor         float64 `json:"leave_competitor"`
	CompetitorOpenings float64 `json:"competitor_openings_per_year"`
	CompetitorDays     int     `json:"competitor_days"`
	// Satisfaction is the additional rate of a customer for each grade by which the weighted mean of their past grades (each weighs a third of what
	// is left) is below 5, 0 to 10. Default .25.
	Satisfaction float64 `json:"leave_satisfaction"`
	// Recovery is the additional rate in the 60 days after a complaint that was resolved badly or not at all, 0 to 20. Default .8.
	Recovery float64 `json:"leave_recovery"`
	// Silent is the share of the leavers who leave at once, without any sign before or after. The others come and buy less for two to eight weeks.
	// Default .5.
	Silent float64 `json:"leave_silent"`
}

// RealLife returns the knobs at their realistic defaults.
func RealLife() *Real {
	return &Real{
		Zone: "Europe/Berlin", Opens: "08:00", Closes: "21:00", OpeningSpread: 30, ClosedWeekdays: []string{"sunday"},
		Holidays:    []string{"01-01", "easter-2", "easter+1", "05-01", "easter+39", "easter+50", "10-03", "12-25", "12-26"},
		WeekTraffic: [7]float64{-.1, -.15, -.1, 0, .25, .5, 0}, WeekGrades: [7]float64{.05, .05, .05, 0, -.05, -.15, 0},
		PayDay: 28, PayDays: 3, PayDayTraffic: 1, PayDayGrades: -.25,
		Promotions: 6, PromotionDays: 7, PromotionTraffic: .4, PromotionGrades: .1,
		TrafficSD: .15, Bursts: 2, BurstMinutes: 30, BurstTraffic: 2,
		DayMoodSD: .12, DayMoodRho: .5, HourMoodSD: .15, HourMoodRho: .7, ShiftMoodSD: .15, ShiftHours: 4, DriftSD: .02,
		ResponseChanges: 2, ResponseChangeDays: 14, ResponseFall: .4, ResponseRise: 1.8, UnhappyStay: .5,
		FrequentShare: .05, FrequentTimes: 8, RepeatShare: .05, Children: 4, ChildPresses: 300, ChildMinutes: 8, ExpectationShare: .3,
		ReturnsDesks: .05, ReturnsDeskShare: .4, MixChanges: 1.5, MixChangeDays: 21, MixChangeShare: .3,
		Leaving: Leaving{Attrition: .15, Moved: .03, Competitor: 1, CompetitorOpenings: .2, CompetitorDays: 60, Satisfaction: .25, Recovery: .8, Silent: .5},
	}
}
