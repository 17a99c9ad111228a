package watch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/insight/detect"
)

// knowledge is what the rules know as of one instant.
type knowledge struct {
	source  Source
	answers Answers // in the scale that is known: of source, or of one of its scales
	kinds   []string
	now     time.Time // up to which cells were read; zero before the first
	tracks  map[Scope]*detect.Track
	byKind  map[string][]*detect.Track
	usual   map[Scope]*detect.Usual
	// calendar is nil before the first cells; learners are those of what is usual now, and slow those of the reference time of slow falls.
	calendar       *detect.Calendar
	learners, slow map[string]*detect.Learner
	days           []ruleset.Day
	special        special // days, in the time zone of the calendar
	// chain is whether the scope of all is watched: what the whole chain does is told of it, and not of each scope.
	chain  bool
	falls  []string // kinds in which falls are looked for
	learnt time.Time
	opened map[Scope]*openings
	sold   map[Scope]hours
	asked  map[Scope]hours
	// askedUntil is the end of the last hour in which anybody was asked.
	askedUntil time.Time
	// complaints and asking are whether complaints, and invitations, are read; with either also the purchases that they are held against.
	complaints, asking bool
	known              map[Scope]*detect.Rates
	ratesOf            time.Time
}

func newKnowledge(source Source, rules *ruleset.Rules) *knowledge {
	return &knowledge{source: source, answers: source, kinds: rules.Kinds(), learners: map[string]*detect.Learner{}, slow: map[string]*detect.Learner{},
		days: rules.Days(), chain: slices.Contains(rules.Scopes, dimension.All), falls: rules.Scopes, complaints: rules.On(ruleset.ComplaintSurge), asking: rules.On(ruleset.AskingStopped), tracks: map[Scope]*detect.Track{}, byKind: map[string][]*detect.Track{}, opened: map[Scope]*openings{}, sold: map[Scope]hours{}, asked: map[Scope]hours{}}
}

// newScaled returns the knowledge of another scale: of its answers alone. nil if the source has none.
func newScaled(source Source, rules *ruleset.Rules, scale string) *knowledge {
	answers := source.Scale(scale)
	if answers == nil {
		return nil
	}
	k := newKnowledge(source, rules)
	k.answers, k.kinds, k.complaints, k.asking = answers, rules.Scopes, false, false
	return k
}

// How far back cells are read again: late events change them.
const (
	fineAgain   = 3 * time.Hour
	fineWhole   = 50 * time.Hour
	coarseAgain = 5 * 24 * time.Hour
	coarseWhole = detect.Baseline + 15*24*time.Hour
)

// to brings the knowledge up to an instant: it reads the cells that may have changed, and learns once an hour what is usual.
func (w *knowledge) to(ctx context.Context, now time.Time, zone *time.Location) error {
	if w.calendar == nil {
		calendar := detect.NewCalendar(zone)
		special, err := newSpecial(w.days, calendar.Zone())
		if err != nil {
			return err
		}
		w.calendar, w.special = calendar, special
	}
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
		if w.asking {
			if err := w.putAsked(ctx, coarse, now); err != nil {
				return err
			}
		}
		if w.complaints || w.asking {
			if err := w.putPurchases(ctx, coarse, now); err != nil {
				return err
			}
		}
		w.learn(now)
	}
	w.now = now
	return nil
}

func (w *knowledge) put(ctx context.Context, length time.Duration, from, to time.Time) error {
	cells, err := w.answers.Grades(ctx, length, from.Truncate(length), to, w.kinds)
	if err != nil {
		return fmt.Errorf("reading grades: %w", err)
	}
	for i := range cells {
		c := &cells[i]
		t := w.tracks[c.Scope]
		if t == nil {
			t = detect.NewTrack(c.Kind, c.ID)
			w.tracks[c.Scope] = t
			of := w.byKind[c.Kind] // in order: sums are the same whoever makes them
			at, _ := slices.BinarySearchFunc(of, c.ID, func(t *detect.Track, id string) int { return strings.Compare(t.ID, id) })
			w.byKind[c.Kind] = slices.Insert(of, at, t)
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
		for _, t := range tracks {
			w.special.mark(t, now)
		}
	}
	w.eachUsual(w.learners, now.Truncate(time.Hour).Add(-time.Hour), func(u *detect.Usual) { w.usual[Scope{u.Track.Kind, u.Track.ID}] = u })
}

// eachUsual learns the usual of all scopes as of a time, and calls f for each: first that of the scope of all.
func (w *knowledge) eachUsual(learners map[string]*detect.Learner, before time.Time, f func(u *detect.Usual)) {
	of := func(kind string, all *detect.Usual) []*detect.Usual {
		if learners[kind] == nil {
			learners[kind] = &detect.Learner{Calendar: w.calendar}
		}
		return learners[kind].Learn(w.byKind[kind], all, before)
	}
	var all *detect.Usual
	for _, u := range of(dimension.All, nil) {
		f(u)
		if w.chain {
			all = u
		}
	}
	for kind := range w.byKind {
		// Kinds that are only listened to have no usual level: learning it takes longest.
		if kind == dimension.All || !slices.Contains(w.falls, kind) {
			continue
		}
		for _, u := range of(kind, all) {
			f(u)
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
