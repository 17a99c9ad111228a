package detect

import "time"

// Rates are how many responses of a scope are usual in each hour of the week.
type Rates struct {
	hours      [hoursOfWeek]float64
	dispersion float64 // of counts of an hour, beyond chance
}

// weeksOfDay is how much the same hour of other days of the week counts, in weeks.
const weeksOfDay = 2

// Rates learns them from the four weeks before a time. An hour of the day that has not been seen yet has none.
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

// first is the first hour that has something in it.
func (t *Track) first() int64 {
	for h := t.coarse.last - coarseKept + 1; h <= t.coarse.last; h++ {
		if g := t.coarse.get(h); g != nil && g.N() > 0 {
			return max(h, t.from)
		}
	}
	return t.coarse.last + 1
}

// Expected is how many responses are usual between two instants.
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

// Silent is the chance that nothing comes between two instants.
func (r *Rates) Silent(from, to time.Time) float64 {
	return Silence(r.Expected(from, to), r.dispersion+silentDispersion)
}

// silentDispersion is by how much whole days scatter, of which hours say nothing: a holiday, a strike.
const silentDispersion = 0.05
