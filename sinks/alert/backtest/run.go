package backtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

// Run evaluates the time from from to to, step by step, as if each step were now. It returns the alerts in the order in which they were
// raised, as they ended or stood at the end. explain adds evidence, progress is called after each step; both may be nil.
func Run(ctx context.Context, rules *ruleset.Rules, dimensions *dimension.Set, zone *time.Location, source watch.Source, explain watch.Explain, from, to time.Time, progress func(at time.Time)) ([]alert.Alert, error) {
	w := watch.NewWatch(rules, source, nil)
	w.Explain, w.Dimensions, w.Zone = explain, dimensions, zone
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
