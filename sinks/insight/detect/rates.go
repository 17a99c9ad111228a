package detect

import "time"

// Rates are the usual numbers of a scope's responses in each hour of the week.
type Rates struct {
	hours      [hoursOfWeek]float64
	dispersion float64 // overdispersion of hourly counts
}

// weeksOfDay is the weight, in weeks, of the same hour on other days of the week.
const weeksOfDay = 2

// Rates learns them from the four weeks before a time. An hour of the day without data has rate 0.
func (t *Track) Rates(before time.Time) *Rates {
	to := slot(before, Coarse)
	from := max(to-int64(Baseline/Coarse), t.first())
	var count, seen [hoursOfWeek]float64
	var dayCount, daySeen [24]float64
	for h := from; h < to; h++ {
		if t.odd[h] {
			continue
		}
		n := 0.0
		if g := t.coarse.get(h); g != nil {
			n = g.N()
		}
		count[h%hoursOfWeek] += n
		seen[h%hoursOfWeek]++
		dayCount[h%24] += n
		daySeen[h%24]++
	}
	r := &Rates{}
	for h := range r.hours {
		if daySeen[h%24] > 0 {
			r.hours[h] = (count[h] + weeksOfDay*dayCount[h%24]/daySeen[h%24]) / (seen[h] + weeksOfDay)
		}
	}
	var counts, means []float64
	for h := from; h < to; h++ {
		if g := t.coarse.get(h); g != nil && !t.odd[h] {
			counts, means = append(counts, g.N()), append(means, r.hours[h%hoursOfWeek])
		}
	}
	r.dispersion = Dispersion(counts, means)
	return r
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

// Expected is the usual number of responses between two instants.
func (r *Rates) Expected(from, to time.Time) (n float64) {
	for at := from; at.Before(to); {
		next := at.Truncate(Coarse).Add(Coarse)
		if next.After(to) {
			next = to
		}
		n += r.hours[slot(at, Coarse)%hoursOfWeek] * next.Sub(at).Hours()
		at = next
	}
	return n
}

// Silent is the probability of no response between two instants.
func (r *Rates) Silent(from, to time.Time) float64 {
	return Silence(r.Expected(from, to), r.dispersion+silentDispersion)
}

// silentDispersion is the overdispersion of whole days, which hourly counts do not show: a holiday, a strike.
const silentDispersion = 0.05
