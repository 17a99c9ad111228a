package watch

import (
	"context"
	"strings"
	"time"

	"csatflow/sinks/insight/detect"
)

// Scope is one value of a dimension, such as a store.
type Scope struct{ Kind, ID string }

func compareScopes(a, b Scope) int {
	if c := strings.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// GradeCell is the grades of a scope in one cell of time.
type GradeCell struct {
	Scope
	Start  time.Time
	Grades detect.Grades
}

// ComplaintCell is how many complaints of a category were opened in a scope in an hour.
type ComplaintCell struct {
	Scope
	Category string
	Start    time.Time
	Opened   int
}

// HourCell is how many purchases, or invitations, a scope had in an hour.
type HourCell struct {
	Scope
	Start time.Time
	N     int
}

// PromiseCell counts kept and broken promises of a scope in a stretch of time.
type PromiseCell struct {
	Scope
	Due, Breached  int // promises that ended in it; those not kept by then
	Resolved, Slow int // complaints resolved in it; those later than promised
}

// RiskCell is the risk of a scope's customers at a time.
type RiskCell struct {
	Scope
	Customers, High int
	Value           float64 // at risk
}

// Troubled is a customer of a high tier who is about to leave.
type Troubled struct {
	Customer, Tier, Reason string
	Responses              int
	Risk, Value            float64
}

// Respondent is a customer, or the terminal of anonymous responses, with its responses in a stretch of time.
type Respondent struct {
	ID       string
	Terminal bool
	N        int
	Sum      int // of grades
}

// Answers are what customers answered in one scale, as grades from 1, the worst, to 7.
type Answers interface {
	// Grades returns cells of a length, [detect.Fine] or [detect.Coarse], that begin in [from, to).
	Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error)
	// Respondents returns those with most responses in a scope in [from, to), at most as many as asked for; none if responses are not kept.
	Respondents(ctx context.Context, s Scope, from, to time.Time, most int) ([]Respondent, error)
}

// Source is what the watch reads from: the views now, or as they were. It returns nothing of now or later. Its own answers are the grades.
type Source interface {
	Answers
	// Scale returns the answers in a scale of its own, nps, ces or stars: what is best there is 7, what is worst 1. It may return nil, for none.
	Scale(name string) Answers
	// Complaints returns hours that begin in [from, to).
	Complaints(ctx context.Context, from, to time.Time, kinds []string) ([]ComplaintCell, error)
	// Purchases returns hours that begin in [from, to), of the kinds that purchases know, returns left out; none if purchases are not read or not kept.
	Purchases(ctx context.Context, from, to time.Time, kinds []string) ([]HourCell, error)
	// Asked returns the invitations of hours that begin in [from, to); none if they are not read or not kept.
	Asked(ctx context.Context, from, to time.Time, kinds []string) ([]HourCell, error)
	// Promises returns what happened in [from, to).
	Promises(ctx context.Context, from, to time.Time, kinds []string) ([]PromiseCell, error)
	// Risk returns the newest risk known at a time; nothing if none is known.
	Risk(ctx context.Context, at time.Time, kinds []string) ([]RiskCell, error)
	// Troubled returns the customers of these tiers at this risk or above, by value at risk, highest first; and those named,
	// whatever their risk.
	Troubled(ctx context.Context, tiers []string, risk float64, most int, named []string) ([]Troubled, error)
}
