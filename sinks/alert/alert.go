package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Severities, the gravest first.
const (
	Page    = "page"
	Warning = "warning"
	Info    = "info"
)

// States of an alert.
const (
	Firing   = "firing"
	Resolved = "resolved"
)

// Alert is what a rule has found in a scope. Rule, Kind, ID, Part and Start are its identity. Times are event time.
type Alert struct {
	Rule     string    `json:"rule"`
	Kind     string    `json:"scope_kind"` // kind of scope, or customer
	ID       string    `json:"scope_id"`
	Part     string    `json:"part,omitempty"` // complaint category, where the rule looks at each apart
	Severity string    `json:"severity"`
	Start    time.Time `json:"started_at"` // since when
	Fired    time.Time `json:"fired_at"`   // when it was found
	Resolved time.Time `json:"resolved_at,omitzero"`
	Seen     time.Time `json:"evaluated_at"` // when it was last looked at
	Measure  string    `json:"measure"`      // id in the catalogue of measures: the rule's
	Figures
	Evidence []Evidence `json:"evidence,omitempty"`
	Untold   Untold     `json:"-"`
}

// Untold is what the channels have not heard of an alert.
type Untold uint8

// What is found in a time that is caught up with is told at its end, if it is not over by then.
const (
	AllTold     Untold = iota
	NothingTold        // they do not know it
	EndUntold          // they know it, and not that it is over
)

// Figures say how far a measure lies from what is expected of it.
type Figures struct {
	Value    float64 `json:"value"`
	Expected float64 `json:"expected"`
	Low      float64 `json:"low"` // 95 % interval of the distance for the worse
	High     float64 `json:"high"`
	Cases    int     `json:"cases"`
	P        float64 `json:"p"` // chance of it in quiet times
}

// Evidence is a part that carries a fall, or a measure that moved with it.
type Evidence struct {
	Dimension string  `json:"dimension"` // store, employee, … carry it; rater, factors, emotion, category, … moved with it
	ID        string  `json:"id"`
	Value     float64 `json:"value"`
	Before    float64 `json:"before"`
	Share     float64 `json:"share,omitempty"` // of the fall that a part carries
	Cases     int     `json:"cases"`
	Z         float64 `json:"z"` // distance in standard errors
}

// State is [Firing] or [Resolved].
func (a *Alert) State() string {
	if a.Resolved.IsZero() {
		return Firing
	}
	return Resolved
}

// Key is the same for the same alert, whoever raised it: 32 hexadecimal digits.
func (a *Alert) Key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", a.Rule, a.Kind, a.ID, a.Part, a.Start.Unix()))
	return hex.EncodeToString(sum[:16])
}

// Scope is kind and id for people.
func (a *Alert) Scope() string {
	if a.ID == "" {
		return a.Kind
	}
	return a.Kind + " " + a.ID
}

// Compare orders alerts by their rule and where they are.
func Compare(a, b Alert) int {
	return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID), strings.Compare(a.Part, b.Part))
}
