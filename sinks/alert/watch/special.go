package watch

import (
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/insight/detect"
)

// special are the days that are not compared with what is usual, and do not count as usual: a holiday, a pay-day.
type special struct{ days []ruleset.Day }

// on reports whether an instant lies on a special day of a scope, and returns when the day ends.
func (s *special) on(scope Scope, at time.Time, zone *time.Location) (ends time.Time, found bool) {
	local := at.In(zone)
	for _, d := range s.days {
		if d.Covers(scope.Kind, scope.ID) && d.Date == local.Format(time.DateOnly) {
			y, m, day := local.Date()
			return time.Date(y, m, day+1, 0, 0, 0, 0, zone), true
		}
	}
	return time.Time{}, false
}

// mark leaves special days out of what a track learns.
func (s *special) mark(t *detect.Track, now time.Time, zone *time.Location) {
	for _, d := range s.days {
		begin, err := time.ParseInLocation(time.DateOnly, d.Date, zone)
		if err == nil && d.Covers(t.Kind, t.ID) && now.Sub(begin) < coarseWhole && begin.Before(now) {
			t.Odd(begin, begin.AddDate(0, 0, 1))
		}
	}
}

// since returns from when on a scope may be compared with its usual, from or later; closed is true if now is a special day.
func (w *knowledge) since(s Scope, from time.Time) (at time.Time, closed bool) {
	if len(w.special.days) == 0 {
		return from, false
	}
	zone := w.calendar.Zone()
	if _, found := w.special.on(s, w.now.Add(-1), zone); found {
		return from, true
	}
	for back := 24 * time.Hour; back <= 72*time.Hour; back += 24 * time.Hour {
		if ends, found := w.special.on(s, w.now.Add(-back), zone); found && ends.After(from) {
			return ends, false
		}
	}
	return from, false
}
