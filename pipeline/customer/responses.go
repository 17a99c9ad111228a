package customer

import (
	"slices"
	"sort"

	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// MaxMoments is how many responses of a customer are kept: those with the latest event times. Sums keep what a
// response that leaves gave to them; a day of which a response has left no longer changes the clean-journey counts.
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
	slot        uint8 // of ID among the remembered ids
}

func (m *Moment) instant() bool { return m.Survey == event.SurveyInstant }

// Bad is a grade of 3 or less: dissatisfied.
func (m *Moment) Bad() bool { return m.Grade <= 3 }

// before orders moments by event time, those of one instant by id, so that the order of arrival does not matter.
func (m *Moment) before(o *Moment) bool {
	return m.At < o.At || m.At == o.At && m.ID < o.ID
}

// Responses is the history of a customer, or of a terminal, over csat.responses: a row of customer_responses.
type Responses struct {
	Mark     int64    // offset up to which the stored row has absorbed the log, -1 for none
	Count    uint64   // responses of the own brand with a grade, kept or not
	GradeSum uint64   // of those
	Ungraded uint64   // responses of the own brand in other scales alone
	Rivals   uint64   // responses about competitors
	Left     int64    // event time, ms, of the latest moment that left; Never if none did
	Moments  []Moment // by event time, then id; none for a terminal
	seen     seen
	leaving  Moment
}

// NewResponses is the history before the first event.
func NewResponses() *Responses { return &Responses{Mark: pane.NoMark, Left: Never} }

// Reset empties the history, and keeps the memory of its moments for reuse.
func (h *Responses) Reset() {
	h.Mark, h.Count, h.GradeSum, h.Ungraded, h.Rivals, h.Left, h.Moments, h.seen.used = pane.NoMark, 0, 0, 0, 0, Never, h.Moments[:0], 0
}

// Absorbed is how many events were applied.
func (h *Responses) Absorbed() uint64 { return h.Count + h.Ungraded + h.Rivals }

// Apply adds a response. It returns false, and changes nothing, if the id is among the last SeenIDs. The response of a
// terminal, about a competitor, or without a grade, is counted and not kept. m is what is kept; left is the moment that leaves for it,
// perhaps m itself, nil if none does. left is valid until the next call.
func (h *Responses) Apply(m Moment, rival, terminal bool) (applied bool, left *Moment) {
	if h.seen.has(m.ID) {
		return false, nil
	}
	m.slot = h.seen.add(m.ID, h.Absorbed())
	switch {
	case rival:
		h.Rivals++
	case m.Grade == 0:
		h.Ungraded++
	default:
		h.Count++
		h.GradeSum += uint64(m.Grade)
	}
	for i := range h.Moments {
		if o := &h.Moments[i]; o.ID == m.ID {
			o.slot = m.slot
		} else if o.slot == m.slot {
			o.slot = 0
		}
	}
	switch {
	case rival || terminal || m.Grade == 0:
		return true, nil
	case h.Left != Never && m.At <= h.Left:
		h.leaving = m
		return true, &h.leaving
	}
	h.Moments = slices.Insert(h.Moments, h.indexOf(&m), m)
	if len(h.Moments) > MaxMoments {
		h.leaving = h.Moments[0]
		h.Left = h.leaving.At
		h.Moments = slices.Delete(h.Moments, 0, 1)
		left = &h.leaving
	}
	return true, left
}

// indexOf returns the index at which a moment belongs.
func (h *Responses) indexOf(m *Moment) int {
	n := len(h.Moments)
	if n == 0 || h.Moments[n-1].before(m) {
		return n
	}
	return sort.Search(n, func(i int) bool { return !h.Moments[i].before(m) })
}

// Latest is the moment with the latest event time, nil before the first.
func (h *Responses) Latest() *Moment {
	if len(h.Moments) == 0 {
		return nil
	}
	return &h.Moments[len(h.Moments)-1]
}

// After returns the first response to the instant survey after a time (ms), nil if there is none.
func (h *Responses) After(at int64) *Moment {
	for i := sort.Search(len(h.Moments), func(i int) bool { return h.Moments[i].At > at }); i < len(h.Moments); i++ {
		if h.Moments[i].instant() {
			return &h.Moments[i]
		}
	}
	return nil
}
