package watch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/insight/detect"
)

// knowledge is what the rules know as of one instant.
type knowledge struct {
	source Source
	kinds  []string
	now    time.Time // up to which cells were read; zero before the first
	tracks map[Scope]*detect.Track
	byKind map[string][]*detect.Track
	usual  map[Scope]*detect.Usual
	learnt time.Time
	opened map[Scope]*openings
	// complaints is whether complaints are read.
	complaints bool
	known      map[Scope]*detect.Rates
	ratesOf    time.Time
}

func newKnowledge(source Source, rules *ruleset.Rules) *knowledge {
	return &knowledge{source: source, kinds: rules.Kinds(), complaints: rules.On(ruleset.ComplaintSurge), tracks: map[Scope]*detect.Track{}, byKind: map[string][]*detect.Track{}, opened: map[Scope]*openings{}}
}

// How far back cells are read again: late events change them.
const (
	fineAgain   = 3 * time.Hour
	fineWhole   = 50 * time.Hour
	coarseAgain = 5 * 24 * time.Hour
	coarseWhole = detect.Baseline + 15*24*time.Hour
)

// to brings the knowledge up to an instant: it reads the cells that may have changed, and learns once an hour what is usual.
func (w *knowledge) to(ctx context.Context, now time.Time) error {
	hourly := now.Truncate(time.Hour).After(w.now.Truncate(time.Hour))
	fine, coarse := now.Add(-fineAgain), now.Add(-coarseAgain)
	if w.now.Before(fine) {
		fine = w.now
	}
	if hourly {
		fine = now.Add(-fineWhole)
	}
	if w.now.Before(coarse) {
		coarse = now.Add(-coarseWhole)
	}
	if err := w.put(ctx, detect.Fine, fine, now); err != nil {
		return err
	}
	if hourly {
		if err := w.put(ctx, detect.Coarse, coarse, now); err != nil {
			return err
		}
		if w.complaints {
			if err := w.putComplaints(ctx, coarse, now); err != nil {
				return err
			}
		}
		w.learn(now)
	}
	w.now = now
	return nil
}

func (w *knowledge) put(ctx context.Context, length time.Duration, from, to time.Time) error {
	cells, err := w.source.Grades(ctx, length, from.Truncate(length), to, w.kinds)
	if err != nil {
		return fmt.Errorf("reading grades: %w", err)
	}
	for i := range cells {
		c := &cells[i]
		t := w.tracks[c.Scope]
		if t == nil {
			t = detect.NewTrack(c.Kind, c.ID)
			w.tracks[c.Scope] = t
			w.byKind[c.Kind] = append(w.byKind[c.Kind], t)
		}
		t.Put(length, c.Start, &c.Grades)
	}
	return nil
}

// learn learns what is usual, without the current hour and the one before it.
func (w *knowledge) learn(now time.Time) {
	w.learnt = now
	w.usual = map[Scope]*detect.Usual{}
	for _, tracks := range w.byKind {
		for _, u := range detect.Learn(tracks, now.Truncate(time.Hour).Add(-time.Hour)) {
			w.usual[Scope{u.Track.Kind, u.Track.ID}] = u
		}
	}
}

// scopes returns the scopes of these kinds, in order.
func (w *knowledge) scopes(kinds []string) []Scope {
	list := slices.SortedFunc(maps.Keys(w.tracks), compareScopes)
	return slices.DeleteFunc(list, func(s Scope) bool { return !slices.Contains(kinds, s.Kind) })
}

// openings counts the complaints opened in a scope, by category and hour.
type openings struct{ by map[string]map[int64]int }

func (w *knowledge) putComplaints(ctx context.Context, from, to time.Time) error {
	cells, err := w.source.Complaints(ctx, from.Truncate(time.Hour), to, w.kinds)
	if err != nil {
		return fmt.Errorf("reading complaints: %w", err)
	}
	oldest := to.Add(-coarseWhole).Unix() / 3600
	for _, o := range w.opened {
		for _, hours := range o.by {
			maps.DeleteFunc(hours, func(h int64, _ int) bool { return h < oldest || h >= from.Unix()/3600 })
		}
	}
	for i := range cells {
		c := &cells[i]
		o := w.opened[c.Scope]
		if o == nil {
			o = &openings{by: map[string]map[int64]int{}}
			w.opened[c.Scope] = o
		}
		if o.by[c.Category] == nil {
			o.by[c.Category] = map[int64]int{}
		}
		o.by[c.Category][c.Start.Unix()/3600] += c.Opened
	}
	return nil
}

// count returns how many complaints of a category were opened in [from, to), whole hours.
func (o *openings) count(category string, from, to time.Time) (n float64) {
	if o == nil {
		return 0
	}
	a, b := from.Unix()/3600, to.Unix()/3600
	for h, c := range o.by[category] {
		if h >= a && h < b {
			n += float64(c)
		}
	}
	return n
}
