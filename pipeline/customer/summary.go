package customer

import (
	"slices"

	"csatflow/pipeline/pane"

	"csatflow/pipeline/event"
)

// fewAtMost is up to how many things a search goes one by one; more are looked up in a map, so that time stays
// linear.
const fewAtMost = 16

// names counts distinct names, without allocating for a few.
type names struct {
	few  [fewAtMost]string
	used int
	many map[string]struct{}
}

func (n *names) add(name string) {
	switch {
	case n.many != nil:
		n.many[name] = struct{}{}
	case slices.Contains(n.few[:n.used], name):
	case n.used < fewAtMost:
		n.few[n.used] = name
		n.used++
	default:
		n.many = map[string]struct{}{name: {}}
		for _, x := range n.few {
			n.many[x] = struct{}{}
		}
	}
}

func (n *names) count() int { return max(n.used, len(n.many)) }

// State is where a complaint stands.
type State uint8

// The states.
const (
	Open State = iota
	Resolved
	Withdrawn
)

func (s State) String() string { return [...]string{"open", "resolved", "withdrawn"}[s] }

// Interval is a stretch of time in which a complaint was open, ms; To is Never while it still is.
type Interval struct{ From, To int64 }

// Summary has all measures of one complaint (schemas/DOMAIN.md, section 4). Instants are ms, Never where there is
// none. Durations are whole seconds, -1 where there is none.
type Summary struct {
	State            State
	OpenedAt         int64 // first opening
	ResolvedAt       int64 // last resolution, not before the opening
	WithdrawnAt      int64 // when the state is withdrawn
	FirstResponseAt  int64 // first contact, remedy or resolution, not before the opening
	Reopened         []int64
	RecoverySeconds  int64
	ResponseSeconds  int64
	Contacts         int
	Handoffs         int
	EmployeesMet     int
	FirstContact     bool  // first_contact_resolution
	Remedies         uint8 // bit set of all remedies
	Outcome, Process uint8 // fairness, as last said
	OutcomeAt        int64
	ProcessAt        int64
	Promise          int64 // seconds
	BreachedAt       int64 // opening + promise, if it was not closed for good by then
	Category         uint8
	OwnCategory      string // the owner's word that counts as it, "" for none
	Emotion          uint8  // as last said
	LeaveReason      uint8  // as last said
	Region, Store    string
	Source           uint8
	OwnSource        string // as OwnCategory
	Employee         string
	Attributes       pane.Attributes
	OpenIntervals    []Interval
	LastAt           int64
}

// Summarise reads a complaint's steps. promise gives the promised seconds to recovery for a category, own if the
// owner has added it.
//
// The state is that of the latest step that opens, reopens, resolves or withdraws; a contact, hand-off or remedy
// after it does not reopen a complaint. Scopes and category are those that the earliest step names.
func Summarise(c *Complaint, promise func(category uint8, own string) int64) Summary {
	s := Summary{OpenedAt: Never, ResolvedAt: Never, WithdrawnAt: Never, FirstResponseAt: Never, OutcomeAt: Never,
		ProcessAt: Never, BreachedAt: Never, RecoverySeconds: -1, ResponseSeconds: -1}
	for i := range c.Steps {
		if st := &c.Steps[i]; st.Step == event.StepOpened {
			s.OpenedAt = st.At
			break
		}
	}
	var met names
	for i := range c.Steps {
		st := &c.Steps[i]
		s.take(st)
		if st.Employee != "" {
			met.add(st.Employee)
		}
	}
	s.EmployeesMet = met.count()
	s.Promise = promise(s.Category, s.OwnCategory)
	s.conclude()
	return s
}

func (s *Summary) take(st *Step) {
	s.LastAt = st.At
	first(&s.Region, st.Region)
	first(&s.Store, st.Store)
	first(&s.Employee, st.Employee)
	s.Attributes = s.Attributes.Else(st.Attributes)
	firstWord(&s.Source, &s.OwnSource, st.Source, st.OwnSource())
	firstWord(&s.Category, &s.OwnCategory, st.Category, st.OwnCategory())
	lastCode(&s.Emotion, st.Emotion)
	lastCode(&s.LeaveReason, st.LeaveReason)
	s.Remedies |= st.Remedies
	if st.Outcome != 0 {
		s.Outcome, s.OutcomeAt = st.Outcome, st.At
	}
	if st.Process != 0 {
		s.Process, s.ProcessAt = st.Process, st.At
	}
	opened := s.OpenedAt == Never || st.At >= s.OpenedAt
	if opened && s.FirstResponseAt == Never && (st.Step == event.StepContacted || st.Step == event.StepRemedied || st.Step == event.StepResolved) {
		s.FirstResponseAt = st.At
	}
	switch st.Step {
	case event.StepContacted:
		s.Contacts++
	case event.StepHandedOff:
		s.Handoffs++
	case event.StepOpened:
		s.open(st.At)
	case event.StepReopened:
		s.Reopened = append(s.Reopened, st.At)
		s.open(st.At)
	case event.StepResolved:
		if opened {
			s.ResolvedAt = st.At
		}
		s.close(Resolved, st.At)
	case event.StepWithdrawn:
		s.WithdrawnAt = st.At
		s.close(Withdrawn, st.At)
	}
}

func (s *Summary) open(at int64) {
	s.State, s.WithdrawnAt = Open, Never
	if n := len(s.OpenIntervals); n == 0 || s.OpenIntervals[n-1].To != Never {
		s.OpenIntervals = append(s.OpenIntervals, Interval{From: at, To: Never})
	}
}

func (s *Summary) close(state State, at int64) {
	s.State = state
	if state == Resolved {
		s.WithdrawnAt = Never
	}
	if n := len(s.OpenIntervals); n > 0 && s.OpenIntervals[n-1].To == Never {
		s.OpenIntervals[n-1].To = at
	}
}

func (s *Summary) conclude() {
	if s.OpenedAt == Never {
		return
	}
	if s.ResolvedAt != Never {
		s.RecoverySeconds = (s.ResolvedAt - s.OpenedAt) / 1000
		s.FirstContact = s.Contacts <= 1 && s.Handoffs == 0 && len(s.Reopened) == 0
	}
	if s.FirstResponseAt != Never {
		s.ResponseSeconds = (s.FirstResponseAt - s.OpenedAt) / 1000
	}
	deadline := s.OpenedAt + s.Promise*1000
	closed := s.ResolvedAt
	if s.State == Withdrawn {
		closed = s.WithdrawnAt
	}
	if s.State == Open || closed > deadline {
		s.BreachedAt = deadline
	}
}

func first(into *string, v string) {
	if *into == "" {
		*into = v
	}
}

func firstWord(into *uint8, own *string, v uint8, word string) {
	if *into == 0 && *own == "" {
		*into, *own = v, word
	}
}

func lastCode(into *uint8, v uint8) {
	if v != 0 {
		*into = v
	}
}
