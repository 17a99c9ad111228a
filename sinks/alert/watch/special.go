package watch

import (
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/insight/detect"
)

// special are the days that are not compared with what is usual, and do not count as usual: a holiday, a pay-day.
type special []specialDay

type specialDay struct {
	ruleset.Day
	begins, ends time.Time
}

func newSpecial(days []ruleset.Day, zone *time.Location) (list special, err error) {
	for _, day := range days {
		d := specialDay{Day: day}
		if d.begins, d.ends, err = day.Bounds(zone); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// mark leaves special days out of what a track learns.
func (s special) mark(t *detect.Track, now time.Time) {
	for i := range s {
		if d := &s[i]; d.Covers(t.Kind, t.ID) && now.Sub(d.begins) < coarseWhole && d.begins.Before(now) {
			t.Special(d.begins, d.ends)
		}
	}
}

// sinceWithin is how long ago a special day may have ended that a comparison must not reach back into: longer than any window of an alert.
const sinceWithin = 72 * time.Hour

// since returns from when on a scope may be compared with its usual, from or later; closed is true if now is a special day.
func (s special) since(scope Scope, now, from time.Time) (at time.Time, closed bool) {
	at = from
	for i := range s {
		d := &s[i]
		if !d.Covers(scope.Kind, scope.ID) || !d.begins.Before(now) || now.Sub(d.ends) >= sinceWithin {
			continue
		}
		if !d.ends.Before(now) {
			return from, true
		}
		if d.ends.After(at) {
			at = d.ends
		}
	}
	return at, false
}
