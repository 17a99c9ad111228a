package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/pls"
	"csatflow/schemas/service"
)

// Conn is what reads the views.
type Conn interface {
	Select(ctx context.Context, into any, query string, args ...any) error
}

// Options say what is reported.
type Options struct {
	Database string
	// Dimensions are those that the events have; nil for the built-in ones.
	Dimensions *dimension.Set
	From, To   time.Time     // the period, whole hours, the end left out
	Before     time.Duration // how long a past it is compared with
	Kind, ID   string        // of the one scope that is looked at; "" for all
	Zone       *time.Location
	Chinese    bool
}

// Report is what is to be said of a period.
type Report struct {
	Options
	Made     time.Time
	Now, Was Cell  // grades of the period, and of the past
	Happened bool  // a scope fell by more than chance explains
	Fall     *Fall // the one least likely by chance; nil when there are too few responses to tell
	Since    time.Time
	Until    time.Time
	Others   []Fall // further real falls in other scopes
	Parts    []Part
	Causes   []Cause
	Matrix   []Point
	Actions  []service.Action
	CSI      *pls.Bootstrap
	NoCSI    string // why there is none
	model    *service.Questionnaire
	series   []Cell // of the scope that fell, by hour, from the past on
	expected []float64
	begins   time.Time
}

// ErrNothing says that the period has no response.
var ErrNothing = errors.New("there is no response in the period")

// Make reads the views and puts the report together.
func Make(ctx context.Context, conn Conn, o Options) (*Report, error) {
	q := newReader(conn, &o)
	r := &Report{Options: o, Made: time.Now()}
	if err := r.problem(ctx, q); err != nil {
		return nil, fmt.Errorf("looking for what fell: %w", err)
	}
	if r.Happened {
		const tellApart = 2
		if err := r.breakDown(ctx, q, r.parted(), tellApart); err != nil {
			return nil, fmt.Errorf("breaking the fall down: %w", err)
		}
		if err := r.findCauses(ctx, q); err != nil {
			return nil, fmt.Errorf("looking for what moved with the fall: %w", err)
		}
	}
	if err := r.matrix(ctx, q); err != nil {
		return nil, fmt.Errorf("importance and performance: %w", err)
	}
	if err := r.improve(); err != nil {
		return nil, err
	}
	if err := r.index(ctx, q); err != nil {
		return nil, fmt.Errorf("satisfaction index: %w", err)
	}
	return r, nil
}

// Kinds are the kinds of scopes that can be reported on.
func Kinds(dimensions *dimension.Set) []string {
	return append([]string{dimension.All}, dimensions.OfResponses()...)
}

// HasKind says that a kind is one of them.
func HasKind(dimensions *dimension.Set, kind string) bool {
	return slices.Contains(Kinds(dimensions), kind)
}

const slot = time.Hour

// problem finds what fell, where and since when.
func (r *Report) problem(ctx context.Context, q *reader) error {
	r.begins = r.From.Add(-r.Before)
	all, scopes, err := q.cells(ctx, r.begins, r.To, slot, r.Dimensions.Watched())
	if err != nil {
		return err
	}
	from := int(r.From.Sub(r.begins) / slot)
	for i, c := range all {
		if i < from {
			r.Was.add(c)
		} else {
			r.Now.add(c)
		}
	}
	if r.Now.N == 0 {
		return ErrNothing
	}
	if r.Kind != "" {
		kept := scopes[:0]
		for _, s := range scopes {
			if s.Kind == r.Kind && s.ID == r.ID {
				kept = append(kept, s)
			}
		}
		if len(kept) == 0 {
			return fmt.Errorf("%w of %s %q", ErrNothing, r.Kind, r.ID)
		}
		scopes = kept
	}
	falls := Scan(all, scopes, from, len(all))
	if len(falls) == 0 {
		return nil
	}
	r.Fall, r.Happened = &falls[0], falls[0].Real()
	for _, f := range falls[1:] {
		if f.Real() {
			r.Others = append(r.Others, f)
		}
	}
	r.Since, r.Until = r.at(r.Fall.From), r.at(r.Fall.To)
	r.chartOf(all, scopes)
	if r.Happened {
		return r.sharpen(ctx, q)
	}
	return nil
}

func (r *Report) at(n int) time.Time { return r.begins.Add(time.Duration(n) * slot) }

// chartOf keeps the hours of the scope that fell most.
func (r *Report) chartOf(all []Cell, scopes []Scope) {
	for _, s := range scopes {
		if s.Kind == r.Fall.Kind && s.ID == r.Fall.ID {
			r.series = s.Cells
			for i := range all {
				r.expected = append(r.expected, all[i].minus(s.Cells[i]).Mean())
			}
		}
	}
}

// sharpen looks around the fall in steps of five minutes for when it began and ended.
func (r *Report) sharpen(ctx context.Context, q *reader) error {
	const fine = 5 * time.Minute
	from, to := r.Since.Add(-2*slot), r.Until.Add(2*slot)
	if to.Sub(from) > 48*time.Hour {
		return nil // to the hour is sharp enough
	}
	_, scopes, err := q.cells(ctx, from, to, fine, []string{r.Fall.Kind})
	if err != nil {
		return err
	}
	for _, s := range scopes {
		if s.ID != r.Fall.ID {
			continue
		}
		a, b := edges(s.Cells, r.Fall.Expected)
		r.Since, r.Until = from.Add(time.Duration(a)*fine), from.Add(time.Duration(b)*fine)
	}
	return nil
}

// edges gives the stretch whose grades lie below the half-way line most in sum: the line halves the way from what is
// expected to what is seen at the lowest, so that a slot as usual counts against the stretch.
func edges(cells []Cell, expected float64) (from, to int) {
	low := expected
	window := Cell{}
	const width = 6
	for i, c := range cells {
		window.add(c)
		if i >= width {
			window = window.minus(cells[i-width])
		}
		if window.N >= leastResponses/2 {
			low = min(low, window.Mean())
		}
	}
	line := (expected + low) / 2
	best, sum, start := 0.0, 0.0, 0
	for i, c := range cells {
		if sum <= 0 {
			sum, start = 0, i
		}
		sum += c.N*line - c.Sum
		if sum > best {
			best, from, to = sum, start, i+1
		}
	}
	return from, to
}
