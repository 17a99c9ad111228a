package simulate

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// source draws random numbers. All are integers from the bits of the PCG and from tables, which are rounded so
// coarsely that a processor's last bit of a logarithm makes no difference.
type source struct{ pcg *rand.PCG }

// probability is in units of 1/(1<<32).
type probability uint64

func shareOf(p float64) probability { return probability(p * (1 << 32)) }

func newSource(seed uint64) source { return source{rand.NewPCG(seed, 0x637361742d666c6f)} }

// below draws from 0 to n-1.
func (s source) below(n int) int {
	high, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(high)
}

func (s source) chance(p probability) bool { return s.pcg.Uint64()>>32 < uint64(p) }

// percent is true with a probability of n percent.
func (s source) percent(n int) bool { return s.below(100) < n }

// between draws from low to high-1.
func (s source) between(low, high int64) int64 {
	n, _ := bits.Mul64(s.pcg.Uint64(), uint64(high-low))
	return low + int64(n)
}

// normal is a draw from the normal distribution with a standard deviation of sd.
func (s source) normal(sd int) int { return int(normals[s.pcg.Uint64()>>52]) * sd / 256 }

// exponential is a draw with the mean 1<<fraction.
func (s source) exponential() uint64 { return uint64(exponentials[s.pcg.Uint64()>>52]) }

// lognormal is a draw with the mean 1<<fraction: half are below .55 of the mean, one in a hundred above 7 times it.
func (s source) lognormal() int64 { return int64(lognormals[s.pcg.Uint64()>>52]) }

const fraction = 12 // binary digits after the point in the tables of exponentials and lognormals

var (
	normals      [4096]int16  // quantiles, in 1/256 of a standard deviation
	exponentials [4096]uint32 // quantiles
	lognormals   [4096]uint32 // quantiles
)

func init() {
	const sigma = 1.1
	for i := range normals {
		u := (float64(i) + .5) / 4096
		z := math.Sqrt2 * math.Erfinv(2*u-1)
		normals[i] = int16(math.Round(z * 256))
		exponentials[i] = uint32(math.Round(-math.Log1p(-u) * (1 << fraction)))
		lognormals[i] = uint32(math.Round(math.Exp(sigma*z-sigma*sigma/2) * (1 << fraction)))
	}
}
