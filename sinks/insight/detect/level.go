package detect

// The level of a scope is not the same at each hour of the week: it has moods. They are a sum of components, each of which keeps
// one value for a local hour, a shift, or a local day. From one hour, or day, to the next it goes on by an autoregression of order 1 (Box,
// Jenkins 1970); each shift begins anew.

// component is one of them.
type component struct {
	daily    bool
	shift    int     // hours of a shift, 0 if it is none
	begins   int     // hour of the day at which a shift begins, below shift
	rho      float64 // correlation of one hour, or day, and the next
	variance float64 // grades²
}

// mostComponents are in a level; with the scope's own level they make the state of its filter.
const (
	mostComponents = 8
	states         = mostComponents + 1
)

// candidates are the components that are looked for: of hours, of shifts, of days and of weeks.
var candidates = func() []component {
	list := []component{
		{rho: 0}, {rho: .5}, {rho: .7}, {rho: .85}, {rho: .95},
		{daily: true, rho: 0}, {daily: true, rho: .5}, {daily: true, rho: .8}, {daily: true, rho: .95},
	}
	for _, hours := range []int{4, 6, 8} {
		for begins := range hours {
			list = append(list, component{shift: hours, begins: begins})
		}
	}
	return list
}()

// correlation is that of two hours, a before b, so many hours apart.
func (c *component) correlation(a, b localHour, hours int64) float64 {
	switch {
	case c.daily:
		return power(c.rho, b.day-a.day)
	case c.shift == 0:
		return power(c.rho, hours)
	case a.day == b.day && c.of(a) == c.of(b):
		return 1
	}
	return 0
}

// of is the number of the shift on its day.
func (c *component) of(h localHour) int { return (h.week%24 + c.shift - c.begins) / c.shift }

// power is rho^n, with 0^0 = 1.
func power(rho float64, n int64) float64 {
	p := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			p *= rho
		}
		rho *= rho
	}
	return p
}

// level is the variance of a kind's levels.
type level struct {
	components []component
	design     float64 // variance of a mean of n grades, times n, over the variance of a grade; 1 for independent grades (Kish 1965)
}

// total is the variance of the level of an hour.
func (l *level) total() (v float64) {
	for _, c := range l.components {
		v += c.variance
	}
	return v
}

// plain is a level that does not vary.
func plain() *level { return &level{design: 1} }
