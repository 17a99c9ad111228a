package detect

// The level of a scope is not the same at each hour of the week: it has moods. They are a sum of components, each of which keeps
// one value for a local hour, or a local day, and goes on from it by an autoregression of order 1 (Box, Jenkins 1970).

// component is one of them.
type component struct {
	daily    bool
	rho      float64 // correlation of one hour, or day, and the next
	variance float64 // grades²
}

// components at most in a level: with the scope's own level they make the state of its filter.
const (
	mostComponents = 6
	states         = mostComponents + 1
)

// candidates are the components that are looked for: of an hour alone, of some hours as a shift has them, of a day, and of weeks.
var candidates = []component{
	{rho: 0}, {rho: .5}, {rho: .7}, {rho: .85}, {rho: .95},
	{daily: true, rho: 0}, {daily: true, rho: .5}, {daily: true, rho: .8}, {daily: true, rho: .95},
}

// covariance is that of two hours, so many hours and local days apart, per variance of the component.
func (c *component) covariance(hours, days int64) float64 {
	if c.daily {
		return power(c.rho, days)
	}
	return power(c.rho, hours)
}

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

// covariance of the levels of two hours.
func (l *level) covariance(hours, days int64) (v float64) {
	for i := range l.components {
		v += l.components[i].variance * l.components[i].covariance(hours, days)
	}
	return v
}

// plain is a level that does not vary.
func plain() *level { return &level{design: 1} }
