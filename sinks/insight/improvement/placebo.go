package improvement

import (
	"math"
	"slices"
)

// placebo is the effect that an untreated scope would show if the change had been its, compared with all others.
type placebo struct {
	effect  float64
	treated float64 // weight of the treated scope among the others
}

// leastForShare is how many untreated scopes it takes for a placebo share of 5 %.
const leastForShare = 19

// share is that of all scopes, the treated one included, with at least the effect.
func share(effect float64, placebos []placebo) float64 {
	larger := 1
	for _, p := range placebos {
		if math.Abs(p.effect) >= math.Abs(effect) {
			larger++
		}
	}
	return float64(larger) / float64(len(placebos)+1)
}

// inverted is the 95 % interval of the effects that, taken from the treated scope, leave it a placebo share above 5 %: a permutation test
// inverted (Abadie, Diamond, Hainmueller 2015; Firpo, Possebom 2018). Each placebo contradicts none between two ends; as the treated scope
// is among those that it is compared with, it too moves with the effect, for which the weights of
// days are held.
func inverted(effect float64, placebos []placebo) (low, high float64) {
	lows, highs := make([]float64, len(placebos)), make([]float64, len(placebos))
	for i, p := range placebos {
		a, b := (effect-p.effect)/(1+p.treated), math.Inf(1)
		if p.treated < 1 {
			b = (effect + p.effect) / (1 - p.treated)
		}
		lows[i], highs[i] = min(a, b), max(a, b)
	}
	slices.Sort(lows)
	slices.Sort(highs)
	m := int(0.05*float64(len(placebos)+1) + 1e-9) // as many must be at least as large
	return lows[m-1], highs[len(highs)-m]
}
