package simulate

import "math"

// gradeSlope is by how much the mean grade moves with the latent grade, in thousandths, at the usual mean: some grades are 7 already.
// TestAMoodMovesTheMeanGradeByAsMuchAsItSays measures it.
const gradeSlope = 905

// mood has the moods of the stores by hour, in grades in parts of one.
type mood struct {
	day, hour, shift [][]int16 // by store; day by local day
	chain            []int16   // by hour: weekdays, pay-days, promotions and drift, the same for all stores
	drift            []int16   // by local day, part of chain
	crew             [][]uint8 // by store and hour: the crew on duty; nil without shifts
}

func newMood(f *Feed, r *Real, a *almanac, promotions []spell) mood {
	hours := a.slots / 4
	m := mood{drift: walk(f.own(ownDrift, 0), a.days, r.DriftSD), chain: make([]int16, hours)}
	for h := range m.chain {
		day := a.day(4 * h)
		shift := fixed(r.WeekGrades[a.weekday(day)]) + int64(m.drift[day])
		if a.payDay[day] {
			shift += fixed(r.PayDayGrades)
		}
		if during(promotions, a.slotStart(4*h)) != nil {
			shift += fixed(r.PromotionGrades)
		}
		m.chain[h] = small(shift)
	}
	for i := range f.stores {
		m.day = append(m.day, autocorrelated(f.own(ownDayMood, i), a.days, r.DayMoodSD, r.DayMoodRho))
		m.hour = append(m.hour, autocorrelated(f.own(ownHourMood, i), hours, r.HourMoodSD, r.HourMoodRho))
		shift, crew := shifts(f.own(ownShiftMood, i), r, a, crewsOf(f.stores[i].n))
		m.shift = append(m.shift, shift)
		if r.ShiftMoodSD > 0 {
			m.crew = append(m.crew, crew)
		}
	}
	return m
}

func small(v int64) int16 { return int16(max(-32000, min(32000, v))) }

// grades is the whole mood of a store in an hour, in parts of one.
func (l *life) grades(store, hour int) int64 {
	return int64(l.mood.chain[hour]) + int64(l.mood.day[store][l.day(4*hour)]) + int64(l.mood.hour[store][hour]) + int64(l.mood.shift[store][hour])
}

// latent is the effect of the mood on performance, of which the grade follows nine tenths.
func (l *life) latent(store int32, now int64) int {
	if l == nil {
		return 0
	}
	return int(l.grades(int(store), l.slot(now)/4) * step * 10 * 1000 / (9 * gradeSlope) / one)
}

// autocorrelated draws an AR(1) series with a standard deviation and a correlation of neighbours, from its stationary distribution on.
func autocorrelated(rnd source, n int, sd, rho float64) []int16 {
	series := make([]int16, n)
	if sd == 0 {
		return series
	}
	// Sixteen more binary digits, so that rounding does not eat what remains. A square root is exact everywhere; the conversion keeps the product
	// from being fused with the subtraction.
	scale, keep, fresh := fixed(sd)<<16, fixed(rho), fixed(math.Sqrt(1-float64(rho*rho)))
	draw := func() int64 { return scale / 256 * int64(rnd.normal(256)) }
	x := draw()
	for i := range series {
		series[i] = small(x >> 16)
		x = (keep*x + fresh*draw()) / one
	}
	return series
}

// walk draws a random walk by day with a standard deviation after a week.
func walk(rnd source, days int, sd float64) []int16 {
	series := make([]int16, days)
	if sd == 0 {
		return series
	}
	stride := fixed(sd/math.Sqrt(7)) << 16
	x := int64(0)
	for i := range series {
		series[i] = small(x >> 16)
		x += stride / 256 * int64(rnd.normal(256))
	}
	return series
}

const mostCrews = 4

// crewsOf is how many crews take turns in a store with so many employees on the floor.
func crewsOf(employees int) int { return max(1, min(mostCrews, employees/2)) }

// shifts draws the moods of the shifts by hour, and the crews on duty. Half of the variance is the crew's own, for as long as the feed lasts; with
// one crew all of it is the shift's.
func shifts(rnd source, r *Real, a *almanac, crews int) (moods []int16, crew []uint8) {
	hours := a.slots / 4
	moods, crew = make([]int16, hours), make([]uint8, hours)
	if r.ShiftMoodSD == 0 {
		return moods, crew
	}
	own, sd := make([]int64, crews), fixed(r.ShiftMoodSD)
	if crews > 1 {
		// Crews sum to 0 in a store, so that its level stays; the factor restores their variance.
		half := fixed(math.Sqrt(.5 * float64(crews) / float64(crews-1)))
		sum := int64(0)
		for i := range own {
			own[i] = half * sd / one * int64(rnd.normal(256)) / 256
			sum += own[i]
		}
		for i := range own {
			own[i] -= sum / int64(crews)
		}
		sd = fixed(math.Sqrt(.5)) * sd / one
	}
	last, mood, on := -1, int64(0), 0
	for h := range moods {
		if shift := a.day(4*h)*24 + a.minute(4*h)/60/r.ShiftHours; shift != last {
			last, on = shift, rnd.below(crews)
			mood = own[on] + sd*int64(rnd.normal(256))/256
		}
		moods[h], crew[h] = small(mood), uint8(on)
	}
	return moods, crew
}

// onDuty draws an employee of the crew on duty of a store, and the correction of the latent quality by which all crews are as good as their store: how
// they differ is their mood.
func (f *Feed) onDuty(at int32, now int64) (by int32, correction int) {
	s := &f.stores[at]
	crews := crewsOf(s.n)
	first := int(f.life.mood.crew[at][f.life.slot(now)/4])
	size := (s.n - first + crews - 1) / crews
	return int32(s.first + first + crews*f.rnd.below(size)), f.crewCorrection(at, first)
}

func (f *Feed) crewCorrection(at int32, crew int) int {
	s := &f.stores[at]
	crews := crewsOf(s.n)
	all, own, size := 0, 0, 0
	for i := range s.n {
		q := f.employees[s.first+i].quality
		all += q
		if i%crews == crew {
			own, size = own+q, size+1
		}
	}
	return all/s.n - own/size
}
