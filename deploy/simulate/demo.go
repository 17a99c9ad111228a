package simulate

import (
	"slices"
	"time"
)

// A demo's span before and after the time from which it is live. Both are whole days.
const (
	DemoPast  = 28 * 24 * time.Hour
	DemoAhead = 14 * 24 * time.Hour
)

// DemoOpens and DemoCloses are the hours (UTC) between which the stores of a demo are open.
const (
	DemoOpens  = 8
	DemoCloses = 21
)

// demoLive is the time of day from which a demo is live: five minutes before the first story.
const demoLive = 16*time.Hour + 20*time.Minute

// Demo is a chain of 20 stores with a past and stories for the time after it.
type Demo struct {
	Config
	// Live is when the past ends.
	Live time.Time
	// Improved is the store in which something was changed for the better, two weeks before, at Changed.
	Improved string
	Changed  time.Time
}

// NewDemo plans a demo that is live from twenty past four (UTC) on a day. Its feed begins with the day four weeks before. Soon one store's
// service collapses for two hours; from then on something happens every few hours of the day: a product of which everybody complains, a till of
// which nothing comes, falls in other stores. One store gets worse day by day; another recovers better since a change.
func NewDemo(seed uint64, day time.Time) *Demo {
	day = day.UTC().Truncate(24 * time.Hour)
	d := &Demo{Config: Default(), Live: day.Add(demoLive), Changed: day.AddDate(0, 0, -14)}
	c := &d.Config
	c.Seed, c.Start, c.Duration = seed, day.Add(-DemoPast), DemoPast+DemoAhead
	c.SideTopics, c.Tills, c.BadShare = true, true, .0005
	c.StoryFrom = day.Add(16*time.Hour + 25*time.Minute)
	c.Real = &Real{Opens: "08:00", Closes: "21:00", WeekTraffic: [7]float64{-.1, -.1, -.05, 0, .15, .3, -.2}, TrafficSD: .08, ExpectationShare: .3}
	var stores []string // those with least traffic first, as the story chooses its store
	for _, i := range newChain(c, newSource(c.Seed)).byWeight() {
		stores = append(stores, storeID(int(i)))
	}
	n := len(stores)
	hit, improved, fading, others := stores[n/2], stores[n*3/4], stores[n*5/8], append(slices.Clone(stores[n*7/8:]), stores[n/2+1])
	d.Improved = improved
	at := func(days int, hours float64) time.Time {
		return day.AddDate(0, 0, days).Add(time.Duration(hours * float64(time.Hour)))
	}
	end := c.Start.Add(c.Duration)
	c.Falls = []Fall{
		{StoreID: improved, From: d.Changed, To: end, Grades: -.35},
		{StoreID: fading, From: at(-3, 0), To: at(7, 0), Grades: 1, Growing: 10 * 24 * time.Hour},
		{StoreID: others[0], From: at(-19, 11), To: at(-19, 15), Grades: 1.5},
		{StoreID: others[1], From: at(-1, 12), To: at(-1, 16), Grades: 1.4},
	}
	c.Script = &Script{
		Diligent: true,
		Surges: []Surge{
			{Product: "electronics", Category: "product", From: at(-9, 10), To: at(-9, 20), Grades: 1.5},
			{Product: "toys", Category: "product", From: at(0, 17.5), To: at(1, 13), Grades: 1.8},
		},
		Silences: []Silence{{StoreID: others[0], Till: 2, From: at(-1, 11), To: at(-1, 14)}, {StoreID: others[1], Till: 1, From: at(1, 9), To: at(1, 12)}},
		Helps:    []Help{{StoreID: improved, From: d.Changed, To: end, Share: .35}, {StoreID: hit, From: at(0, 18.5), To: at(3, 0), Share: .3}},
	}
	products := []string{"garden", "kitchen", "clothing", "furniture"}
	for i := 1; i < int(DemoAhead/(24*time.Hour)); i++ {
		store := others[i%len(others)]
		c.Falls = append(c.Falls, Fall{StoreID: store, From: at(i, 13), To: at(i, 16), Grades: 1.3 + .2*float64(i%4)})
		if i > 1 && i%2 == 0 {
			c.Script.Surges = append(c.Script.Surges, Surge{Product: products[i/2%len(products)], Category: []string{"product", "price"}[i/2%2], From: at(i, 9), To: at(i, 20), Grades: 1.6})
		} else if i > 1 {
			c.Script.Silences = append(c.Script.Silences, Silence{StoreID: others[(i+1)%len(others)], Till: 1 + i%tillsOfStore, From: at(i, 9.5), To: at(i, 11.5)})
		}
	}
	return d
}

// Until returns the feed up to a time, with what begins before it.
func (d *Demo) Until(end time.Time) Config {
	c := d.Config
	c.Duration = end.Sub(c.Start)
	c.Falls = slices.DeleteFunc(slices.Clone(c.Falls), func(f Fall) bool { return !f.From.Before(end) })
	c.Script = &Script{
		Diligent: d.Script.Diligent,
		Surges:   slices.DeleteFunc(slices.Clone(d.Script.Surges), func(s Surge) bool { return !s.From.Before(end) }),
		Silences: slices.DeleteFunc(slices.Clone(d.Script.Silences), func(s Silence) bool { return !s.From.Before(end) }),
		Helps:    slices.DeleteFunc(slices.Clone(d.Script.Helps), func(h Help) bool { return !h.From.Before(end) }),
	}
	return c
}

// Open reports whether the stores of a demo are open.
func (d *Demo) Open(t time.Time) bool {
	hour := t.UTC().Hour()
	return hour >= DemoOpens && hour < DemoCloses
}
