package detect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// sumsOf is the distribution of the sum of n grades, by convolution.
func sumsOf(p *distribution, n int) []float64 {
	sums := []float64{1}
	for range n {
		next := make([]float64, len(sums)+Levels)
		for s, v := range sums {
			for g, w := range p {
				next[s+g+1] += v * w
			}
		}
		sums = next
	}
	return sums
}

func TestTheTailIsThatOfTheSumOfGrades(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0.1, 1), Levels, Levels).Draw(t, "distribution")
		p, total := distribution{}, 0.0
		for _, w := range weights {
			total += w
		}
		for i, w := range weights {
			p[i] = w / total
		}
		n := rapid.IntRange(LeastCases, 60).Draw(t, "n")
		sums, exact := sumsOf(&p, n), 0.0
		for s, v := range sums {
			if exact += v; exact < 1e-10 || exact > .2 || s <= n {
				continue
			}
			got := distuv.UnitNormal.CDF(p.lowTail(float64(n), float64(s)))
			if ratio := got / exact; ratio < .5 || ratio > 2 {
				t.Fatalf("P(sum of %d <= %d) is %.3g, approximated by %.3g (distribution %.2f)", n, s, exact, got, p)
			}
		}
	})
}

func TestATiltedShapeHasTheMeanThatWasAskedFor(t *testing.T) {
	p := distribution{.02, .03, .05, .1, .3, .35, .15}
	for _, want := range []float64{1.5, 3, 4.2, 5.2, 6.8} {
		q := p.tilted(want)
		if got, _ := q.moments(); math.Abs(got-want) > 1e-9 {
			t.Errorf("mean %v, want %v", got, want)
		}
	}
}

func TestADropIsNoMoreLikelyInQuietTimesThanItSays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const bound, scopes = .02, 100
	hits, looks := 0, 0
	for range scopes {
		w := quiet(rnd, 5, 21)
		u := learn([]*Track{w}, noon.Add(-2*time.Hour))[0]
		if f, found := u.Drop(noon, noon.AddDate(0, 0, -2)); found {
			looks++
			if f.P < bound {
				hits++
			}
		}
	}
	if looks < scopes*9/10 {
		t.Fatalf("%d looks at %d scopes", looks, scopes)
	}
	// 2 are to be expected; 9 or more come once in five thousand times.
	if hits > 8 {
		t.Errorf("P below %v in %d of %d quiet scopes", bound, hits, looks)
	}
}
