package simulate

import (
	"fmt"
	"math"
	"time"
)

// Config says what is simulated. Zero Customers, Stores, Employees, Duration and Start mean those of [Default]; a
// zero share is zero. Start with Default and change what differs.
type Config struct {
	Seed uint64 `json:"seed"`
	// Events is how many lines are sent: responses and complaint steps, with duplicates and bad lines. 0 means as many
	// as the customers make in the Duration: about half a response per customer and day.
	Events int `json:"events"`
	// Start is the event time at which the feed begins, in whole milliseconds.
	Start time.Time `json:"start"`
	// Duration is the span of event time. With Events set, the density adapts so that the feed ends near its end.
	Duration  time.Duration `json:"duration_ns"`
	Customers int           `json:"customers"`
	Stores    int           `json:"stores"`
	Employees int           `json:"employees"`
	// ComplaintShare is how many complaints are opened per response.
	ComplaintShare float64 `json:"complaint_share"`
	// DuplicateShare of the events are sent again, byte for byte, at most 32 lines later, when the first is still
	// among the last 64 events of its customer.
	DuplicateShare float64 `json:"duplicate_share"`
	// LateShare of the events arrive minutes to four days after they occurred, some of them after the Duration.
	LateShare float64 `json:"late_share"`
	// AnonymousShare of the responses come from a button at the till: with a terminal instead of a customer.
	AnonymousShare float64 `json:"anonymous_share"`
	// BadShare of the lines break their schema or are not JSON.
	BadShare float64 `json:"bad_share"`
	// SideTopics adds purchases, observations, departures and invitations. Their lines come on top of Events.
	SideTopics bool `json:"side_topics"`
	// Tills adds the attribute till to responses and complaints.
	Tills bool `json:"tills,omitempty"`
	// Story lets one store's service collapse for two hours (a twelfth of the Duration if that is shorter than a day).
	Story bool `json:"story"`
	// StoryFrom is when it begins; zero is after two fifths of the Duration.
	StoryFrom time.Time `json:"story_from,omitzero"`
	// Weights are the relative traffic of the stores; random if nil.
	Weights []int `json:"weights,omitempty"`
	// Falls are further times in which the service of a store is worse.
	Falls []Fall `json:"falls,omitempty"`
	// Script has further happenings at chosen times; nil is none.
	Script *Script `json:"script,omitempty"`
	// Real adds real life: calendars, moods, people who answer otherwise. Nil is the kind feed, where all hours of the day are alike.
	Real *Real `json:"real,omitempty"`
}

// Fall is a time in which a store's service is worse, by about this many grades (grades end at 1); below 0 it is better.
type Fall struct {
	StoreID string    `json:"store_id"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // excluded
	Grades  float64   `json:"grades"`
	// Growing is for how long it grows evenly to its size; 0 is at once.
	Growing time.Duration `json:"growing_ns,omitempty"`
}

// Default is a day of a chain of 20 stores, with the story.
func Default() Config {
	return Config{
		Seed: 1, Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: 24 * time.Hour,
		Customers: 20000, Stores: 20, Employees: 200,
		ComplaintShare: .03, DuplicateShare: .01, LateShare: .02, AnonymousShare: .05, Story: true,
	}
}

// filled returns c with defaults for zero counts and times.
func (c Config) filled() Config {
	d := Default()
	for _, f := range []struct{ have, instead *int }{{&c.Customers, &d.Customers}, {&c.Stores, &d.Stores}, {&c.Employees, &d.Employees}} {
		if *f.have == 0 {
			*f.have = *f.instead
		}
	}
	if c.Duration == 0 {
		c.Duration = d.Duration
	}
	if c.Start.IsZero() {
		c.Start = d.Start
	}
	c.Start = c.Start.UTC().Truncate(time.Millisecond)
	return c
}

// Validate returns an error with the wrong field and the remedy.
func (c Config) Validate() error {
	c = c.filled()
	for _, f := range []struct {
		name            string
		value, low, top int
	}{
		{"events", c.Events, 0, 1_000_000_000},
		{"customers", c.Customers, 10, 50_000_000},
		{"stores", c.Stores, 1, 10_000},
		{"employees", c.Employees, 2, 1_000_000},
	} {
		if f.value < f.low || f.value > f.top {
			return fmt.Errorf("%s must be %d to %d, is %d", f.name, f.low, f.top, f.value)
		}
	}
	if c.Employees < c.Stores+1 {
		return fmt.Errorf("employees must be at least stores + 1 = %d (one in each store and one in the call centre), is %d: raise employees or lower stores", c.Stores+1, c.Employees)
	}
	if c.Duration < time.Second || c.Duration > 5*365*24*time.Hour {
		return fmt.Errorf("duration must be 1s to 5 years (43800h), is %v", c.Duration)
	}
	if y, end := c.Start.Year(), c.Start.Add(c.Duration).Year(); y < 1971 || end > 2100 {
		return fmt.Errorf("start must lie in 1971 or later and the end of the duration in 2100 or earlier, are %d and %d", y, end)
	}
	for _, f := range []struct {
		name       string
		value, top float64
	}{
		{"complaint share", c.ComplaintShare, .5},
		{"duplicate share", c.DuplicateShare, .5},
		{"late share", c.LateShare, .9},
		{"anonymous share", c.AnonymousShare, 1},
		{"bad share", c.BadShare, .5},
	} {
		if !(f.value >= 0 && f.value <= f.top) {
			return fmt.Errorf("%s must be 0 to %v (.01 is one in a hundred), is %v", f.name, f.top, f.value)
		}
	}
	if c.Weights != nil && len(c.Weights) != c.Stores {
		return fmt.Errorf("weights must be one for each store, %d, are %d", c.Stores, len(c.Weights))
	}
	for i, w := range c.Weights {
		if w < 1 || w > 1_000_000 {
			return fmt.Errorf("weight %d must be 1 to 1000000, is %d", i+1, w)
		}
	}
	for i, f := range c.Falls {
		if !f.From.Before(f.To) || f.Grades == 0 || !(math.Abs(f.Grades) <= 6) || f.Growing < 0 || storeNumber(f.StoreID, c.Stores) < 0 {
			return fmt.Errorf("fall %d must be of one of the stores (store-001 to %s), begin before it ends, and be of -6 to 6 grades, not 0, is %+v", i+1, storeID(c.Stores-1), f)
		}
	}
	if err := c.Script.check(c.Stores); err != nil {
		return err
	}
	if c.Real != nil {
		if err := c.Real.Validate(); err != nil {
			return fmt.Errorf("real life: %w", err)
		}
		if err := c.Real.room(&c); err != nil {
			return err
		}
	}
	if c.DuplicateShare+c.BadShare > .5 {
		return fmt.Errorf("duplicate share and bad share together must be at most .5, are %v: lower one of them", c.DuplicateShare+c.BadShare)
	}
	return nil
}
