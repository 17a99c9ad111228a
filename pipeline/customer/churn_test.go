package customer_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// graded is a history of instant responses, an hour apart.
func graded(grades ...uint8) *customer.Responses {
	h := customer.NewResponses()
	for i, g := range grades {
		h.Apply(customer.Moment{At: int64(i) * hour, ID: uint64(i), Grade: g, Survey: event.SurveyInstant, Equity: customer.NoEquity}, false, false)
	}
	return h
}

func score(r *customer.Responses, c *customer.Complaints) customer.Score {
	var summaries []customer.Summary
	for i := range c.List {
		summaries = append(summaries, customer.Summarise(&c.List[i], day))
	}
	return byHand.Score(r, summaries, c, customer.NewPurchases())
}

// byHand has weights that are easy to sum.
var byHand = customer.Model{Bias: -2.2, Weights: [customer.Inputs]float64{
	customer.LatestGrade: 0.9, customer.GradeTrend: 1.6, customer.GradeSlope: 0.8, customer.Disconfirmation: 0.8, customer.Repurchase: 1.2,
	customer.Recommend: 0.8, customer.Equity: 0.4, customer.Emotion: 0.5, customer.ComplaintsOpen: 0.7, customer.ComplaintsBreached: 0.5,
	customer.ComplaintsReopened: 0.5, customer.SinComplaints: 0.4, customer.ProductComplaints: 0.2, customer.PriceComplaints: 0.3,
	customer.SlowRecovery: 0.3, customer.Handoffs: 0.2, customer.Fairness: 0.6, customer.Silent: 0.8}}

func TestTheMeanOfGradesIsWeightedToTheNewest(t *testing.T) {
	for _, x := range []struct {
		grades     []uint8
		mean, fall float64
	}{
		{nil, 0, 0},
		{[]uint8{5}, 5, 0},
		{[]uint8{6, 2}, 4.8, 1.2},
		{[]uint8{7, 4, 1}, 4.57, 2.43 / 2},           // 7, 6.1, 4.57
		{[]uint8{7, 4, 1, 7, 7}, 5.8093, 0.2907 / 3}, // then 5.299, 5.8093; it was 6.1 three ago
		{[]uint8{1, 1, 1, 1, 7}, 2.8, -1.8 / 3},
	} {
		if mean, fall := graded(x.grades...).EWMA(); !near(mean, x.mean) || !near(fall, x.fall) {
			t.Errorf("%v: %v, %v, want %v, %v", x.grades, mean, fall, x.mean, x.fall)
		}
	}
}

func TestTheScoreIsAsByHand(t *testing.T) {
	if s := score(customer.NewResponses(), customer.NewComplaints()); !near(s.Risk, 1/(1+math.Exp(2.2))) || s.Band != "low" || s.LeaveReason != "" {
		t.Errorf("nothing known: %+v", s)
	}
	angry := graded(6)
	angry.Apply(customer.Moment{At: hour, ID: 9, Grade: 2, Survey: event.SurveyInstant, Expectation: 6, Performance: 3, Repurchase: 3, Recommend: 3,
		Equity: -3, Emotion: event.EmotionAngry}, false, false)
	s := score(angry, customer.NewComplaints())
	// latest .6, trend -.8/3*1.6, slope .96, disconfirmation .4, repurchase 1.2, recommend .8, equity .4, emotion .5, silent .8
	if z := -2.2 + 0.6 - 0.8/3*1.6 + 0.96 + 0.4 + 1.2 + 0.8 + 0.4 + 0.5 + 0.8; !near(s.Risk, 1/(1+math.Exp(-z))) || s.Band != "high" || s.LeaveReason != "indifference" {
		t.Errorf("angry: %+v", s)
	}
	if names, adds := s.AppendReasons(nil, nil, 3); !slices.Equal(names, []string{"repurchase", "grade_slope", "recommend"}) || !near(adds[1], 0.96) {
		t.Errorf("reasons %v, %v", names, adds)
	}
	slow := history(t, []in{{0, customer.Step{Step: event.StepOpened, Category: event.CategoryProduct}}, {1, st(event.StepHandedOff)}, {2, st(event.StepHandedOff)},
		{36, customer.Step{Step: event.StepResolved, Outcome: 2, Process: 4}}})
	s = score(customer.NewResponses(), slow)
	// breached .5, product .2, slow recovery .15, hand-offs .4, fairness .2
	if !near(s.Risk, 1/(1+math.Exp(0.75))) || s.Band != "medium" || s.LeaveReason != "indifference" {
		t.Errorf("slow: %+v", s)
	}
}

func TestTheReasonToLeaveIsWhatMostEvidenceSays(t *testing.T) {
	opened := func(category, reason uint8) *customer.Complaints {
		return history(t, []in{{0, customer.Step{Step: event.StepOpened, Category: category, LeaveReason: reason}}, {1, st(event.StepWithdrawn)}})
	}
	rivals := customer.NewResponses()
	rivals.Apply(customer.Moment{ID: 1, Grade: 4}, true, false)
	for _, x := range []struct {
		r    *customer.Responses
		c    *customer.Complaints
		want string
	}{
		{customer.NewResponses(), opened(0, 0), ""},
		{customer.NewResponses(), opened(event.CategoryProduct, 0), "product"},
		{customer.NewResponses(), opened(event.CategoryPrice, 0), "competitor"},
		{customer.NewResponses(), opened(1, 0), "indifference"},
		{customer.NewResponses(), opened(1, 1), "died"},
		{customer.NewResponses(), opened(event.CategoryProduct, 3), "other_relationship"},
		{rivals, customer.NewComplaints(), "competitor"},
	} {
		if s := score(x.r, x.c); s.LeaveReason != x.want {
			t.Errorf("%q, want %q", s.LeaveReason, x.want)
		}
	}
}

func TestWeightsAreSetByName(t *testing.T) {
	m := customer.DefaultModel()
	if err := m.SetWeights(map[string]float64{"bias": -1, "silent": 2}); err != nil || m.Bias != -1 || m.Weights[customer.Silent] != 2 {
		t.Errorf("%v, %+v", err, m)
	}
	for name, w := range map[string]float64{"mood": 1, "": 1, "bias": math.NaN(), "silent": math.Inf(1)} {
		if err := m.SetWeights(map[string]float64{name: w}); err == nil || !strings.Contains(err.Error(), "weight "+name) {
			t.Errorf("%q = %v: %v", name, w, err)
		}
	}
}
