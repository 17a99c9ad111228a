package report

import (
	"math"
	"testing"

	"csatflow/sinks/insight/detect"
)

func graded(list ...int) (g detect.Grades) {
	for _, v := range list {
		g[v-1]++
	}
	return g
}

// The example of Brunner and Munzel (2000), with the figures of scipy.stats.brunnermunzel.
func TestTheOrderOfGradesIsThatOfBrunnerAndMunzel(t *testing.T) {
	x, y := graded(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1), graded(3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4)
	o := compare(&y, &x) // y is higher
	if math.Abs(o.Order.P-0.0057862086661515377) > 1e-12 || math.Abs(o.Order.Estimate-0.788961038961039) > 1e-12 {
		t.Errorf("%+v", o.Order)
	}
	if math.Abs(o.Order.Low-0.5952169) > 1e-6 || math.Abs(o.Order.High-0.9827052) > 1e-6 { // R: lawstat::brunner.munzel.test
		t.Errorf("%+v", o.Order)
	}
}

func TestMeanAndOrderThatDisagreeAreTold(t *testing.T) {
	repeated := func(counts ...uint32) (g detect.Grades) { copy(g[:], counts); return g }
	for _, c := range []struct {
		name     string
		was, now detect.Grades
		want     bool
	}{
		{"all a grade lower", repeated(0, 0, 20, 40, 60, 80, 40), repeated(0, 20, 40, 60, 80, 40, 0), false},
		{"nothing moved", repeated(0, 0, 20, 40, 60, 80, 40), repeated(0, 0, 10, 20, 30, 40, 20), false},
		// A few are furious, and most are happier than before.
		{"the mean is as it was, the order rose", repeated(0, 0, 0, 20, 100, 80, 0), repeated(25, 0, 0, 0, 25, 150, 0), true},
	} {
		o := compare(&c.was, &c.now)
		if o == nil || o.Disagree() != c.want {
			t.Errorf("%s: %+v", c.name, o)
		}
	}
	one, none := graded(4), detect.Grades{}
	if o := compare(&one, &none); o != nil {
		t.Errorf("nothing to compare: %+v", o)
	}
}
