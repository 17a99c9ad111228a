package backtest

import (
	"cmp"
	"math"
	"slices"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

// Incident is a time in which something was wrong in a scope.
type Incident struct {
	Kind string    `json:"scope_kind"`
	ID   string    `json:"scope_id"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // excluded
	// Note is free text.
	Note string `json:"note,omitempty"`
}

// Grace is how long after its end an incident can still be found, and explain an alert: its last responses are still arriving.
const Grace = time.Hour

// Found is an incident with the alert that found it.
type Found struct {
	Incident
	Alert *alert.Alert  // the first one; nil if it was missed
	Delay time.Duration // from the incident's start to that alert
}

// Score compares alerts with known incidents.
type Score struct {
	Found []Found
	False []alert.Alert // alerts that no incident explains
	Right int           // alerts that an incident explains
}

// Judge scores alerts against incidents. An incident explains an alert of the same scope that was raised during it, or
// within [Grace] of its end.
func Judge(alerts []alert.Alert, incidents []Incident) (s Score) {
	first := make([]*alert.Alert, len(incidents))
	of := map[watch.Scope][]int{}
	for j := range incidents {
		scope := watch.Scope{Kind: incidents[j].Kind, ID: incidents[j].ID}
		of[scope] = append(of[scope], j)
	}
	sorted := slices.Clone(alerts)
	slices.SortStableFunc(sorted, func(a, b alert.Alert) int { return a.Fired.Compare(b.Fired) })
	for i := range sorted {
		a := &sorted[i]
		right := false
		for _, j := range of[watch.Scope{Kind: a.Kind, ID: a.ID}] {
			n := &incidents[j]
			if a.Fired.Before(n.From) || !a.Fired.Before(n.To.Add(Grace)) {
				continue
			}
			right = true
			if first[j] == nil {
				first[j] = a
			}
		}
		if right {
			s.Right++
		} else {
			s.False = append(s.False, *a)
		}
	}
	for j := range incidents {
		f := Found{Incident: incidents[j], Alert: first[j]}
		if f.Alert != nil {
			f.Delay = f.Alert.Fired.Sub(f.From)
		}
		s.Found = append(s.Found, f)
	}
	return s
}

// Recall returns the share of incidents found within this time of their start; 0 means any time.
func (s *Score) Recall(within time.Duration) float64 {
	n := 0
	for i := range s.Found {
		if f := &s.Found[i]; f.Alert != nil && (within == 0 || f.Delay <= within) {
			n++
		}
	}
	return float64(n) / float64(len(s.Found))
}

// Precision returns the share of alerts that an incident explains.
func (s *Score) Precision() float64 { return float64(s.Right) / float64(s.Right+len(s.False)) }

// Delay returns the quantile q of the delays. Missed incidents count as infinite; false if the quantile is one of them.
func (s *Score) Delay(q float64) (time.Duration, bool) {
	if len(s.Found) == 0 {
		return 0, false
	}
	delays := make([]float64, len(s.Found))
	for i := range s.Found {
		delays[i] = math.Inf(1)
		if s.Found[i].Alert != nil {
			delays[i] = float64(s.Found[i].Delay)
		}
	}
	slices.SortFunc(delays, cmp.Compare)
	d := delays[min(len(delays)-1, int(math.Ceil(q*float64(len(delays))))-1)]
	return time.Duration(d), !math.IsInf(d, 1)
}

// Level is the score at one level of false alerts.
type Level struct {
	FalseAlerts float64
	Alerts      []alert.Alert
	Score       Score
}
