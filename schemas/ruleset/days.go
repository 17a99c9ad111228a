package ruleset

import (
	"fmt"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
)

// Day is a day that is not compared with what is usual, as written in special_days: of all scopes, or of one.
type Day struct {
	Date     string // local, as 2026-12-25
	Kind, ID string // empty for all scopes
}

// Covers reports whether the day is special in a scope.
func (d *Day) Covers(kind, id string) bool { return d.Kind == "" || d.Kind == kind && d.ID == id }

// Bounds returns when the day begins and ends in a time zone.
func (d *Day) Bounds(zone *time.Location) (begins, ends time.Time, err error) {
	if begins, err = time.ParseInLocation(time.DateOnly, d.Date, zone); err != nil {
		return begins, ends, fmt.Errorf("special day: %w", err)
	}
	return begins, begins.AddDate(0, 0, 1), nil
}

// ParseDay reads "2026-12-25", "2026-08-15 store=store-003" for a single scope, or "2026-03-28 all" for the scope of all.
func ParseDay(text string) (d Day, err error) {
	date, scope, some := strings.Cut(strings.TrimSpace(text), " ")
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return d, fmt.Errorf("%q is not a day like 2026-12-25, or 2026-08-15 store=store-003 for one scope", text)
	}
	d.Date = date
	if some {
		var found bool
		if d.Kind, d.ID, found = strings.Cut(strings.TrimSpace(scope), "="); d.Kind != dimension.All && !found || d.Kind == "" || d.ID == "" && found {
			return d, fmt.Errorf("%q: after the day must come a scope like store=store-003, all for the whole chain alone, or nothing", text)
		}
	}
	return d, nil
}

// Days returns the special days; what is none is left out, and Check tells it.
func (r *Rules) Days() (days []Day) {
	for _, text := range r.SpecialDays {
		if d, err := ParseDay(text); err == nil {
			days = append(days, d)
		}
	}
	return days
}
