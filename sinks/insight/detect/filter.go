package detect

import "math"

// filter follows the level of a scope: a Kalman filter (Kalman 1960) whose state is the scope's distance from its usual mean, which
// does not change, and the components of its level. It starts from what is known of them before any response: nothing but their
// variances.
type filter struct {
	n        int // states in use
	hour     localHour
	slot     int64
	begun    bool
	level    *level
	scale    float64 // of all variances: how much more a scope varies than its kind
	mean     [states]float64
	variance [states][states]float64
	gain     [states]float64
}

// newFilter returns a filter; own is the variance of the scope's usual mean.
func newFilter(l *level, own, scale float64) filter {
	f := filter{n: 1 + len(l.components), level: l, scale: scale}
	f.variance[0][0] = own
	for i, c := range l.components {
		f.variance[i+1][i+1] = c.variance * scale
	}
	return f
}

// to moves on to an hour, and returns what of each state is left of the hour before.
func (f *filter) to(slot int64, at localHour) (passed [states]float64) {
	same := !f.begun || slot == f.slot
	for i := range f.n {
		if passed[i] = 1; i > 0 && !same {
			passed[i] = f.level.components[i-1].correlation(f.hour, at, slot-f.slot)
		}
	}
	f.slot, f.hour, f.begun = slot, at, true
	if same {
		return passed
	}
	for i := range f.n {
		f.mean[i] *= passed[i]
		for j := range f.n {
			f.variance[i][j] *= passed[i] * passed[j]
		}
	}
	for i := range f.level.components {
		f.variance[i+1][i+1] += f.scale * f.level.components[i].variance * (1 - passed[i+1]*passed[i+1])
	}
	return passed
}

// expects returns the distance from the usual that is expected of the next responses, and the variance of their mean.
func (f *filter) expects(sampling float64) (mean, variance float64) {
	variance = sampling
	for i := range f.n {
		mean += f.mean[i]
		for j := range f.n {
			variance += f.variance[i][j]
		}
	}
	return mean, variance
}

// take learns from an innovation: how far the mean of responses was from what was expected, with this variance.
func (f *filter) take(innovation, variance float64) {
	for i := range f.n {
		g := 0.0
		for j := range f.n {
			g += f.variance[i][j]
		}
		f.gain[i] = g / variance
	}
	for i := range f.n {
		f.mean[i] += f.gain[i] * innovation
		for j := range f.n {
			f.variance[i][j] -= f.gain[i] * f.gain[j] * variance
		}
	}
}

// clipped is an innovation that is not let beyond most standard deviations: what is odd hardly moves the level (Masreliez 1975).
func clipped(innovation, variance, most float64) float64 {
	limit := most * math.Sqrt(variance)
	return min(max(innovation, -limit), limit)
}

// shift is a fall by the same grades from one moment on, as a filter sees it: what of it still shows in the innovations
// (Willsky, Jones 1976, "A generalized likelihood ratio approach to the detection and estimation of jumps in linear systems").
type shift struct {
	followed [states]float64 // how far the level has followed it
	// Σ of signature · innovation / variance, and of signature² / variance.
	score, information float64
}

// pass moves the shift on as the filter has moved.
func (s *shift) pass(f *filter, passed *[states]float64) {
	for i := range f.n {
		s.followed[i] *= passed[i]
	}
}

// take adds an innovation that the filter has just taken.
func (s *shift) take(f *filter, innovation, variance float64) {
	signature := 1.0
	for i := range f.n {
		signature -= s.followed[i]
	}
	s.score += signature * innovation / variance
	s.information += signature * signature / variance
	for i := range f.n {
		s.followed[i] += f.gain[i] * signature
	}
}

// size estimates the shift, in grades, with its standard error; found is false if nothing was seen of it.
func (s *shift) size() (size, err float64, found bool) {
	if s.information <= 0 {
		return 0, 0, false
	}
	return s.score / s.information, 1 / math.Sqrt(s.information), true
}
