package watch

import (
	"context"
	"fmt"
	"maps"
	"time"

	"csatflow/sinks/alert"
)

// What a scope's complaints are held against: its purchases where they are known, else its responses. Responses alone tell nothing of how many
// customers there were when fewer answer than usual.
const (
	byPurchases = "purchases"
	byResponses = "responses"
)

// Purchases count if the time that is compared with has leastPurchases, on leastDays of its days with responses at least, and if each window has half as
// many per response as that time at least: else they come late, or have begun to come.
const (
	leastPurchases = 50
	leastDays      = 0.75
	leastRatio     = 0.5
)

// hours counts the purchases, or invitations, of a scope by hour since 1970.
type hours map[int64]int

func (s hours) count(from, to time.Time) (n float64) {
	if len(s) == 0 {
		return 0
	}
	for h := from.Unix() / 3600; h < to.Unix()/3600; h++ {
		n += float64(s[h])
	}
	return n
}

// exposure counts what may lead to complaints in a scope, by whole hours.
type exposure struct {
	name  string // byPurchases or byResponses
	count func(from, to time.Time) float64
}

// before counts what was in the time that is compared with.
func (e *exposure) before(now time.Time) float64 { return e.count(before(now)) }

// in counts what a window's complaints are about. Complaints follow hours later, so a quiet night counts as part of its day.
func (e *exposure) in(now time.Time, window time.Duration) float64 {
	day := e.count(now.AddDate(0, 0, -1), now)
	return max(e.count(now.Add(-window), now), day*float64(window)/float64(24*time.Hour))
}

func (w *knowledge) putPurchases(ctx context.Context, from, to time.Time) error {
	cells, err := w.source.Purchases(ctx, from.Truncate(time.Hour), to, w.kinds)
	if err != nil {
		return fmt.Errorf("reading purchases: %w", err)
	}
	putHours(w.sold, cells, from, to)
	return nil
}

// putHours puts the hours from a time on in the place of those that were known, and forgets the oldest.
func putHours(into map[Scope]hours, cells []HourCell, from, to time.Time) {
	oldest := to.Add(-coarseWhole).Unix() / 3600
	for _, s := range into {
		maps.DeleteFunc(s, func(h int64, _ int) bool { return h < oldest || h >= from.Unix()/3600 })
	}
	for i := range cells {
		c := &cells[i]
		if into[c.Scope] == nil {
			into[c.Scope] = hours{}
		}
		into[c.Scope][c.Start.Unix()/3600] += c.N
	}
}

// exposures returns the scope's responses and purchases.
func (w *knowledge) exposures(s Scope) (responses, purchases *exposure) {
	t := w.tracks[s]
	return &exposure{byResponses, func(from, to time.Time) float64 { g := t.Hours(from, to); return g.N() }}, &exposure{byPurchases, w.sold[s].count}
}

// exposure returns what a scope's complaints are held against as of now.
func (w *knowledge) exposure(s Scope, now time.Time) *exposure {
	responses, purchases := w.exposures(s)
	sold, asked := purchases.before(now), responses.before(now)
	if sold < leastPurchases {
		return responses
	}
	for _, window := range surgeWindows {
		from := now.Add(-window)
		if purchases.count(from, now)*asked < leastRatio*sold*responses.count(from, now) {
			return responses
		}
	}
	from, to := before(now)
	days, both := 0., 0.
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		next := day.AddDate(0, 0, 1)
		if responses.count(day, next) > 0 {
			days++
			if purchases.count(day, next) > 0 {
				both++
			}
		}
	}
	if both < leastDays*days {
		return responses
	}
	return purchases
}

// weeksTold is how many of the same days of the week before are usual, where exposures are told.
const weeksTold = 4

// exposureTold tells of the last day before now, beside the same days of the weeks before: what complaints are held against, and the other if it is known.
func (w *knowledge) exposureTold(s Scope, by string, now time.Time) (list []alert.Evidence) {
	responses, purchases := w.exposures(s)
	tell := func(dimension string, e *exposure) {
		usual := 0.
		for week := 1; week <= weeksTold; week++ {
			at := now.AddDate(0, 0, -7*week)
			usual += e.count(at.AddDate(0, 0, -1), at) / weeksTold
		}
		n := e.count(now.AddDate(0, 0, -1), now)
		list = append(list, alert.Evidence{Dimension: dimension, ID: e.name, Value: n, Before: usual, Cases: int(n)})
	}
	if by == byPurchases {
		tell(alert.Exposure, purchases)
		tell(alert.Beside, responses)
		return list
	}
	tell(alert.Exposure, responses)
	if purchases.before(now) > 0 {
		tell(alert.Beside, purchases)
	}
	return list
}
