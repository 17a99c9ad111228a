package watch

import (
	"context"
	"strings"
	"time"

	"csatflow/sinks/insight/detect"
)

// Scope is one place.
type Scope struct{ Kind, ID string }

func compareScopes(a, b Scope) int {
	if c := strings.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// GradeCell is the grades of a scope in a cell of time.
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

// PromiseCell is how complaints of a scope fared in a stretch of time.
type PromiseCell struct {
	Scope
	Due, Breached  int // whose promised time ended in it, and had not been kept
	Resolved, Slow int // resolved in it, and later than promised
}

// RiskCell is how many customers of a scope were at risk at a time.
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

// Source is where the watch reads from: the views as they are, or as they were. Nothing that it gives is of now or later.
type Source interface {
	// Grades gives cells of a length, [detect.Fine] or [detect.Coarse], that begin in [from, to).
	Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error)
	// Complaints gives hours that begin in [from, to).
	Complaints(ctx context.Context, from, to time.Time, kinds []string) ([]ComplaintCell, error)
	// Promises gives what happened in [from, to).
	Promises(ctx context.Context, from, to time.Time, kinds []string) ([]PromiseCell, error)
	// Risk gives how it was at a time: the newest that is known then, nothing when none is.
	Risk(ctx context.Context, at time.Time, kinds []string) ([]RiskCell, error)
	// Troubled gives the customers of these tiers at this risk or above, those with the highest value at risk first, and
	// those named, whatever their risk is.
	Troubled(ctx context.Context, tiers []string, risk float64, most int, named []string) ([]Troubled, error)
}
