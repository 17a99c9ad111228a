package customer

import (
	"errors"

	"csatflow/pipeline/event"
)

// A moment's event time and answers take 8 bytes: from the lowest bit 3 of grade, 2 of survey, 3 each of expectation,
// performance and emotion, 2 each of repurchase and recommend, 3 of equity (0 for none, else equity + 4), and above those
// 43 of signed milliseconds, which is 139 years around 1970.
const (
	answerBits = 21
	maxAt      = 1<<42 - 1 // ms
)

var errRange = errors.New("history has a value that no event can have")

// word packs the event time and the answers of a moment that fits.
func (m *Moment) word() uint64 {
	equity := uint64(0)
	if m.Equity != NoEquity {
		equity = uint64(m.Equity + 4)
	}
	return uint64(m.At)<<answerBits | uint64(m.Grade) | uint64(m.Survey)<<3 | uint64(m.Expectation)<<5 | uint64(m.Performance)<<8 |
		uint64(m.Emotion)<<11 | uint64(m.Repurchase)<<14 | uint64(m.Recommend)<<16 | equity<<18
}

// setWord is the inverse of word.
func (m *Moment) setWord(w uint64) {
	m.At = int64(w) >> answerBits
	m.Grade, m.Survey, m.Expectation, m.Performance = uint8(w&7), uint8(w>>3&3), uint8(w>>5&7), uint8(w>>8&7)
	m.Emotion, m.Repurchase, m.Recommend = uint8(w>>11&7), uint8(w>>14&3), uint8(w>>16&3)
	m.Equity = NoEquity
	if equity := w >> 18 & 7; equity != 0 {
		m.Equity = int8(equity) - 4
	}
}

// fits reports whether all values are within the ranges of events, so that word keeps them.
func (m *Moment) fits() bool {
	return m.At >= -maxAt && m.At <= maxAt && m.Grade <= 7 && m.Survey <= 2 && m.Expectation <= 7 && m.Performance <= 7 && int(m.Emotion) <= len(event.Emotions) &&
		m.Repurchase <= 3 && m.Recommend <= 3 && (m.Equity == NoEquity || m.Equity >= -3 && m.Equity <= 3)
}

// A step's codes take 4 bytes: from the lowest bit 3 of step, 3 of source, 4 of category, 3 of emotion, 4 of remedies,
// and 3 each of leave reason, fairness of outcome and fairness of process. The 2 bits after those say that a source and a category of the
// owner's follow.
func (s *Step) word() (w uint32) {
	if s.OwnSource() != "" {
		w |= ownSourceBit
	}
	if s.OwnCategory() != "" {
		w |= ownCategoryBit
	}
	return w | uint32(s.Step) | uint32(s.Source)<<3 | uint32(s.Category)<<6 | uint32(s.Emotion)<<10 | uint32(s.Remedies)<<13 |
		uint32(s.LeaveReason)<<17 | uint32(s.Outcome)<<20 | uint32(s.Process)<<23
}

const ownSourceBit, ownCategoryBit = 1 << 26, 1 << 27

func (s *Step) setWord(w uint32) {
	s.Step, s.Source, s.Category, s.Emotion = uint8(w&7), uint8(w>>3&7), uint8(w>>6&15), uint8(w>>10&7)
	s.Remedies, s.LeaveReason, s.Outcome, s.Process = uint8(w>>13&15), uint8(w>>17&7), uint8(w>>20&7), uint8(w>>23&7)
}

// fits reports whether all codes are within the ranges of events.
func (s *Step) fits() bool {
	return int(s.Step) <= len(event.Steps) && int(s.Source) <= len(event.Sources) && int(s.Category) <= len(event.Categories) &&
		int(s.Emotion) <= len(event.Emotions) && s.Remedies < 1<<len(event.RemedyNames) && int(s.LeaveReason) <= len(event.LeaveReasons) && s.Outcome <= 7 && s.Process <= 7
}
