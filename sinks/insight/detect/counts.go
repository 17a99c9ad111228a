package detect

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Surge is the probability of k or more cases where mean are expected and counts of days are overdispersed: the upper tail of a
// negative binomial of variance mean + dispersion · mean².
func Surge(k, mean, dispersion float64) float64 {
	if k <= 0 {
		return 1
	}
	if mean <= 0 {
		return 0
	}
	if dispersion < 1e-9 {
		return mathext.GammaIncReg(k, mean) // P(Poisson >= k)
	}
	r := 1 / dispersion
	return mathext.RegIncBeta(k, r, mean/(mean+r))
}

// Silence is the probability of no case where mean are expected.
func Silence(mean, dispersion float64) float64 {
	if dispersion < 1e-9 {
		return math.Exp(-mean)
	}
	return math.Pow(1+dispersion*mean, -1/dispersion)
}

// Lull is the probability of k or fewer cases where mean are expected and counts are overdispersed: the lower tail of the negative
// binomial of [Surge].
func Lull(k, mean, dispersion float64) float64 {
	if mean <= 0 {
		return 1
	}
	if dispersion < 1e-9 {
		return mathext.GammaIncRegComp(k+1, mean)
	}
	r := 1 / dispersion
	return mathext.RegIncBeta(r, k+1, r/(mean+r))
}

// Exceeds is the probability of k or more successes in n trials, each with probability share.
func Exceeds(k, n, share float64) float64 {
	if k <= 0 {
		return 1
	}
	return mathext.RegIncBeta(k, n-k+1, share)
}

// Dispersion estimates the overdispersion of counts around means, from pairs of them: the φ in a variance of mean + φ ·
// mean², by the method of moments; at least 0.
func Dispersion(counts, means []float64) float64 {
	excess, weight := 0.0, 0.0
	for i, m := range means {
		if m <= 0 {
			continue
		}
		d := counts[i] - m
		if d > 0 && Surge(counts[i], m, 0.1) < 1e-4 {
			continue // an incident, not the usual scatter
		}
		excess += d*d - m
		weight += m * m
	}
	if weight == 0 {
		return 0
	}
	return max(0, excess/weight)
}

// Wilson is the 95 % interval of a share (Wilson 1927).
func Wilson(k, n float64) (low, high float64) {
	const z = 1.959963984540054
	p := k / n
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n)) / (1 + z*z/n)
	return middle - half, middle + half
}

// Rate is the 95 % interval of a Poisson mean after a count of k (Garwood 1936).
func Rate(k float64) (low, high float64) {
	if k > 0 {
		low = distuv.ChiSquared{K: 2 * k}.Quantile(.025) / 2
	}
	return low, distuv.ChiSquared{K: 2*k + 2}.Quantile(.975) / 2
}
