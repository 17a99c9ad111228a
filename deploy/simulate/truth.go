package simulate

import (
	"fmt"
	"slices"
	"time"
)

// Truth has the figures of the feed, counted while it was made. It is complete once Next has returned false.
type Truth struct {
	Config   Config    `json:"config"`
	Incident *Incident `json:"incident,omitempty"`
	// Incidents are the story and the falls, in order of their begin.
	Incidents  []Known `json:"incidents"`
	Responses  Totals  `json:"responses"`
	Complaints Totals  `json:"complaint_steps"`
	Overall    Sums    `json:"overall"`
	Stores     []Sums  `json:"stores"` // in the order of their ids
	// Side has the other topics by name, if they are on.
	Side map[string]*SideTruth `json:"side,omitempty"`
	// Left are the customers who left, in order of time.
	Left []Left `json:"left"`
	// Real has the truth behind real life, if it is on.
	Real *RealTruth `json:"real,omitempty"`
}

// Totals count the lines of a topic: sent = distinct + duplicates + bad. Late ones are among the distinct.
type Totals struct {
	Sent       int64 `json:"sent"`
	Distinct   int64 `json:"distinct"`
	Duplicates int64 `json:"duplicates"`
	Late       int64 `json:"late"`
	Bad        int64 `json:"bad"`
}

func (t *Totals) count(e *Event) {
	t.Sent++
	switch {
	case e.Bad:
		t.Bad++
	case e.Duplicate:
		t.Duplicates++
	default:
		t.Distinct++
	}
	if e.Late {
		t.Late++
	}
}

// Sums are of one store, or of all.
type Sums struct {
	StoreID string `json:"store_id,omitempty"`
	Region  string `json:"region,omitempty"`
	// Responses are the distinct instant ones of the own brand, anonymous ones too; GradeSum the sum of their grades.
	Responses int64 `json:"responses"`
	GradeSum  int64 `json:"grade_sum"`
	// Complaints opened, resolved at least once, and withdrawn at least once: each counts once in each. Reopened counts
	// steps; a complaint has at most one.
	Opened    int64 `json:"opened"`
	Resolved  int64 `json:"resolved"`
	Withdrawn int64 `json:"withdrawn"`
	Reopened  int64 `json:"reopened"`
	// RecoveryMS is the sum, over resolved complaints, of the event time from opening to last resolution, in
	// milliseconds; RecoverySeconds is the same in seconds.
	RecoveryMS      int64   `json:"recovery_ms"`
	RecoverySeconds float64 `json:"recovery_seconds"`
}

// Left is a customer who left, and no longer answers from then on.
type Left struct {
	CustomerID string    `json:"customer_id"`
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"`   // of the leave reasons of the complaints
	StoreID    string    `json:"store_id"` // their home store
	// Cause is attrition, moved, competitor, satisfaction or recovery, Decided the time of the decision, and Silent whether it had no sign: in real
	// life only.
	Cause   string     `json:"cause,omitempty"`
	Decided *time.Time `json:"decided,omitempty"`
	Silent  bool       `json:"silent,omitempty"`
}

func newTruth(f *Feed) *Truth {
	t := &Truth{Config: f.config, Incident: f.story.tell(f), Incidents: []Known{}, Stores: make([]Sums, len(f.stores)), Left: []Left{}}
	if i := t.Incident; i != nil {
		t.Incidents = append(t.Incidents, Known{"store", i.StoreID, i.From, i.To, i.Cause})
	}
	for _, l := range f.config.Falls {
		if l.Grades < 0 { // a rise
			continue
		}
		t.Incidents = append(t.Incidents, Known{"store", l.StoreID, l.From, l.To, fmt.Sprintf("a fall of %g grades", l.Grades)})
	}
	t.Incidents = f.config.Script.tell(t.Incidents)
	slices.SortStableFunc(t.Incidents, func(a, b Known) int { return a.From.Compare(b.From) })
	for i := range t.Stores {
		t.Stores[i].StoreID, t.Stores[i].Region = f.stores[i].id, f.stores[i].region
	}
	return t
}

// Truth returns the truth; it is complete once Next has returned false.
func (f *Feed) Truth() *Truth {
	t := f.truth
	t.Real = f.life.truth(f)
	t.Overall = Sums{}
	for i := range t.Stores {
		s, o := &t.Stores[i], &t.Overall
		s.RecoverySeconds = float64(s.RecoveryMS) / 1000
		o.Responses += s.Responses
		o.GradeSum += s.GradeSum
		o.Opened += s.Opened
		o.Resolved += s.Resolved
		o.Withdrawn += s.Withdrawn
		o.Reopened += s.Reopened
		o.RecoveryMS += s.RecoveryMS
	}
	t.Overall.RecoverySeconds = float64(t.Overall.RecoveryMS) / 1000
	return t
}

// SideTruth has the figures of a side topic. Sums are over its distinct events; money is in hundredths.
type SideTruth struct {
	Totals
	AmountCents      int64            `json:"amount_cents,omitempty"`
	MarginCents      int64            `json:"margin_cents,omitempty"`
	ServiceCostCents int64            `json:"service_cost_cents,omitempty"`
	Visits           int64            `json:"visits,omitempty"`        // of mystery shoppers
	Opportunities    map[string]int64 `json:"opportunities,omitempty"` // by standard
	Defects          map[string]int64 `json:"defects,omitempty"`
}
