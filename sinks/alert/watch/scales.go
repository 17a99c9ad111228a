package watch

// scale is a scale other than the seven grades, of which a score is watched. Its answers are taken as grades from 1 to 7, so that the score is
// a line of their mean.
type scale struct {
	name        string
	worst, best float64 // the score if all answered the worst, the best
}

var scales = []scale{{"nps", -100, 100}, {"ces", 1, 7}, {"stars", 0, 1}}

func scaleOf(name string) scale {
	for _, s := range scales {
		if s.name == name {
			return s
		}
	}
	return scale{name, 1, 7}
}

// score is that of a mean grade, 1 to 7.
func (s scale) score(mean float64) float64 { return s.worst + s.by(mean-1) }

// by is how far the score changes with the mean.
func (s scale) by(mean float64) float64 { return mean * (s.best - s.worst) / 6 }

// mean is the inverse of score.
func (s scale) mean(score float64) float64 { return 1 + s.change(score-s.worst) }

// change is the inverse of by.
func (s scale) change(score float64) float64 { return score * 6 / (s.best - s.worst) }
