package customer

import "csatflow/pipeline/pane"

// JourneyChange is how a response changes the clean-journey count of one scope on its day: customers with a response
// on the day, and those of them without a grade of 3 or less ("100 - 1 = 0").
type JourneyChange struct {
	Series           pane.SeriesRef
	Customers, Clean int64
}

// Journey says what taking m in would change on m's day, in each of its scopes; call it before [Responses.Apply].
// day gives the start of the day that holds an instant.
func (h *Responses) Journey(m *Moment, registry *pane.Registry, day func(ms int64) pane.Start, into []JourneyChange) []JourneyChange {
	if !m.instant() || h.dayIsClosed(m.At, day) {
		return into
	}
	today := day(m.At)
	for kind, series := range registry.Scopes(m.Dims) {
		if series == pane.NoSeries {
			continue
		}
		others, clean := false, true
		for i := range h.Moments {
			o := &h.Moments[i]
			if o.instant() && (o.Dims == m.Dims || registry.SeriesOf(o.Dims, kind) == series) && day(o.At) == today {
				others = true
				clean = clean && !o.Bad()
			}
		}
		c := JourneyChange{Series: series}
		switch {
		case !others:
			c.Customers = 1
			if !m.Bad() {
				c.Clean = 1
			}
		case clean && m.Bad():
			c.Clean = -1
		}
		if c.Customers != 0 || c.Clean != 0 {
			into = append(into, c)
		}
	}
	return into
}

// dayIsClosed says that a response of the day of at has left the history, or a later one has.
func (h *Responses) dayIsClosed(at int64, day func(ms int64) pane.Start) bool {
	return h.Left >= 0 && day(at) <= day(h.Left)
}
