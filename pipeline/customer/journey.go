package customer

import "csatflow/pipeline/pane"

// JourneyChange is how a response changes the clean-journey counts of one scope on its day: customers with a
// response on the day, and those among them without a grade of 3 or less ("100 - 1 = 0").
type JourneyChange struct {
	Series           pane.SeriesRef
	Customers, Clean int64
}

// Journey returns what applying m changes on m's day, in each of its scopes; call it before [Responses.Apply].
func (h *Responses) Journey(m *Moment, registry *pane.Registry, calendar *pane.Calendar, into []JourneyChange) []JourneyChange {
	if !m.instant() {
		return into
	}
	from, to := calendar.Span(m.At)
	if h.Left >= from && h.Left >= 0 { // a response of this day has left the history, or a later one has
		return into
	}
	others := h.between(m, from, to)
	for kind, series := range registry.Scopes(m.Dims) {
		if series == pane.NoSeries {
			continue
		}
		with, clean := false, true
		for i := range others {
			o := &others[i]
			if !o.instant() || o.Dims != m.Dims && registry.SeriesOf(o.Dims, kind) != series {
				continue
			}
			with = true
			if clean = !o.Bad(); !clean || !m.Bad() { // nothing changes, whatever the others are
				break
			}
		}
		switch {
		case !with && m.Bad():
			into = append(into, JourneyChange{series, 1, 0})
		case !with:
			into = append(into, JourneyChange{series, 1, 1})
		case clean && m.Bad():
			into = append(into, JourneyChange{series, 0, -1})
		}
	}
	return into
}

// between returns the moments at or after from and before to. They are next to where m belongs, and few: usually none.
func (h *Responses) between(m *Moment, from, to int64) []Moment {
	first := h.indexOf(m)
	last := first
	for first > 0 && h.Moments[first-1].At >= from {
		first--
	}
	for last < len(h.Moments) && h.Moments[last].At < to {
		last++
	}
	return h.Moments[first:last]
}
