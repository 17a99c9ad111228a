package simulate

import "time"

// Answer is an instant response about a store of the own brand, without its line.
type Answer struct {
	Store    int // index; its id is that of Truth.Stores
	At       time.Time
	Grade    int    // 1 to 7
	Customer int    // index, -1 of an anonymous one
	Terminal int    // of an anonymous one, 1 to 3; else 0
	Employee int    // index
	Touch    string // touchpoint
}

// Answers makes only the answers of a feed, in order of event time: no lines, complaints, side topics, late ones or duplicates. It is several times
// faster than a [Feed] of the same configuration, and its answers are others by the same rules: the truth about stores and times is the same, and what
// complaints do to moods and to leaving is missing.
type Answers struct{ feed *Feed }

// NewAnswers makes the answers of a configuration; see [Config.Validate]. Events counts responses to other surveys and brands too.
func NewAnswers(c Config) (*Answers, error) {
	c.ComplaintShare, c.DuplicateShare, c.LateShare, c.BadShare, c.SideTopics = 0, 0, 0, 0, false
	f, err := New(c)
	if err != nil {
		return nil, err
	}
	f.bare = true
	return &Answers{f}, nil
}

// Next sets a to the next answer. It returns false at the end.
func (s *Answers) Next(a *Answer) bool {
	var e Event
	for s.feed.told.Grade = 0; s.feed.Next(&e); {
		if s.feed.told.Grade > 0 {
			*a = s.feed.told
			return true
		}
	}
	return false
}

// Truth is as [Feed.Truth].
func (s *Answers) Truth() *Truth { return s.feed.Truth() }

// tell sets what was answered, nothing if it is not about a store or of another survey.
func (f *Feed) tell(v *visit) {
	f.line.topic, f.line.again, f.line.bad = responseLine, false, false
	f.told.Grade = 0
	if v.rival >= 0 || v.survey {
		return
	}
	f.told = Answer{Store: int(v.at), At: time.UnixMilli(v.now).UTC(), Grade: v.grade, Customer: int(v.who), Employee: int(v.by), Touch: touchpoints[v.touch].name}
	if v.anonymous {
		f.told.Customer, f.told.Terminal = -1, f.terminal(v)
	}
}
