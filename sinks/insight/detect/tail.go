package detect

import "math"

// mgf returns the cumulant generating function of a grade and its first two derivatives at t.
func (p *distribution) mgf(t float64) (k, mean, variance float64) {
	var sum, first, second float64
	for i, v := range p {
		g := float64(i + 1)
		w := v * math.Exp(t*(g-4)) // centred, so that nothing overflows
		sum += w
		first += g * w
		second += g * g * w
	}
	mean = first / sum
	return math.Log(sum) + 4*t, mean, second/sum - mean*mean
}

// tiltTo finds the t at which the tilted mean is m, which must lie between the lowest and the highest grade.
func (p *distribution) tiltTo(m float64) (t float64) {
	low, high := -60., 60.
	for range 100 {
		_, mean, variance := p.mgf(t)
		if mean < m {
			low = t
		} else {
			high = t
		}
		step := (m - mean) / max(variance, 1e-12)
		if math.Abs(step) < 1e-12 {
			break
		}
		next := t + step
		if next <= low || next >= high {
			next = (low + high) / 2
		}
		t = next
	}
	return t
}

// tilted is the distribution nearest to p that has mean m (exponential tilting).
func (p *distribution) tilted(m float64) (q distribution) {
	t := p.tiltTo(min(max(m, 1.02), Levels-0.02))
	sum := 0.0
	for i, v := range p {
		q[i] = v * math.Exp(t*float64(i-3))
		sum += q[i]
	}
	for i := range q {
		q[i] /= sum
	}
	return q
}

// lowTail is the normal quantile of P(S <= s) for S the sum of n grades: Lugannani and Rice's saddlepoint approximation as
// the modified signed root r* (Barndorff-Nielsen 1986), with the continuity correction for lattices (Daniels 1987). Grades are skewed,
// and the normal approximation is wrong by orders of magnitude for few of them.
func (p *distribution) lowTail(n, s float64) float64 {
	mean, variance := p.moments()
	m := (s + .5) / n
	if m >= Levels {
		return 8
	}
	if d := (m - mean) * math.Sqrt(n/variance); math.Abs(d) < 1e-3 {
		return d
	}
	t := p.tiltTo(m)
	k, _, curve := p.mgf(t)
	r := math.Copysign(math.Sqrt(2*n*max(t*m-k, 0)), t)
	u := 2 * math.Sinh(t/2) * math.Sqrt(n*curve)
	if r == 0 || u/r <= 0 {
		return (m - mean) * math.Sqrt(n/variance)
	}
	return r + math.Log(u/r)/r
}
