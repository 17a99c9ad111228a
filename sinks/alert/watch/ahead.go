package watch

import (
	"context"
	"slices"
	"time"
)

// Ahead reads grades, complaints, purchases and invitations of a source some days at a time, so that a long stretch of history, which no longer changes, takes
// few queries. It returns no more than was asked for, and asks once for what two rules need. It has no troubled customers: the views
// know only the present ones.
type Ahead struct {
	Source
	grades     aheadGrades
	scales     map[string]*aheadGrades
	complaints *stretch[ComplaintCell]
	purchases  *stretch[HourCell]
	asked      *stretch[HourCell]
	promises   map[[2]time.Time][]PromiseCell
	risks      map[time.Time][]RiskCell
}

// stretch holds the cells that begin in [from, to), in order.
type stretch[cell any] struct {
	from, to time.Time
	cells    []cell
	start    func(*cell) time.Time
	// keep is the length of time before to that may be asked for again.
	keep time.Duration
}

// ahead is how many days are read at a time: one day costs about as much.
const ahead = 4

// within returns the cells that begin in [from, to), and reads more days if it lacks them.
func (s *stretch[cell]) within(from, to time.Time, read func(from, to time.Time) ([]cell, error)) (list []cell, err error) {
	next := to.Truncate(24*time.Hour).AddDate(0, 0, ahead).Add(time.Hour)
	order := func(a, b cell) int { return s.start(&a).Compare(s.start(&b)) }
	switch {
	case s.from.IsZero() || from.Before(s.from):
		first := from
		if least := to.Truncate(24 * time.Hour).Add(-s.keep); least.Before(first) {
			first = least
		}
		if s.cells, err = read(first, next); err != nil {
			return nil, err
		}
		slices.SortFunc(s.cells, order)
		s.from, s.to = first, next
	case to.After(s.to):
		more, err := read(s.to, next)
		if err != nil {
			return nil, err
		}
		if least := s.to.Add(-s.keep); least.After(s.from) {
			s.cells, s.from = slices.Clone(s.cells[s.at(least):]), least
		}
		slices.SortFunc(more, order)
		s.cells, s.to = append(s.cells, more...), next
	}
	return s.cells[s.at(from):s.at(to)], nil
}

// at returns the index of the first cell that begins at t or later.
func (s *stretch[cell]) at(t time.Time) int {
	i, _ := slices.BinarySearchFunc(s.cells, t, func(c cell, t time.Time) int { return s.start(&c).Compare(t) })
	return i
}

// Grades implements [Source].
func (a *Ahead) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	a.grades.Answers = a.Source
	return a.grades.Grades(ctx, length, from, to, kinds)
}

// Scale implements [Source].
func (a *Ahead) Scale(name string) Answers {
	answers := a.Source.Scale(name)
	if answers == nil {
		return nil
	}
	if a.scales == nil {
		a.scales = map[string]*aheadGrades{}
	}
	if a.scales[name] == nil {
		a.scales[name] = &aheadGrades{Answers: answers}
	}
	return a.scales[name]
}

// aheadGrades reads the grades of answers ahead.
type aheadGrades struct {
	Answers
	by map[time.Duration]*stretch[GradeCell] // by the cells' length
}

// Grades implements [Answers].
func (a *aheadGrades) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	s := a.by[length]
	if s == nil {
		s = &stretch[GradeCell]{start: func(c *GradeCell) time.Time { return c.Start }, keep: coarseAgain + time.Hour}
		if length < time.Hour {
			s.keep = fineWhole + time.Hour
		}
		if a.by == nil {
			a.by = map[time.Duration]*stretch[GradeCell]{}
		}
		a.by[length] = s
	}
	// A cell that has not ended would show the future.
	return s.within(from, to.Truncate(length), func(from, to time.Time) ([]GradeCell, error) {
		return a.Answers.Grades(ctx, length, from, to, kinds)
	})
}

// Complaints implements [Source].
func (a *Ahead) Complaints(ctx context.Context, from, to time.Time, kinds []string) ([]ComplaintCell, error) {
	return hourly(&a.complaints, from, to, func(c *ComplaintCell) time.Time { return c.Start }, func(from, to time.Time) ([]ComplaintCell, error) {
		return a.Source.Complaints(ctx, from, to, kinds)
	})
}

// Purchases implements [Source].
func (a *Ahead) Purchases(ctx context.Context, from, to time.Time, kinds []string) ([]HourCell, error) {
	return hourly(&a.purchases, from, to, func(c *HourCell) time.Time { return c.Start }, func(from, to time.Time) ([]HourCell, error) {
		return a.Source.Purchases(ctx, from, to, kinds)
	})
}

// Asked implements [Source].
func (a *Ahead) Asked(ctx context.Context, from, to time.Time, kinds []string) ([]HourCell, error) {
	return hourly(&a.asked, from, to, func(c *HourCell) time.Time { return c.Start }, func(from, to time.Time) ([]HourCell, error) {
		return a.Source.Asked(ctx, from, to, kinds)
	})
}

// hourly returns cells of an hour, those of part of an hour from the source itself. It makes the stretch at the first time.
func hourly[cell any](s **stretch[cell], from, to time.Time, start func(*cell) time.Time, read func(from, to time.Time) ([]cell, error)) ([]cell, error) {
	if to.Truncate(time.Hour) != to {
		return read(from, to)
	}
	if *s == nil {
		*s = &stretch[cell]{start: start, keep: coarseAgain + time.Hour}
	}
	return (*s).within(from, to, read)
}

// Promises implements [Source].
func (a *Ahead) Promises(ctx context.Context, from, to time.Time, kinds []string) (list []PromiseCell, err error) {
	key := [2]time.Time{from, to}
	list, found := a.promises[key]
	if found {
		return slices.Clone(list), nil
	}
	if list, err = a.Source.Promises(ctx, from, to, kinds); err != nil {
		return nil, err
	}
	if a.promises == nil || len(a.promises) > remembered {
		a.promises = map[[2]time.Time][]PromiseCell{}
	}
	a.promises[key] = slices.Clone(list)
	return list, nil
}

// remembered is how many answers are kept for other rules.
const remembered = 10

// Risk implements [Source].
func (a *Ahead) Risk(ctx context.Context, at time.Time, kinds []string) (list []RiskCell, err error) {
	list, found := a.risks[at]
	if found {
		return slices.Clone(list), nil
	}
	if list, err = a.Source.Risk(ctx, at, kinds); err != nil {
		return nil, err
	}
	if a.risks == nil || len(a.risks) > remembered {
		a.risks = map[time.Time][]RiskCell{}
	}
	a.risks[at] = slices.Clone(list)
	return list, nil
}

// Troubled implements [Source].
func (*Ahead) Troubled(context.Context, []string, float64, int, []string) ([]Troubled, error) {
	return nil, nil
}
