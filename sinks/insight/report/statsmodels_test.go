package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"csatflow/deploy/trial/pythontest"
	"csatflow/sinks/insight/detect"
)

func TestComparisonsAreThoseOfStatsmodels(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a virtual environment")
	}
	r := rand.New(rand.NewPCG(1, 1))
	cases := make([][2][7]int, 200)
	for i := range cases {
		for side := range cases[i] {
			for range 3 + r.IntN(80) {
				cases[i][side][min(6, max(0, int(3.5+float64(side)*r.Float64()+1.5*r.NormFloat64())))]++
			}
		}
	}
	var theirs []struct{ Mean, Order []float64 }
	pythontest.Run(t, "statsmodels-0.15.0", cases, &theirs)
	for i := range cases {
		var was, now detect.Grades
		for g := range was {
			was[g], now[g] = uint32(cases[i][0][g]), uint32(cases[i][1][g])
		}
		ours := compare(&was, &now)
		for name, pair := range map[string]struct {
			ours   Test
			theirs []float64
		}{"mean": {ours.Mean, theirs[i].Mean}, "order": {ours.Order, theirs[i].Order}} {
			for k, v := range []float64{pair.ours.Estimate, pair.ours.Low, pair.ours.High, pair.ours.P} {
				if math.Abs(v-pair.theirs[k]) > 1e-9 {
					t.Errorf("%v, %s: %+v, statsmodels has %v", cases[i], name, pair.ours, pair.theirs)
				}
			}
		}
	}
}
