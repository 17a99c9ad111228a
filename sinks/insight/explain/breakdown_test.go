package explain

import (
	"math"
	"math/rand/v2"
	"testing"

	"csatflow/sinks/insight/detect"
)

func cell(n, mean float64) detect.Cell {
	return detect.Cell{N: n, Sum: n * mean, Squares: n * (mean*mean + 1)}
}

// addsUp checks that parts add up to the fall.
func addsUp(t *testing.T, parts []Part) {
	t.Helper()
	var was, now detect.Cell
	sum, share := 0.0, 0.0
	for i := range parts {
		p := &parts[i]
		was.Add(p.Was)
		now.Add(p.Now)
		sum, share = sum+p.Within+p.Mix, share+p.Share
		if d := p.WithinShare() + p.MixShare() - p.Share; math.Abs(d) > 1e-9 {
			t.Errorf("%s: within %v and mix %v are not its share %v", p.ID, p.WithinShare(), p.MixShare(), p.Share)
		}
	}
	if fall := was.Mean() - now.Mean(); math.Abs(sum-fall) > 1e-9 || math.Abs(share-1) > 1e-9 {
		t.Errorf("the fall is %v, its parts add up to %v, shares to %v", fall, sum, share)
	}
}

func TestThePartsOfADimensionCarryTheWholeFall(t *testing.T) {
	parts := decompose([]Part{
		{ID: "anna", Now: cell(40, 2), Was: cell(400, 5)},
		{ID: "bert", Now: cell(40, 5), Was: cell(300, 5.2)},
		{ID: "clara", Was: cell(400, 5)}, // had no customer then
		{ID: "dora", Now: cell(3, 4)},    // had none before
	})
	if len(parts) != 4 || parts[0].ID != "anna" {
		t.Fatalf("%+v", parts)
	}
	addsUp(t, parts)
	if parts[0].Share < .8 || parts[0].WithinShare() < .5 {
		t.Errorf("anna's share is %v, %v by her own mean", parts[0].Share, parts[0].WithinShare())
	}
	if d := parts[0].Drop(); d < 2.9 || d > 3.1 {
		t.Errorf("a fall of three grades is told as %v", d)
	}
	for i := range parts {
		if p := &parts[i]; p.ID == "clara" && (p.Within != 0 || math.IsNaN(p.Mix) || math.IsNaN(p.Z())) {
			t.Errorf("without responses: %+v", p)
		}
	}
}

func TestMoreReturnsAreAChangeOfTheMixAndNotOfTheParts(t *testing.T) {
	parts := decompose([]Part{
		{ID: "tills", Was: cell(9000, 5.5), Now: cell(500, 5.5)},
		{ID: "returns", Was: cell(1000, 3.5), Now: cell(500, 3.5)},
	})
	addsUp(t, parts)
	mix, within := 0.0, 0.0
	for i := range parts {
		p := &parts[i]
		mix, within = mix+p.MixShare(), within+p.WithinShare()
		if p.Share < 0 || p.Share > 1 {
			t.Errorf("%s: a share of %v", p.ID, p.Share)
		}
		if p.Z() < 5 || p.Mix/p.MixError < 5 || p.Within/p.WithinError > 2 {
			t.Errorf("%s: %+v", p.ID, p)
		}
	}
	if mix < .97 || math.Abs(within) > .03 {
		t.Errorf("mix %v, within %v", mix, within)
	}
}

func TestAScopeThatDidNotFallHasNoShares(t *testing.T) {
	for _, p := range decompose([]Part{{ID: "a", Was: cell(100, 5), Now: cell(10, 5)}, {ID: "b", Was: cell(100, 4), Now: cell(10, 4.5)}}) {
		if p.Share != 0 {
			t.Errorf("%+v", p)
		}
	}
	if p := decompose([]Part{{ID: "a", Was: cell(100, 5)}}); p != nil {
		t.Errorf("nothing during the fall: %+v", p)
	}
}

// What a delta method says is what many draws of the same shop show.
func TestErrorsOfABreakdownAreThoseOfRepeatedDraws(t *testing.T) {
	const draws = 4000
	r := random()
	var withins, mixes, withinErrors, mixErrors [2]float64
	var withinSquares, mixSquares [2]float64
	for range draws {
		parts := []Part{{ID: "a"}, {ID: "b"}}
		for i := range 2400 {
			share, c := .2, func(p *Part) *detect.Cell { return &p.Was }
			if i >= 2000 {
				share, c = .4, func(p *Part) *detect.Cell { return &p.Now }
			}
			k, mean := 1, 5.
			if r.Float64() < share {
				k, mean = 0, 3.5
			}
			g := mean + 1.2*r.NormFloat64()
			c(&parts[k]).Add(detect.Cell{N: 1, Sum: g, Squares: g * g})
		}
		for _, p := range decompose(parts) {
			k := int(p.ID[0] - 'a')
			withins[k], mixes[k] = withins[k]+p.Within, mixes[k]+p.Mix
			withinSquares[k], mixSquares[k] = withinSquares[k]+p.Within*p.Within, mixSquares[k]+p.Mix*p.Mix
			withinErrors[k], mixErrors[k] = withinErrors[k]+p.WithinError, mixErrors[k]+p.MixError
		}
	}
	for k := range 2 {
		sd := func(sum, squares float64) float64 { return math.Sqrt(squares/draws - sum*sum/draws/draws) }
		w, m := withinErrors[k]/draws/sd(withins[k], withinSquares[k]), mixErrors[k]/draws/sd(mixes[k], mixSquares[k])
		if w < .85 || w > 1.25 || m < .85 || m > 1.25 {
			t.Errorf("part %d: stated over true standard error: within %v, mix %v", k, w, m)
		}
	}
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 5)) }
