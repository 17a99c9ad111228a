package pls

// Fit estimates a model from data. Rows in which an indicator of the model has no answer (NaN) are left out and counted
// in Result.Missing.
//
// Errors for the data are, by errors.Is, ErrTooFewRows, ErrConstant, ErrSingular and ErrNotConverged; an answer outside
// the scale of the settings is refused with its row and indicator. Errors for an invalid model or setting name it.
func Fit(m Model, data Data, s Settings) (*Result, error) {
	d, sample, s, err := prepare(m, data, s)
	if err != nil {
		return nil, err
	}
	e, err := fit(d, sample.moments, s)
	if err != nil {
		return nil, err
	}
	return e.result(d, sample)
}

func prepare(m Model, data Data, s Settings) (*design, *sample, Settings, error) {
	d, err := m.design()
	if err != nil {
		return nil, nil, s, err
	}
	if s, err = s.withDefaults(d); err != nil {
		return nil, nil, s, err
	}
	sample, err := data.sample(d, s)
	return d, sample, s, err
}

// estimate is what is estimated from moments alone.
type estimate struct {
	iterations int
	outer      *outer
	inner      *structural
	index      []float64
}

func fit(d *design, m *moments, s Settings) (*estimate, error) {
	o, iterations, err := iterate(d, m.corr, s)
	if err != nil {
		return nil, err
	}
	e := &estimate{iterations: iterations, outer: o}
	return e, e.complete(d, m, s)
}

// complete estimates what follows from the scores.
func (e *estimate) complete(d *design, m *moments, s Settings) (err error) {
	e.inner, err = regressAll(d, e.outer.corr)
	e.index = indices(d, e.outer.weights, m, s.Least, s.Most)
	return err
}

// effects returns the pairs of latent variables that a sequence of paths connects.
func (d *design) effects() [][2]int {
	var pairs [][2]int
	for from := range d.latents {
		reached := make([]bool, len(d.latents))
		open := []int{from}
		for len(open) > 0 {
			l := open[len(open)-1]
			open = open[:len(open)-1]
			for _, next := range d.after[l] {
				if !reached[next] {
					reached[next] = true
					open = append(open, next)
				}
			}
		}
		for to, is := range reached {
			if is {
				pairs = append(pairs, [2]int{from, to})
			}
		}
	}
	return pairs
}
