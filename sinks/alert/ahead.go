package alert

import (
	"context"
	"slices"
	"time"
)

// Ahead reads the grades of a source a day at a time and hands out no more than was asked for, so that a long stretch of history, which does
// not change any more, is few queries. What is of customers it leaves out: the views know only how they are now.
type Ahead struct {
	Source
	known map[time.Duration]*stretch // by length of the cells
}

// stretch are cells that begin in [from, to), in order.
type stretch struct {
	from, to time.Time
	cells    []GradeCell
}

// Grades implements [Source].
func (a *Ahead) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	to = to.Truncate(length) // a cell that is not over would show what is to come
	k := a.known[length]
	if k == nil || from.Before(k.from) || to.After(k.to) {
		k = &stretch{from: from, to: to.Truncate(24*time.Hour).AddDate(0, 0, 1).Add(time.Hour)}
		var err error
		if k.cells, err = a.Source.Grades(ctx, length, k.from, k.to, kinds); err != nil {
			return nil, err
		}
		slices.SortFunc(k.cells, func(a, b GradeCell) int { return a.Start.Compare(b.Start) })
		if a.known == nil {
			a.known = map[time.Duration]*stretch{}
		}
		a.known[length] = k
	}
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(k.cells, t, func(c GradeCell, t time.Time) int { return c.Start.Compare(t) })
		return i
	}
	return k.cells[at(from):at(to)], nil
}

// Troubled implements [Source].
func (*Ahead) Troubled(context.Context, []string, float64, int, []string) ([]Troubled, error) {
	return nil, nil
}
