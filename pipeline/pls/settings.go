package pls

import "fmt"

// Scheme is how a latent variable is approximated from its neighbours in each iteration (inner weights).
type Scheme int

const (
	// PathScheme weighs predecessors by multiple regression and successors by correlation.
	PathScheme Scheme = iota
	// Centroid weighs all neighbours by the sign of their correlation.
	Centroid
	// Factorial weighs all neighbours by their correlation.
	Factorial
)

// Settings of an estimation. A field left 0 has its default.
type Settings struct {
	Scheme Scheme
	// Tolerance ends the iterations: the sum of the squared changes of the weights' sizes is below it. Default 1e-12.
	Tolerance float64
	// MaxIterations is how many there may be. Default 300.
	MaxIterations int
	// MinRows is how many complete rows there must be. Default 10 for each path into the latent variable that has most
	// (the rule of ten; Hair, Ringle and Sarstedt 2011, "PLS-SEM: Indeed a Silver Bullet", Journal of Marketing Theory
	// and Practice 19(2)). Two more than those paths are needed in any case.
	MinRows int
	// Least and Most bound every indicator; the index has Least at 0 and Most at 100. Defaults 1 and 10 when both are 0.
	Least, Most float64
}

func (s Settings) withDefaults(d *design) (Settings, error) {
	if s.Tolerance == 0 {
		s.Tolerance = 1e-12
	}
	if s.MaxIterations == 0 {
		s.MaxIterations = 300
	}
	if s.MinRows == 0 {
		s.MinRows = 10 * d.mostPredecessors()
	}
	s.MinRows = max(s.MinRows, d.mostPredecessors()+2)
	if s.Least == 0 && s.Most == 0 {
		s.Least, s.Most = 1, 10
	}
	switch {
	case s.Scheme < PathScheme || s.Scheme > Factorial:
		return s, fmt.Errorf("settings: unknown scheme %d", s.Scheme)
	case !(s.Tolerance > 0):
		return s, fmt.Errorf("settings: tolerance %v is not above 0", s.Tolerance)
	case s.MaxIterations < 1:
		return s, fmt.Errorf("settings: %d iterations at most: allow one", s.MaxIterations)
	case !(s.Least < s.Most):
		return s, fmt.Errorf("settings: the scale from %v to %v is empty", s.Least, s.Most)
	}
	return s, nil
}
