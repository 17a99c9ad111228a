package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/vocabulary"
	"csatflow/schemas/service"
	"csatflow/sinks/insight/detect"
	"csatflow/sinks/insight/explain"
)

// Options say what to report.
type Options struct {
	Database string
	// Dimensions are those of the events; nil for the built-in ones.
	Dimensions *dimension.Set
	Words      *vocabulary.Set // that the owner adds to the enumerations of events; nil for none
	From, To   time.Time       // the period, whole hours, To exclusive
	Before     time.Duration   // length of the past that it is compared with
	Kind, ID   string          // the only scope to look at; "" for all
	Zone       *time.Location
	Chinese    bool
}

// Report is the content of a report on a period.
type Report struct {
	Options
	Made     time.Time
	Now, Was detect.Cell      // grades of the period, and of the past
	Happened bool             // a scope fell by more than chance explains
	Fall     *detect.PastFall // the fall least likely by chance; nil if there are too few responses to tell
	Since    time.Time
	Until    time.Time
	Others   []detect.PastFall // other real falls in other scopes
	Parts    []explain.Part
	Causes   []explain.Cause
	Matrix   []Point
	Ordinal  *Ordinal // grades of the fall against those of the other time, of the period if nothing fell; nil with too few
	Actions  []service.Action
	Buyers   *Buyers       // nil where no purchases are read
	Scales   []ScaleScore  // answers in scales of their own; none where nobody answers in them
	series   []detect.Cell // the scope that fell, by hour, from the begin of the past
	expected []float64
	begins   time.Time
}

// newReader returns the reader of a report. It sets the built-in dimensions if the options have none.
func newReader(conn explain.Conn, o *Options) *explain.Reader {
	if o.Dimensions == nil {
		o.Dimensions = dimension.Usual()
	}
	return &explain.Reader{Conn: conn, Database: o.Database, Dimensions: o.Dimensions}
}

// ErrNothing is returned when the period has no response.
var ErrNothing = errors.New("there is no response in the period")

// Make reads the views and makes the report.
func Make(ctx context.Context, conn explain.Conn, o Options) (r *Report, err error) {
	q := newReader(conn, &o)
	r = &Report{Options: o, Made: time.Now()}
	if err := r.problem(ctx, q); err != nil {
		return nil, fmt.Errorf("looking for what fell: %w", err)
	}
	if r.Happened {
		const tellApart = 2
		f := &explain.Fall{Kind: r.Fall.Kind, ID: r.Fall.ID, Since: r.Since, Until: r.Until, Begins: r.begins, Ends: r.To, Hours: r.series}
		if r.Parts, err = q.Parts(ctx, f, tellApart); err != nil {
			return nil, fmt.Errorf("breaking the fall down: %w", err)
		}
		if r.Causes, err = q.Causes(ctx, f); err != nil {
			return nil, fmt.Errorf("looking for what moved with the fall: %w", err)
		}
	}
	if err := r.compareOrder(ctx, q); err != nil {
		return nil, fmt.Errorf("comparing the order of grades: %w", err)
	}
	if err := r.matrix(ctx, q); err != nil {
		return nil, fmt.Errorf("importance and performance: %w", err)
	}
	if err := r.buyers(ctx, q); err != nil {
		return nil, fmt.Errorf("weighting to the purchases: %w", err)
	}
	if err := r.scales(ctx, q); err != nil {
		return nil, fmt.Errorf("answers in other scales: %w", err)
	}
	if err := r.improve(); err != nil {
		return nil, err
	}
	return r, nil
}

// problem finds what fell, where and since when.
func (r *Report) problem(ctx context.Context, q *explain.Reader) error {
	r.begins = r.From.Add(-r.Before)
	kinds := r.Dimensions.Watched()
	if r.Kind != "" {
		kinds = []string{r.Kind}
	}
	all, scopes, err := q.Cells(ctx, r.begins, r.To, explain.Slot, kinds)
	if err != nil {
		return err
	}
	from := int(r.From.Sub(r.begins) / explain.Slot)
	shown, of := all, ""
	if r.Kind != "" {
		of = fmt.Sprintf(" of %s %q", r.Kind, r.ID)
		scopes = slices.DeleteFunc(scopes, func(s detect.Series) bool { return s.Kind != r.Kind || s.ID != r.ID })
		if len(scopes) == 0 {
			return fmt.Errorf("%w%s", ErrNothing, of)
		}
		shown = scopes[0].Cells
	}
	for i, c := range shown {
		if i < from {
			r.Was.Add(c)
		} else {
			r.Now.Add(c)
		}
	}
	if r.Now.N == 0 {
		return fmt.Errorf("%w%s", ErrNothing, of)
	}
	falls := detect.Scan(all, scopes, from, len(all), r.begins, detect.NewCalendar(r.Zone))
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

// Hours returns the hourly grades of the scope that fell, starting at begins, and the means of the other scopes.
func (r *Report) Hours() (begins time.Time, own []detect.Cell, others []float64) {
	return r.begins, r.series, r.expected
}

func (r *Report) at(n int) time.Time { return r.begins.Add(time.Duration(n) * explain.Slot) }

// chartOf keeps the hours of the scope that fell most.
func (r *Report) chartOf(all []detect.Cell, scopes []detect.Series) {
	for _, s := range scopes {
		if s.Kind == r.Fall.Kind && s.ID == r.Fall.ID {
			r.series = s.Cells
			for i := range all {
				r.expected = append(r.expected, all[i].Minus(s.Cells[i]).Mean())
			}
		}
	}
}

// sharpen finds the begin and end of the fall to five minutes.
func (r *Report) sharpen(ctx context.Context, q *explain.Reader) error {
	const fine = 5 * time.Minute
	from, to := r.Since.Add(-2*explain.Slot), r.Until.Add(2*explain.Slot)
	if to.Sub(from) > 48*time.Hour {
		return nil // an hour is exact enough
	}
	_, scopes, err := q.Cells(ctx, from, to, fine, []string{r.Fall.Kind})
	if err != nil {
		return err
	}
	for _, s := range scopes {
		if s.ID != r.Fall.ID {
			continue
		}
		a, b := detect.Edges(s.Cells, r.Fall.Expected)
		r.Since, r.Until = from.Add(time.Duration(a)*fine), from.Add(time.Duration(b)*fine)
	}
	return nil
}
