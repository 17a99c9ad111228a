package backtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"csatflow/sinks/alert"
)

// Run goes over the time from from to to, step by step, as if each were now, and gives the alerts in the order in which they were raised, as
// they ended or stood at the end. explain gives them their evidence, and progress hears of each step; both may be nil.
func Run(ctx context.Context, rules *alert.Rules, source alert.Source, explain alert.Explain, from, to time.Time, progress func(at time.Time)) ([]alert.Alert, error) {
	w := alert.NewWatch(rules, source, nil)
	w.Explain = explain
	var over []alert.Alert
	for now := from.Truncate(time.Hour); !now.After(to); now = now.Add(alert.Step) {
		changed, err := w.At(ctx, now)
		if err != nil {
			return nil, fmt.Errorf("as of %s: %w", now.Format(time.RFC3339), err)
		}
		for _, a := range changed {
			if !a.Resolved.IsZero() {
				over = append(over, a)
			}
		}
		if progress != nil {
			progress(now)
		}
	}
	over = append(over, w.Firing()...)
	slices.SortStableFunc(over, func(a, b alert.Alert) int { return a.Fired.Compare(b.Fired) })
	return over, nil
}

// Ahead reads the grades of a source a day at a time and hands out no more than was asked for, so that a long stretch of history, which does
// not change any more, is few queries. What is of customers it leaves out: the views know only how they are now.
type Ahead struct {
	alert.Source
	known map[time.Duration]*stretch // by length of the cells
}

// stretch are cells that begin in [from, to), in order.
type stretch struct {
	from, to time.Time
	cells    []alert.GradeCell
}

// Grades implements [alert.Source].
func (a *Ahead) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]alert.GradeCell, error) {
	to = to.Truncate(length) // a cell that is not over would show what is to come
	k := a.known[length]
	if k == nil || from.Before(k.from) || to.After(k.to) {
		k = &stretch{from: from, to: to.Truncate(24*time.Hour).AddDate(0, 0, 1).Add(time.Hour)}
		var err error
		if k.cells, err = a.Source.Grades(ctx, length, k.from, k.to, kinds); err != nil {
			return nil, err
		}
		slices.SortFunc(k.cells, func(a, b alert.GradeCell) int { return a.Start.Compare(b.Start) })
		if a.known == nil {
			a.known = map[time.Duration]*stretch{}
		}
		a.known[length] = k
	}
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(k.cells, t, func(c alert.GradeCell, t time.Time) int { return c.Start.Compare(t) })
		return i
	}
	return k.cells[at(from):at(to)], nil
}

// Troubled implements [alert.Source].
func (*Ahead) Troubled(context.Context, []string, float64, int, []string) ([]alert.Troubled, error) {
	return nil, nil
}
