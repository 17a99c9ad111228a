package pane

import (
	"math"
	"time"
)

// Resolution is the length of a pane.
type Resolution uint8

// The resolutions, finest first.
const (
	Minute Resolution = iota
	Hour
	Day
	Resolutions = 3
)

// Seconds returns the nominal length that the tables hold: 60, 3600 or 86400. A day on which the zone changes its
// clock is an hour shorter or longer.
func (r Resolution) Seconds() uint32 { return [...]uint32{60, 3600, 86400}[r] }

// ResolutionOf is the inverse of Seconds.
func ResolutionOf(seconds uint32) (Resolution, bool) {
	for r := Minute; r < Resolutions; r++ {
		if r.Seconds() == seconds {
			return r, true
		}
	}
	return 0, false
}

// Start is the start of a pane, in minutes since 1970-01-01T00:00Z.
type Start uint32

// Unix returns seconds since the epoch.
func (s Start) Unix() int64 { return int64(s) * 60 }

// StartOf is the inverse of Unix.
func StartOf(unix int64) Start { return Start(unix / 60) }

// Calendar finds the pane of an instant. Minutes and hours are those of UTC; days are days of the zone.
// It caches the last day, so one goroutine uses it.
type Calendar struct {
	zone     *time.Location
	from, to int64 // the cached day, unix seconds [from, to)
}

// NewCalendar makes a calendar whose days are days of zone.
func NewCalendar(zone *time.Location) *Calendar { return &Calendar{zone: zone} }

// Starts returns the starts of the three panes that hold the instant ms (since the epoch).
func (c *Calendar) Starts(ms int64) [Resolutions]Start {
	sec := ms / 1000
	return [Resolutions]Start{Start(sec / 60), Start(sec / 3600 * 60), c.Day(ms)}
}

// Day returns the start of the day that holds the instant ms.
func (c *Calendar) Day(ms int64) Start {
	c.meet(ms / 1000)
	return Start(max(c.from, 0) / 60)
}

// Span returns the bounds, ms, of the day that holds the instant ms: Day returns the same start for from ≤ instant < to.
// The first day holds everything before 1970.
func (c *Calendar) Span(ms int64) (from, to int64) {
	c.meet(max(ms, 0) / 1000)
	if c.from <= 0 {
		return math.MinInt64, c.to * 1000
	}
	return c.from * 1000, c.to * 1000
}

// meet caches the day that holds the second sec.
func (c *Calendar) meet(sec int64) {
	if sec < c.from || sec >= c.to {
		y, m, d := time.Unix(sec, 0).In(c.zone).Date()
		c.from, c.to = c.midnight(y, m, d), c.midnight(y, m, d+1)
	}
}

// midnight returns the first second of a day. If the clock goes forward at midnight there is no 0:00, and time.Date
// may return 23:00 of the day before: the day then begins with the change.
func (c *Calendar) midnight(y int, m time.Month, d int) int64 {
	t := time.Date(y, m, d, 0, 0, 0, 0, c.zone)
	if t.Hour() >= 12 {
		_, t = t.ZoneBounds()
	}
	return t.Unix()
}
