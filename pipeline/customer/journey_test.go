package customer_test

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
)

type dayOf struct {
	series pane.SeriesRef
	day    pane.Start
}

func TestJourneysCountAsByBruteForce(t *testing.T) {
	for seed := range uint64(100) {
		r, g, calendar := rand.New(rand.NewPCG(seed, 3)), registry(), pane.NewCalendar(time.UTC)
		h := customer.NewResponses()
		got, want, clean := map[dayOf][2]int64{}, map[dayOf][2]int64{}, map[dayOf]bool{}
		for i := range 60 {
			d := pane.Dims{pane.Store: []string{"", "s1", "s2"}[r.IntN(3)], pane.Source: []string{"pos", "call"}[r.IntN(2)]}
			m := customer.Moment{At: r.Int64N(8 * 24 * hour), ID: uint64(i), Dims: g.RefOf(&d, "", "instant", ""), Grade: uint8(2 + r.IntN(6)), Survey: 1}
			if r.IntN(6) == 0 {
				m.Survey, m.Dims = 2, g.RefOf(&d, "", "comprehensive", "")
			}
			for _, c := range h.Journey(&m, g, calendar, nil) {
				k := dayOf{c.Series, calendar.Day(m.At)}
				got[k] = [2]int64{got[k][0] + c.Customers, got[k][1] + c.Clean}
			}
			h.Apply(m, false, false)
			for _, s := range g.Scopes(m.Dims) {
				if k := (dayOf{s, calendar.Day(m.At)}); s != pane.NoSeries && m.Survey == 1 {
					before, has := clean[k]
					clean[k] = (before || !has) && m.Grade > 3
				}
			}
		}
		for k, c := range clean {
			want[k] = [2]int64{1, 0}
			if c {
				want[k] = [2]int64{1, 1}
			}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d: %v, want %v", seed, got, want)
		}
	}
}

func TestAResponseThatLeavesTheHistoryKeepsWhatItGave(t *testing.T) {
	g, calendar := registry(), pane.NewCalendar(time.UTC)
	dims := g.RefOf(&pane.Dims{}, "", "instant", "")
	h := customer.NewResponses()
	give := func(i int, at int64, grade uint8) (changes int) {
		m := customer.Moment{At: at, ID: uint64(i), Dims: dims, Grade: grade, Survey: 1}
		changes = len(h.Journey(&m, g, calendar, nil))
		h.Apply(m, false, false)
		return changes
	}
	const n = customer.MaxMoments + 10
	for i := range n {
		give(i, int64(i)*24*hour, 5)
	}
	if len(h.Moments) != customer.MaxMoments || h.Left != 9*24*hour || h.Moments[0].At != 10*24*hour || h.Count != n || h.GradeSum != 5*n {
		t.Errorf("%d moments, left %d, count %d, sum %d", len(h.Moments), h.Left, h.Count, h.GradeSum)
	}
	if give(n, 9*24*hour+1, 1) != 0 {
		t.Error("a day of which a response has left counts again")
	}
	if give(n+1, 5*24*hour, 1) != 0 {
		t.Error("an earlier day counts again")
	}
	if h.Count != n+2 || h.GradeSum != 5*n+2 || h.Absorbed() != n+2 {
		t.Errorf("late responses are not counted: %d, %d", h.Count, h.GradeSum)
	}
	if give(n+2, 20*24*hour+1, 1) != 1 {
		t.Error("a bad response on a day that is kept spoils it")
	}
}
