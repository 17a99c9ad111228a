package simulate

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine without any
)

// quarterMS is the length of a slot of the calendar: zones differ by quarters of an hour.
const quarterMS = 15 * minuteMS

// almanac is local time over a feed, in slots of a quarter of an hour and in hours from origin, the whole hour (UTC) before the start.
type almanac struct {
	origin   int64
	slots    int
	offsets  []int32 // by slot: local time minus UTC, ms
	days     int     // local days of the feed
	firstDay int64   // local day of the first slot, in days since 1970
	closed   []bool  // by local day
	payDay   []bool  // by local day
}

func newAlmanac(r *Real, start, end int64) (*almanac, error) {
	zone, err := r.place()
	if err != nil {
		return nil, err
	}
	a := &almanac{origin: start - start%hourMS}
	a.slots = int((end-a.origin+hourMS-1)/hourMS) * 4
	a.offsets = make([]int32, a.slots)
	for i := range a.offsets {
		_, seconds := time.UnixMilli(a.slotStart(i)).In(zone).Zone()
		a.offsets[i] = int32(seconds) * 1000
	}
	a.firstDay = (a.origin + int64(a.offsets[0])) / dayMS
	a.days = a.day(a.slots-1) + 1
	holidays := make([]holiday, len(r.Holidays))
	for i, text := range r.Holidays {
		if holidays[i], err = readHoliday(text); err != nil {
			return nil, err
		}
	}
	a.closed, a.payDay = make([]bool, a.days), make([]bool, a.days)
	for i := range a.closed {
		date := a.date(i)
		for _, name := range r.ClosedWeekdays {
			a.closed[i] = a.closed[i] || name == weekdayNames[a.weekday(i)]
		}
		for _, h := range holidays {
			a.closed[i] = a.closed[i] || h.is(date)
		}
		for back := range r.PayDays {
			a.payDay[i] = a.payDay[i] || date.AddDate(0, 0, -back).Day() == r.PayDay
		}
	}
	return a, nil
}

// slot is the slot of a time. What is after the end repeats the feed from its begin.
func (a *almanac) slot(t int64) int { return int((t-a.origin)/quarterMS) % a.slots }

func (a *almanac) slotStart(slot int) int64 { return a.origin + int64(slot)*quarterMS }

func (a *almanac) local(slot int) int64 { return a.slotStart(slot) + int64(a.offsets[slot]) }

// clock is the local time of an instant, ms.
func (a *almanac) clock(t int64) int64 { return t + int64(a.offsets[a.slot(t)]) }

// day is the local day of a slot, 0 the first of the feed.
func (a *almanac) day(slot int) int { return int(a.local(slot)/dayMS - a.firstDay) }

// minute is the minute of the local day at which a slot begins.
func (a *almanac) minute(slot int) int { return int(a.local(slot) % dayMS / minuteMS) }

func (a *almanac) date(day int) time.Time {
	return time.Unix((a.firstDay+int64(day))*dayMS/1000, 0).UTC()
}

// weekday is 0 on Monday.
func (a *almanac) weekday(day int) int { return (int(a.date(day).Weekday()) + 6) % 7 }

// holiday is a date, a day of every year, or a day relative to Easter Sunday.
type holiday struct {
	year  int // 0 is every year
	month time.Month
	day   int // 0: days from Easter Sunday
	from  int
}

func readHoliday(text string) (holiday, error) {
	if from, found := strings.CutPrefix(text, "easter"); found {
		if n, err := strconv.Atoi(from); from == "" || err == nil && n >= -100 && n <= 200 {
			return holiday{from: n}, nil
		}
	} else if t, err := time.Parse(time.DateOnly, text); err == nil {
		return holiday{year: t.Year(), month: t.Month(), day: t.Day()}, nil
	} else if t, err := time.Parse(time.DateOnly, "2024-"+text); err == nil {
		return holiday{month: t.Month(), day: t.Day()}, nil
	}
	return holiday{}, fmt.Errorf("holidays must be like 2026-04-03, 12-25 (every year), or easter-2 (days from Easter Sunday), has %q", text)
}

func (h holiday) is(date time.Time) bool {
	if h.day == 0 {
		return easter(date.Year()).AddDate(0, 0, h.from).Equal(date)
	}
	return (h.year == 0 || h.year == date.Year()) && h.month == date.Month() && h.day == date.Day()
}

// easter is Easter Sunday of the Gregorian calendar (Anonymous, Nature 1876; Meeus 1991, "Astronomical algorithms", chapter 8).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
