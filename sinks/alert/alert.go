package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Severities, gravest first.
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

// Alert is what a rule found in a scope. Rule, Kind, ID, Part and Start are its identity. Times are event time.
type Alert struct {
	Rule     string    `json:"rule"`
	Kind     string    `json:"scope_kind"` // kind of scope, or customer
	ID       string    `json:"scope_id"`
	Part     string    `json:"part,omitempty"` // complaint category, if the rule tests each category
	Severity string    `json:"severity"`
	Start    time.Time `json:"started_at"` // when the trouble began
	Fired    time.Time `json:"fired_at"`   // when the rule found it
	Resolved time.Time `json:"resolved_at,omitzero"`
	Seen     time.Time `json:"evaluated_at"` // last evaluation
	Measure  string    `json:"measure"`      // the rule's measure, by its id in the catalogue
	Figures
	Evidence []Evidence `json:"evidence,omitempty"`
	Untold   Untold     `json:"-"`
}

// Untold is what the channels have yet to hear of an alert.
type Untold uint8

// An alert found while catching up is told at the end of the catch-up, if it still fires then.
const (
	AllTold     Untold = iota
	NothingTold        // the channels do not know of the alert
	EndUntold          // they know of the alert, but not of its end
)

// Figures are the distance of a measure from what is expected.
type Figures struct {
	Value    float64 `json:"value"`
	Expected float64 `json:"expected"`
	Low      float64 `json:"low"` // Low and High: 95 % interval of how much worse it is
	High     float64 `json:"high"`
	Cases    int     `json:"cases"`
	P        float64 `json:"p"` // chance of this in quiet times
}

// Evidence is a part that carries a fall, or a measure that moved with it.
type Evidence struct {
	Dimension string  `json:"dimension"` // of a part: store, employee, …; of what moved: rater, factors, emotion, category, …
	ID        string  `json:"id"`
	Value     float64 `json:"value"`
	Before    float64 `json:"before"`
	Share     float64 `json:"share,omitempty"` // of the fall; only of a part
	Mix       float64 `json:"mix,omitempty"`   // of Share, what a part adds by its weight among the responses and not by its own mean
	Cases     int     `json:"cases"`
	Z         float64 `json:"z"` // distance in standard errors
}

// State returns [Firing] or [Resolved].
func (a *Alert) State() string {
	if a.Resolved.IsZero() {
		return Firing
	}
	return Resolved
}

// Key returns 32 hexadecimal digits: the same for the same alert, whoever raised it.
func (a *Alert) Key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d", a.Rule, a.Kind, a.ID, a.Part, a.Start.Unix()))
	return hex.EncodeToString(sum[:16])
}

// Scope returns kind and id for people to read.
func (a *Alert) Scope() string {
	if a.ID == "" {
		return a.Kind
	}
	return a.Kind + " " + a.ID
}

// Compare orders alerts by rule, scope and part.
func Compare(a, b Alert) int {
	return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID), strings.Compare(a.Part, b.Part))
}
