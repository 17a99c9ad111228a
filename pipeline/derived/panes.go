package derived

import (
	"time"

	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
)

// Panes calls each for the panes to write. A pane is valid until each returns.
type Panes func(each func(*pane.Pane))

// Satisfaction returns the rows of panes of responses, about so many.
func Satisfaction(partition int, registry *pane.Registry, about int, flush Panes) rows.Rows {
	w := rows.NewSatisfactionPanes(about)
	var values arena // of all panes: a few large allocations instead of many
	flush(func(p *pane.Pane) {
		s := registry.Series(p.Key.Series())
		w.Row()
		w.Resolution = append(w.Resolution, p.Key.Resolution().Seconds())
		w.PaneStart = append(w.PaneStart, time.Unix(p.Key.Start().Unix(), 0).UTC())
		w.ScopeKind = append(w.ScopeKind, s.ScopeKind)
		w.ScopeID = append(w.ScopeID, s.ScopeID)
		w.Partition = append(w.Partition, uint32(partition))
		w.Mark = append(w.Mark, p.Mark)
		w.Version = append(w.Version, rows.MarkVersion(p.Mark))
		w.Survey = append(w.Survey, s.Survey)
		w.Brand = append(w.Brand, s.Brand)
		w.Groups = append(w.Groups, p.Groups)
		w.Counters = append(w.Counters, values.copyOf(p.Counters))
	})
	return w.Take()
}

// Recovery returns the rows of panes of complaints, about so many.
func Recovery(partition int, registry *pane.Registry, about int, flush Panes) rows.Rows {
	w := rows.NewRecoveryPanes(about)
	var values arena
	flush(func(p *pane.Pane) {
		s := registry.Series(p.Key.Series())
		buckets, counts := p.Hist.Columns()
		w.Row()
		w.Resolution = append(w.Resolution, p.Key.Resolution().Seconds())
		w.PaneStart = append(w.PaneStart, time.Unix(p.Key.Start().Unix(), 0).UTC())
		w.ScopeKind = append(w.ScopeKind, s.ScopeKind)
		w.ScopeID = append(w.ScopeID, s.ScopeID)
		w.Partition = append(w.Partition, uint32(partition))
		w.Mark = append(w.Mark, p.Mark)
		w.Version = append(w.Version, rows.MarkVersion(p.Mark))
		w.Buckets = append(w.Buckets, buckets)
		w.BucketCounts = append(w.BucketCounts, counts)
		w.Groups = append(w.Groups, p.Groups)
		w.Counters = append(w.Counters, values.copyOf(p.Counters))
	})
	return w.Take()
}

// arena copies many short slices into a few large ones, which never move.
type arena []int64

const arenaPiece = 1 << 14

func (a *arena) copyOf(v []int64) []int64 {
	if cap(*a)-len(*a) < len(v) {
		*a = make(arena, 0, max(arenaPiece, len(v)))
	}
	from := len(*a)
	*a = append(*a, v...)
	return (*a)[from:len(*a):len(*a)]
}
