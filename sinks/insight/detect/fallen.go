package detect

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Falls of the past that nobody was told of would lower what is usual, and widen how it varies. They are looked for with the knowledge of what came
// after them, and left out: stretches of up to longestFallen hours of data that lie fallenZ standard errors below what was expected, and after which the
// scope rose by more than half of it. What stays low is the usual.
const (
	fallenZ       = 4
	longestFallen = 30 // hours with responses: two days and more of opening hours
	recoveredIn   = 12 // hours with responses after it
	fallenPasses  = 3
	// mostFallen is the share of a week's hours above which low is what it is.
	mostFallen = 0.4
	// fallenRounds is how often falls are looked for: with those of the round before left out of what is usual.
	fallenRounds = 3
)

// fallen are the hours in which scopes had fallen.
func (k *kind) fallen() map[*Track]map[int64]bool {
	middle, variance := middleAndAbove(k.residuals(), k.level.design*k.spread)
	scale := 1.
	if total := k.level.total(); total > variance {
		scale = variance / total
	}
	k.Learner.fallen = nil // all of the past again
	hours := map[*Track]map[int64]bool{}
	for _, u := range k.usuals {
		hours[u.Track] = k.fallenHours(u, middle, scale)
	}
	return hours
}

// middleAndAbove are the median of residuals and the variance of levels by how far the hours above it scatter, 16 % of a normal distribution by more than
// a standard deviation: falls, which lie below, hardly move them.
func middleAndAbove(list [][]residual, spread float64) (middle, variance float64) {
	const above = 0.8413447
	var all []residual
	for _, of := range list {
		all = append(all, of...)
	}
	if len(all) == 0 {
		return 0, 0
	}
	ratios := make([]float64, len(all))
	quantile := func(q float64) float64 { return ratios[int(q*float64(len(ratios)-1))] }
	low, high := 0.0, 1.0
	for range 15 {
		v := (low + high) / 2
		for i := range all {
			ratios[i] = all[i].mean / math.Sqrt(all[i].kept*(spread/all[i].n+v))
		}
		slices.Sort(ratios)
		if quantile(above)-quantile(.5) > 1 {
			low = v
		} else {
			high = v
		}
	}
	slices.SortFunc(all, func(a, b residual) int { return cmp.Compare(a.mean, b.mean) })
	return max(all[len(all)/2].mean, 0), high
}

// pastHour is an hour of a scope's past.
type pastHour struct {
	slot   int64
	at     localHour
	n, sum float64
	moved  float64 // by the chain
	rest   float64 // how far the mean lies from the usual
}

// pastFallen is a stretch of hours, indices of the scope's past, the last included.
type pastFallen struct {
	from, to int
	z        float64
}

// fallenHours returns the hours of a scope's past in which it had fallen.
func (k *kind) fallenHours(u *Usual, middle, scale float64) map[int64]bool {
	var list []pastHour
	k.each(u.Track, func(h int64, g *Grades) {
		p := pastHour{slot: h, at: k.Calendar.at(h), n: g.N(), sum: g.Sum(), moved: u.chain.moved(u, h, h, 0)}
		p.rest = p.sum/p.n - u.hours[p.at.week] - p.moved - middle
		list = append(list, p)
	})
	marked, all := map[int64]bool{}, map[int64]float64{}
	for i := range list {
		all[(k.to-list[i].slot)/hoursOfWeek]++
	}
	for range fallenPasses {
		found := u.fallenIn(list, middle, scale)
		if len(found) == 0 {
			break
		}
		low := make([]bool, len(list))
		for _, f := range found {
			for i := f.from; i <= f.to; i++ {
				low[i] = true
				marked[list[i].slot] = true
			}
		}
		kept := list[:0:0]
		for i := range list {
			if !low[i] {
				kept = append(kept, list[i])
			}
		}
		list = kept
	}
	low := map[int64]float64{}
	for h := range marked {
		low[(k.to-h)/hoursOfWeek]++
	}
	maps.DeleteFunc(marked, func(h int64, _ bool) bool {
		week := (k.to - h) / hoursOfWeek
		return low[week] > mostFallen*all[week]
	})
	return marked
}

// fallenIn finds stretches that do not overlap, the least likely first.
func (u *Usual) fallenIn(list []pastHour, middle, scale float64) (found []pastFallen) {
	var candidates []pastFallen
	f := newFilter(u.level, u.spread*u.level.design/max(u.N, 1)+u.level.ofMean(), scale)
	type open struct {
		from  int
		n     float64
		shift shift
	}
	var tried []open
	for i := range list {
		p := &list[i]
		passed := f.to(p.slot, p.at)
		innovation, variance, _ := u.observe(&f, p.at, 1, p.n, p.sum, p.moved)
		innovation = min(innovation-middle, slowMost*math.Sqrt(variance))
		for j := range tried {
			tried[j].shift.pass(&f, &passed)
		}
		f.take(innovation, variance)
		tried = append(tried, open{from: i})
		if len(tried) > longestFallen {
			tried = tried[1:]
		}
		best := pastFallen{to: i, z: fallenZ}
		for j := range tried {
			o := &tried[j]
			o.shift.take(&f, innovation, variance)
			o.n += p.n
			if size, err, ok := o.shift.size(); ok && o.n >= LeastCases && -size > best.z*err && recovered(list, o.from, i, -size) {
				best.from, best.z = o.from, -size/err
			}
		}
		if best.z > fallenZ {
			candidates = append(candidates, best)
		}
	}
	slices.SortStableFunc(candidates, func(a, b pastFallen) int { return cmp.Compare(b.z, a.z) })
	for _, c := range candidates {
		if !slices.ContainsFunc(found, func(o pastFallen) bool { return c.from <= o.to && o.from <= c.to }) {
			found = append(found, c)
		}
	}
	return found
}

// recovered reports whether the hours after a stretch lie above it by more than half of a fall, and nearer to the usual.
func recovered(list []pastHour, from, last int, drop float64) bool {
	mean := func(part []pastHour) float64 {
		n, sum := 0., 0.
		for i := range part {
			n, sum = n+part[i].n, sum+part[i].n*part[i].rest
		}
		return sum / n // NaN of none: of what lasts up to now it is not known
	}
	after := mean(list[last+1 : min(last+1+recoveredIn, len(list))])
	return after > -drop/2 && after-mean(list[from:last+1]) > drop/2
}
