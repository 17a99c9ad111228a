package customer

import (
	"cmp"
	"math"
	"slices"

	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// MaxMoments is how many responses of a customer are kept, those with the latest event times. The response that leaves
// keeps what it gave: sums stay, and a day of which a response has left takes no more part in the clean-journey count.
const MaxMoments = 256

// NoEquity marks a moment whose response said nothing of equity.
const NoEquity = int8(-128)

// Moment is one response of the own brand as the history keeps it. Scales and codes as in [event.Response].
type Moment struct {
	At          int64 // event time, ms
	ID          uint64
	Dims        pane.DimsRef
	Grade       uint8
	Survey      uint8
	Expectation uint8
	Performance uint8
	Emotion     uint8
	Repurchase  uint8
	Recommend   uint8
	Equity      int8
}

func (m *Moment) instant() bool { return m.Survey == event.SurveyInstant }

// Bad is a grade of 3 or less: dissatisfied.
func (m *Moment) Bad() bool { return m.Grade <= 3 }

func byTime(a, b Moment) int {
	if c := cmp.Compare(a.At, b.At); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// Responses is the history of a customer, or of a terminal, over csat.responses: a row of customer_responses.
type Responses struct {
	Mark     int64    // offset up to which the stored row has absorbed the log, -1 for none
	Absorbed uint64   // events applied
	Count    uint64   // responses of the own brand, kept or not
	GradeSum uint64   // of those
	Rivals   uint64   // responses about competitors
	Left     int64    // event time, ms, of the latest moment that left; math.MinInt64 if none did
	Moments  []Moment // by event time, then id; none for a terminal
	seen     seen
}

// NewResponses is the history before the first event.
func NewResponses() *Responses { return &Responses{Mark: pane.NoMark, Left: math.MinInt64} }

// Apply takes the response with this id in; it says false if the id is among the last ones, and then changes nothing.
// The response of a terminal or about a competitor is counted and not kept. m holds what is kept; left is the moment that
// leaves for it, which may be m itself, nil if none does.
func (h *Responses) Apply(m Moment, rival, terminal bool) (applied bool, left *Moment) {
	if !h.seen.add(m.ID) {
		return false, nil
	}
	h.Absorbed++
	if rival {
		h.Rivals++
		return true, nil
	}
	h.Count++
	h.GradeSum += uint64(m.Grade)
	switch {
	case terminal:
		return true, nil
	case m.At <= h.Left:
		late := m // m itself then needs no memory of its own
		return true, &late
	}
	i, _ := slices.BinarySearchFunc(h.Moments, m, byTime)
	h.Moments = slices.Insert(h.Moments, i, m)
	if len(h.Moments) > MaxMoments {
		oldest := h.Moments[0]
		h.Left = oldest.At
		h.Moments = slices.Delete(h.Moments, 0, 1)
		left = &oldest
	}
	return true, left
}

// Latest is the moment with the latest event time, nil before the first.
func (h *Responses) Latest() *Moment {
	if len(h.Moments) == 0 {
		return nil
	}
	return &h.Moments[len(h.Moments)-1]
}

// After gives the first instant response after an instant (ms), nil if there is none.
func (h *Responses) After(at int64) *Moment {
	i, _ := slices.BinarySearchFunc(h.Moments, at, func(m Moment, at int64) int {
		if m.At <= at {
			return -1
		}
		return 1
	})
	for ; i < len(h.Moments); i++ {
		if h.Moments[i].instant() {
			return &h.Moments[i]
		}
	}
	return nil
}
