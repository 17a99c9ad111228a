package simulate

import (
	"cmp"
	"slices"
	"time"
)

// Sizes in grades and lengths of the falls that [DrawFalls] draws.
var (
	fallSizes   = []float64{.3, .5, 1, 1.5}
	fallLengths = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 48 * time.Hour}
)

// DrawFalls draws n falls for a feed by its seed, in order of their begin: in random stores, beginning between 9 and 18 o'clock (UTC) in the
// last three fifths of the feed, so that there is a past to compare with, and at least a day apart in a store. It draws fewer if there is no
// room. In real life a fall begins in opening hours.
func DrawFalls(c Config, n int) []Fall {
	c = c.filled()
	rnd := newSource(c.Seed ^ 0xfa11)
	begin, end := c.Start.Add(c.Duration*2/5), c.Start.Add(c.Duration)
	var falls []Fall
	for tries := 0; len(falls) < n && tries < 100*n; tries++ {
		day := begin.Truncate(24*time.Hour).AddDate(0, 0, rnd.below(1+int(end.Sub(begin)/(24*time.Hour))))
		f := Fall{StoreID: storeID(rnd.below(c.Stores)), From: day.Add(9*time.Hour + time.Duration(rnd.below(9*60))*time.Minute), Grades: fallSizes[rnd.below(len(fallSizes))]}
		f.To = f.From.Add(fallLengths[rnd.below(len(fallLengths))])
		near := slices.ContainsFunc(falls, func(o Fall) bool {
			return o.StoreID == f.StoreID && f.From.Before(o.To.Add(24*time.Hour)) && o.From.Before(f.To.Add(24*time.Hour))
		})
		if !near && !f.From.Before(begin) && !f.To.After(end) && !c.closedAt(f.From) {
			falls = append(falls, f)
		}
	}
	slices.SortFunc(falls, func(a, b Fall) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.StoreID, b.StoreID)) })
	return falls
}

// closedAt reports whether all stores are closed at a time; with wrong knobs, which New refuses, they always are.
func (c *Config) closedAt(t time.Time) bool {
	if c.Real == nil {
		return false
	}
	opens, closes, err := c.Real.opening()
	if err != nil {
		return true
	}
	a, err := newAlmanac(c.Real, t.UnixMilli(), t.UnixMilli()+1)
	if err != nil {
		return true
	}
	slot := a.slot(t.UnixMilli())
	return a.closed[a.day(slot)] || a.minute(slot) < opens || a.minute(slot) >= closes
}

// Known is an incident for csatflow backtest: something was wrong in a scope from one time to another.
type Known struct {
	Kind string    `json:"scope_kind"`
	ID   string    `json:"scope_id"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // excluded
	Note string    `json:"note"`
}
