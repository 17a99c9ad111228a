package detect

import "time"

// Calendar tells the local hour of the week and the local day of an hour, so that a clock that changes is no event.
type Calendar struct {
	zone  *time.Location
	slots [calendarKept]int64
	known [calendarKept]localHour
}

type localHour struct {
	week int   // 0 to 167, from Monday midnight
	day  int64 // counted in local days
}

const calendarKept = 4096

// NewCalendar returns the calendar of a time zone; nil is UTC.
func NewCalendar(zone *time.Location) *Calendar {
	if zone == nil {
		zone = time.UTC
	}
	c := &Calendar{zone: zone}
	for i := range c.slots {
		c.slots[i] = -1
	}
	return c
}

// Zone is the calendar's time zone.
func (c *Calendar) Zone() *time.Location { return c.zone }

// at returns the local hour of the slot of an hour.
func (c *Calendar) at(slot int64) localHour {
	i := slot & (calendarKept - 1)
	if c.slots[i] != slot {
		t := time.Unix(slot*int64(Coarse/time.Second), 0).In(c.zone)
		_, offset := t.Zone()
		day := floorDiv(t.Unix()+int64(offset), 24*3600)
		c.slots[i], c.known[i] = slot, localHour{week: (int(t.Weekday())+6)%7*24 + t.Hour(), day: day}
	}
	return c.known[i]
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
