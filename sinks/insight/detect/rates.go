package detect

import "time"

// Rates are the usual numbers of a scope's responses in each local hour of the week.
type Rates struct {
	calendar   *Calendar
	hours      [hoursOfWeek]float64
	edge       [hoursOfWeek]bool
	dispersion float64 // overdispersion of hourly counts
}

const (
	// weeksOfDay is the weight, in weeks, of the same hour on other days of the week.
	weeksOfDay = 2
	// closedAfter is how many responses must be missing in an hour of the week, by the same hour on other days, to take it for closed.
	closedAfter = 8
	// workdays are Monday to Friday: a day of these that was never seen is like the others.
	workdays = 5
)

// Rates learns them from the four weeks before a time. An hour of the week in which a scope was always silent is closed, though
// others of the same hour are not: a Sunday. So is a Saturday or Sunday that was not seen yet.
func (t *Track) Rates(calendar *Calendar, before time.Time) *Rates {
	to := slot(before, Coarse)
	from := max(to-int64(Baseline/Coarse), t.first())
	var count, seen [hoursOfWeek]float64
	var dayCount, daySeen [24]float64 // of hours that are open
	t.hourly(from, to, func(h int64, n float64) {
		week := calendar.at(h).week
		count[week] += n
		seen[week]++
	})
	for h := range count {
		if count[h] > 0 {
			dayCount[h%24] += count[h]
			daySeen[h%24] += seen[h]
		}
	}
	r := &Rates{calendar: calendar}
	for h := range r.hours {
		if daySeen[h%24] == 0 {
			continue
		}
		mean := dayCount[h%24] / daySeen[h%24]
		switch {
		case seen[h] == 0 && h >= workdays*24:
		case count[h] == 0 && seen[h]*mean > closedAfter:
		default:
			r.hours[h] = (count[h] + weeksOfDay*mean) / (seen[h] + weeksOfDay)
		}
	}
	var counts, means []float64
	t.hourly(from, to, func(h int64, n float64) {
		if usual := r.hours[calendar.at(h).week]; usual > 0 {
			counts, means = append(counts, n), append(means, usual)
		}
	})
	r.dispersion = Dispersion(counts, means)
	for h := range r.hours {
		next, last := r.hours[(h+1)%hoursOfWeek], r.hours[(h+hoursOfWeek-1)%hoursOfWeek]
		r.edge[h] = min(next, last) < edge*r.hours[h]
	}
	return r
}

// edge is below which share of an hour's rate a neighbour makes it one in which a scope opens or closes: at which minute is not known.
const edge = 0.2

// hourly calls f for each hour that counts, with its responses.
func (t *Track) hourly(from, to int64, f func(h int64, n float64)) {
	for h := from; h < to; h++ {
		if t.odd[h] {
			continue
		}
		n := 0.0
		if g := t.coarse.get(h); g != nil {
			n = g.N()
		}
		f(h, n)
	}
}

// first is the first hour with a response.
func (t *Track) first() int64 {
	for h := t.coarse.last - coarseKept + 1; h <= t.coarse.last; h++ {
		if g := t.coarse.get(h); g != nil && g.N() > 0 {
			return max(h, t.from)
		}
	}
	return t.coarse.last + 1
}

// Expected is the usual number of responses between two instants. Of an hour in which the scope opens or closes a part counts nothing.
func (r *Rates) Expected(from, to time.Time) (n float64) {
	for at := from; at.Before(to); {
		next := at.Truncate(Coarse).Add(Coarse)
		if next.After(to) {
			next = to
		}
		if week := r.calendar.at(slot(at, Coarse)).week; !r.edge[week] || next.Sub(at) == Coarse {
			n += r.hours[week] * next.Sub(at).Hours()
		}
		at = next
	}
	return n
}

// Silent is the probability of no response between two instants. Counts of a silence are not independent of each other: the
// overdispersion of hours counts once for its whole length.
func (r *Rates) Silent(from, to time.Time) float64 {
	return Silence(r.Expected(from, to), r.dispersion+silentDispersion)
}

// silentDispersion is the overdispersion of whole days, which hourly counts do not show: a slow day.
const silentDispersion = 0.05
