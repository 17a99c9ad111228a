package api

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Period is the period of a question: panes of a resolution from one instant to another, in steps.
type Period struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`         // exclusive
	Before     time.Time `json:"before"`     // start of the time that is compared with, as long as the period
	BeforeTo   time.Time `json:"before_to"`  // its end, exclusive
	At         time.Time `json:"at"`         // the requested end, before it was moved to that of a pane: the instant for how things stand
	Resolution int       `json:"resolution"` // seconds
	Step       int       `json:"step_s"`
}

// Ranges are the lengths of a period that have a name.
var Ranges = []string{"1h", "6h", "24h", "7d", "30d", "90d", "365d"}

var lengths = map[string]time.Duration{"1h": time.Hour, "6h": 6 * time.Hour, "24h": 24 * time.Hour, "7d": 7 * day, "30d": 30 * day, "90d": 90 * day, "365d": 365 * day}

const (
	day     = 24 * time.Hour
	longTo  = 3660 * day
	mostBar = 60 // steps of a period
)

// newPeriod chooses the panes of a period. Up to 12 hours they are minutes, up to a fortnight hours, beyond that days of
// the zone, and none is shorter than finest. The ends move outwards to those of panes.
func newPeriod(from, to time.Time, zone *time.Location, finest time.Duration) Period {
	length := to.Sub(from)
	switch {
	case length <= 12*time.Hour && finest <= time.Minute:
		return stepped(from.Truncate(time.Minute), ceiling(to, time.Minute), time.Minute)
	case length <= 14*day && finest <= time.Hour:
		return stepped(from.Truncate(time.Hour), ceiling(to, time.Hour), time.Hour)
	}
	begin, end := midnight(from, zone), midnight(to, zone)
	if end.Before(to) {
		end = midnight(end.In(zone).AddDate(0, 0, 1), zone)
	}
	p := stepped(begin, end, day)
	p.Before = begin.In(zone).AddDate(0, 0, -p.days()).UTC()
	return p
}

// days is how many days of the zone a period of whole days has.
func (p *Period) days() int { return int((p.To.Sub(p.From) + day/2) / day) }

// against compares the period with the time that begins with the pane of an instant.
func (p *Period) against(begin time.Time, zone *time.Location) {
	if p.Resolution == int(day/time.Second) {
		p.Before = midnight(begin, zone)
		p.BeforeTo = p.Before.In(zone).AddDate(0, 0, p.days()).UTC()
		p.Before = p.Before.UTC()
		return
	}
	p.Before = begin.Truncate(time.Duration(p.Resolution) * time.Second).UTC()
	p.BeforeTo = p.Before.Add(p.To.Sub(p.From))
}

func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func ceiling(t time.Time, d time.Duration) time.Time {
	if up := t.Truncate(d); up.Before(t) {
		return up.Add(d)
	}
	return t
}

func stepped(from, to time.Time, resolution time.Duration) Period {
	step := resolution
	for _, times := range []int{1, 2, 5, 10, 15, 30, 60, 90} {
		if step = time.Duration(times) * resolution; to.Sub(from) <= mostBar*step {
			break
		}
	}
	return Period{From: from.UTC(), To: to.UTC(), Before: from.Add(from.Sub(to)).UTC(), BeforeTo: from.UTC(), Resolution: int(resolution / time.Second), Step: int(step / time.Second)}
}

// earliest and latest are the instants that ClickHouse's DateTime has; others count as these.
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2106, 1, 1, 0, 0, 0, 0, time.UTC)
)

func instantOf(parameter, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return t, &badRequest{parameter, fmt.Sprintf("%q is not an instant like 2026-03-01T09:00:00Z", text)}
	case t.Before(earliest):
		return earliest, nil
	case t.After(latest):
		return latest, nil
	}
	return t, nil
}

// periodOf parses range, from and to; now is the end of the latest minute with an event. A range counts from from where there is one,
// else back from to; it is not needed where both are given.
func periodOf(name, from, to string, now time.Time, zone *time.Location, finest time.Duration) (Period, error) {
	length := lengths["24h"]
	if name != "" {
		if !slices.Contains(Ranges, name) {
			return Period{}, &badRequest{"range", fmt.Sprintf("%q is not one of %s", name, strings.Join(Ranges, ", "))}
		}
		length = lengths[name]
	}
	var begin time.Time
	var err error
	end := now
	if from != "" {
		if begin, err = instantOf("from", from); err != nil {
			return Period{}, err
		}
		if name != "" {
			end = begin.Add(length)
		}
	}
	if to != "" {
		if end, err = instantOf("to", to); err != nil {
			return Period{}, err
		}
	}
	if from == "" {
		begin = end.Add(-length)
	}
	switch {
	case !begin.Before(end):
		return Period{}, &contradiction{badRequest{"from", "from is not before to"}}
	case end.Sub(begin) > longTo:
		return Period{}, &contradiction{badRequest{"from", "a period is at most ten years long"}}
	}
	p := newPeriod(begin, end, zone, finest)
	p.At = end.UTC()
	return p, nil
}
