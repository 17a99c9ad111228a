package customer

import (
	"cmp"
	"math"
	"slices"

	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// MaxSteps is how many steps one customer's complaints may have in all; further ones become dead letters.
const MaxSteps = 4096

// Step is one step of a complaint as the history keeps it.
type Step struct {
	At          int64 // event time, ms
	ID          uint64
	Step        uint8
	Source      uint8
	Category    uint8
	Emotion     uint8
	Remedies    uint8
	LeaveReason uint8
	Outcome     uint8 // fairness
	Process     uint8
	Store       string
	Region      string
	Employee    string
	Attributes  pane.Attributes // values of the owner's dimensions
	Own         *OwnWords       // nil for none, as is usual
	slot        uint8           // of ID among the remembered ids
}

// byOccurrence orders steps by event time, those of one instant by kind in the usual course of a complaint, then by
// id, so that the order of arrival does not matter.
func byOccurrence(a, b Step) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Step, b.Step), cmp.Compare(a.ID, b.ID))
}

// OwnWords are words of the owner's in a step, "" for none. The step's codes are then those of the known words that they count as. Of a
// step's own kind there is none: that it counts as another is all that matters later.
type OwnWords struct{ Source, Category string }

// OwnSource returns the step's source if the owner has added it, else "".
func (s *Step) OwnSource() string {
	if s.Own == nil {
		return ""
	}
	return s.Own.Source
}

// OwnCategory returns the step's category if the owner has added it, else "".
func (s *Step) OwnCategory() string {
	if s.Own == nil {
		return ""
	}
	return s.Own.Category
}

// Complaint is the steps of one complaint.
type Complaint struct {
	ID    string
	Steps []Step
}

// Complaints is the history of a customer over csat.complaints: a row of customer_complaints.
type Complaints struct {
	Mark  int64       // offset up to which the stored row has absorbed the log, -1 for none
	List  []Complaint // by id
	steps int
	seen  seen
}

// NewComplaints is the history before the first event.
func NewComplaints() *Complaints { return &Complaints{Mark: pane.NoMark} }

// Reset empties the history, and keeps the memory of its steps for reuse.
func (h *Complaints) Reset() {
	h.Mark, h.List, h.steps, h.seen.used = pane.NoMark, h.List[:0], 0, 0
}

// Steps is the number of steps of all complaints.
func (h *Complaints) Steps() int { return h.steps }

// Absorbed is how many events were applied: each is a step, and none ever leaves.
func (h *Complaints) Absorbed() uint64 { return uint64(h.steps) }

// Full reports whether the customer has MaxSteps steps.
func (h *Complaints) Full() bool { return h.steps >= MaxSteps }

// Seen reports whether the id is among the last SeenIDs applied.
func (h *Complaints) Seen(id uint64) bool { return h.seen.has(id) }

// Apply adds a step and returns its complaint. The caller has asked Seen and Full.
func (h *Complaints) Apply(complaintID string, s Step) *Complaint {
	s.slot = h.seen.add(s.ID, h.Absorbed())
	h.steps++
	for i := range h.List {
		steps := h.List[i].Steps
		for j := range steps {
			if o := &steps[j]; o.ID == s.ID {
				o.slot = s.slot
			} else if o.slot == s.slot {
				o.slot = 0
			}
		}
	}
	i, found := h.index(complaintID)
	if !found {
		h.List = slices.Insert(h.List, i, Complaint{ID: complaintID})
	}
	c := &h.List[i]
	at, _ := slices.BinarySearchFunc(c.Steps, s, byOccurrence)
	c.Steps = slices.Insert(c.Steps, at, s)
	return c
}

// Find returns a complaint by its id, nil if there is none.
func (h *Complaints) Find(complaintID string) *Complaint {
	if i, found := h.index(complaintID); found {
		return &h.List[i]
	}
	return nil
}

func (h *Complaints) index(id string) (int, bool) {
	return slices.BinarySearchFunc(h.List, id, func(c Complaint, id string) int { return cmp.Compare(c.ID, id) })
}

// VoiceWindow is how long after a bad experience a complaint counts as its voice.
const VoiceWindow = int64(7 * 24 * 3600 * 1000) // ms

// OpenedWithin reports whether a complaint was opened in the voice window that begins at an instant (ms).
func (h *Complaints) OpenedWithin(at int64) bool {
	for i := range h.List {
		steps := h.List[i].Steps
		for j := range steps {
			if s := &steps[j]; s.Step == event.StepOpened && s.At >= at && s.At <= at+VoiceWindow {
				return true
			}
		}
	}
	return false
}

// Never marks an instant that has not come.
const Never = int64(math.MinInt64)
