package detect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

// daytime is from 9 to 20 o'clock.
func daytime(h int64) bool { return h%24 >= 9 && h%24 < 20 }

// moody makes stores with this many responses an hour by day, whose level varies by moods; fall says how much lower a store is in an hour.
func moody(rnd *rand.Rand, m *Moods, rates []float64, days int, fall func(store int, h int64) float64) (list []*Track) {
	mean, _ := usualDistribution.moments()
	last := noon.Truncate(24*time.Hour).Unix() / 3600
	tilts := map[int]*distribution{}
	for i, rate := range rates {
		t := NewTrack("store", fmt.Sprint(i))
		hour, day, shift := rnd.NormFloat64(), rnd.NormFloat64(), 0.
		for h := last - int64(days)*24; h < last; h++ {
			hour = m.HourRho*hour + math.Sqrt(1-m.HourRho*m.HourRho)*rnd.NormFloat64()
			if h%24 == 0 {
				day = m.DayRho*day + math.Sqrt(1-m.DayRho*m.DayRho)*rnd.NormFloat64()
			}
			if h%4 == 0 {
				shift = rnd.NormFloat64()
			}
			if !daytime(h) {
				continue
			}
			key := int(math.Round(50 * (mean + m.HourSD*hour + m.DaySD*day + m.ShiftSD*shift - fall(i, h))))
			if tilts[key] == nil {
				tilts[key] = ptr(usualDistribution.tilted(float64(key) / 50))
			}
			whole := Grades{}
			for part := range finePerHour {
				g := Grades{}
				for range poisson(rnd, rate/float64(finePerHour)) {
					g[draw(rnd, tilts[key])]++
				}
				t.Put(Fine, timeOf(h*finePerHour+part), &g)
				whole.Add(&g)
			}
			t.Put(Coarse, time.Unix(h*3600, 0), &whole)
		}
		list = append(list, t)
	}
	return list
}

func never(int, int64) float64 { return 0 }

func same(n int, rate float64) (rates []float64) {
	for range n {
		rates = append(rates, rate)
	}
	return rates
}

func TestTheVarianceOfLevelsIsFoundByComponentsThroughIncidents(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of many stores")
	}
	m := &Moods{HourSD: .15, HourRho: .7, DaySD: .12, DayRho: .5, ShiftSD: .15}
	afternoons := func(store int, h int64) float64 { // of every ninth day
		if (h/24+int64(store))%9 == 0 && h%24 >= 12 && h%24 < 16 {
			return 1
		}
		return 0
	}
	for name, fall := range map[string]func(int, int64) float64{"quiet": never, "with falls": afternoons} {
		l := Learner{Calendar: NewCalendar(nil)}
		l.Learn(moody(rand.New(rand.NewPCG(1, 2)), m, same(30, 100), 28, fall), nil, noon.Truncate(24*time.Hour))
		day, within := 0., 0.
		for _, c := range l.level.components {
			if c.daily {
				day += c.variance
			} else {
				within += c.variance
			}
		}
		if math.Abs(day-.0144) > .007 || math.Abs(within-.045) > .01 || l.level.design > 1.3 {
			t.Errorf("%s: days vary by %.4f, hours and shifts by %.4f; true are .0144 and .0450 (%+v)", name, day, within, l.level)
		}
	}
}

// TestALookIsGeneralisedLeastSquares: the filter gives the same estimate of a fall as the whole covariance matrix does.
func TestALookIsGeneralisedLeastSquares(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	track := moody(rnd, &Moods{}, []float64{30}, 9, never)[0]
	l := &level{design: 1.2, components: []component{{rho: .7, variance: .03}, {daily: true, rho: .5, variance: .02}, {shift: 4, variance: .01}}}
	mean, spread := usualDistribution.moments()
	u := &Usual{Track: track, N: 1e4, calendar: NewCalendar(nil), level: l, distribution: usualDistribution, spread: spread, scale: 1}
	for h := range u.hours {
		u.hours[h] = mean
	}
	end := (noon.Truncate(24*time.Hour).Unix() - 5*3600) / 300 // seven in the evening
	u.knownTo = end/finePerHour - 48
	u.known = newFilter(l, .01, 1)
	begin := end - 2*finePerHour - 5
	w := &u.at([]int64{begin}, end).windows[0]
	size, err, _ := w.shift.size()

	// The same by the covariance of all pieces.
	type piece struct {
		at      localHour
		slot    int64
		n, mean float64
		in      float64
		part    float64 // of its hour
	}
	var pieces []piece
	for s := u.knownTo * finePerHour; s < end; {
		stop := (s/finePerHour + 1) * finePerHour
		if s < begin && begin < stop {
			stop = begin
		}
		p := piece{at: u.calendar.at(s / finePerHour), slot: s / finePerHour}
		p.part = float64(min(stop, end)-s) / float64(finePerHour)
		sum := 0.
		for ; s < min(stop, end); s++ {
			if g := track.fine.get(s); g != nil {
				p.n, sum = p.n+g.N(), sum+g.Sum()
			}
			if s >= begin {
				p.in = 1
			}
		}
		if p.n > 0 {
			p.mean = sum/p.n - mean
			pieces = append(pieces, p)
		}
	}
	n := len(pieces)
	v, y, x := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	for i, a := range pieces {
		y.SetVec(i, a.mean)
		x.SetVec(i, a.in)
		for j := i; j < n; j++ {
			b := pieces[j]
			c := .01
			for k := range l.components {
				c += l.components[k].variance * l.components[k].correlation(a.at, b.at, b.slot-a.slot)
			}
			if i == j {
				c += l.design*spread/a.n + .0025*(1-a.part)
			}
			v.SetSym(i, j, c)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(v) {
		t.Fatal("the covariance is not positive definite")
	}
	var vx mat.VecDense
	if err := chol.SolveVecTo(&vx, x); err != nil {
		t.Fatal(err)
	}
	information := mat.Dot(x, &vx)
	if want := mat.Dot(&vx, y) / information; math.Abs(size-want) > 1e-9 || math.Abs(err-1/math.Sqrt(information)) > 1e-9 {
		t.Errorf("a shift of %.6f ± %.6f, least squares give %.6f ± %.6f (%d pieces)", size, err, want, 1/math.Sqrt(information), n)
	}
}

// TestMoodsOfDaysAndHoursAreNoFall: with the level of every day and hour a little different, quiet weeks stay quiet, and a fall is found.
func TestMoodsOfDaysAndHoursAreNoFall(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of many stores")
	}
	m := &Moods{HourSD: .15, HourRho: .7, DaySD: .15, DayRho: .5, ShiftSD: .15}
	fallen := func(store int, h int64) float64 {
		if left := noon.Truncate(24*time.Hour).Unix()/3600 - h; store < 10 && left > 4 && left <= 10 {
			return 1.5
		}
		return 0
	}
	const stores = 40
	found, wrong := 0, 0
	for seed := range uint64(3) {
		tracks := moody(rand.New(rand.NewPCG(seed, 9)), m, same(stores, 200), 28, fallen)
		evening := noon.Truncate(24 * time.Hour).Add(-4 * time.Hour)
		for i, u := range learn(tracks, noon.Truncate(24*time.Hour).Add(-12*time.Hour)) {
			f, ok := u.Drop(evening, time.Time{})
			switch {
			case ok && f.P < 1e-4 && i < 10:
				found++
			case ok && f.P < 1e-4:
				wrong++
			}
		}
	}
	if found < 20 || wrong > 0 {
		t.Errorf("%d of 30 falls found, %d false", found, wrong)
	}
}

// TestWhatTheWholeChainDoesIsNoFallOfEach: a pay-day lowers all stores by a quarter of a grade.
func TestWhatTheWholeChainDoesIsNoFallOfEach(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of many stores")
	}
	pay := func(_ int, h int64) float64 {
		if noon.Truncate(24*time.Hour).Unix()/3600-h <= 24 {
			return .25
		}
		return 0
	}
	tracks := moody(rand.New(rand.NewPCG(3, 3)), &Moods{}, same(30, 200), 28, pay)
	all := NewTrack("all", "")
	for s := tracks[0].fine.last - fineKept + 1; s <= tracks[0].fine.last; s++ {
		g := Grades{}
		for _, track := range tracks {
			if c := track.fine.get(s); c != nil {
				g.Add(c)
			}
		}
		all.Put(Fine, timeOf(s), &g)
	}
	for h := tracks[0].coarse.last - coarseKept + 1; h <= tracks[0].coarse.last; h++ {
		g := Grades{}
		for _, track := range tracks {
			if c := track.coarse.get(h); c != nil {
				g.Add(c)
			}
		}
		all.Put(Coarse, time.Unix(h*3600, 0), &g)
	}
	before, now := noon.Truncate(24*time.Hour).Add(-24*time.Hour), noon.Truncate(24*time.Hour).Add(-4*time.Hour)
	a, l := Learner{Calendar: NewCalendar(nil)}, Learner{Calendar: NewCalendar(nil)}
	alone, together := 0, 0
	for i, u := range learn(tracks, before) {
		if f, ok := u.Drop(now, before); ok && f.Z > 4 {
			alone++
		}
		chained := l.Learn(tracks, a.Learn([]*Track{all}, nil, before)[0], before)[i]
		if f, ok := chained.Drop(now, before); ok && f.Z > 4 {
			together++
		}
	}
	if together > 0 || alone == 0 {
		t.Errorf("beside the chain %d stores fall, without it %d of %d", together, alone, len(tracks))
	}
}
