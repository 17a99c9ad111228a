package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"csatflow/schemas"
)

// Fourteen employees, some of them equally good, of whom three stand at the returns desk, where grades are lower for whoever stands there.
// Each period is a trial: the ranks of all at once must lie within what is said of them.
func TestIntervalsOfRanksHoldTheRanksOfAllEmployeesAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for many stores what one server does as another")
	}
	s, r := viewed(t), rand.New(rand.NewPCG(21, 1))
	const periods, each, employees = 25, 200, 14
	level := func(e int) float64 { return 4.6 + .25*float64(e/3) } // three of each
	database := schemas.QuoteName(s.Database())
	panes, err := s.Conn().PrepareBatch(t.Context(), "INSERT INTO "+database+".satisfaction_panes (resolution, pane_start, scope_kind, scope_id, survey, groups, counters)")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.Conn().PrepareBatch(t.Context(), "INSERT INTO "+database+".responses (partition, offset, appended_at, event_id, occurred_at, customer_id, store_id, employee_id, touchpoint, survey, grade)")
	if err != nil {
		t.Fatal(err)
	}
	offset := int64(0)
	for period := range periods {
		day := firstDay.AddDate(0, 0, period)
		for e := range employees {
			counts := make([]int64, 7)
			for range each {
				touchpoint, mean := "till", level(e)
				if often := .05; r.Float64() < often || e%5 == 4 && r.Float64() < .6 {
					touchpoint, mean = "return", mean-1
				}
				share := spread(mean, 1.2)
				g := drawn(r, &share)
				counts[g]++
				if err := raw.Append(uint32(0), offset, time.Now(), fmt.Sprint(offset), day.Add(12*time.Hour), fmt.Sprint("c", offset), "s1", fmt.Sprintf("e%02d", e), touchpoint, "instant", uint8(g+1)); err != nil {
					t.Fatal(err)
				}
				offset++
			}
			if err := panes.Append(uint32(86400), day, "employee", fmt.Sprintf("e%02d", e), "instant", uint32(1), counts); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, b := range []interface{ Send() error }{panes, raw} {
		if err := b.Send(); err != nil {
			t.Fatal(err)
		}
	}
	held, width, adjusted := 0., 0., 0.
	for period := range periods {
		day := firstDay.AddDate(0, 0, period)
		got := figures(t, s, fmt.Sprintf("SELECT employee_id, %s FROM employee_ranking_between(from = '%s', to = '%s')", columns("rank_low", "rank_high", "adjusted_mean", "mean_grade"), day.Format(time.DateTime), day.AddDate(0, 0, 1).Format(time.DateTime)))
		if len(got) != employees {
			t.Fatalf("period %d has %d employees", period, len(got))
		}
		all := 1.
		for e := range employees {
			rank := 1.
			for o := range employees {
				if level(o) > level(e) {
					rank++
				}
			}
			f := got[fmt.Sprintf("e%02d", e)]
			if rank < f[0] || rank > f[1] {
				all = 0
			}
			width += (f[1] - f[0] + 1) / employees / periods
			if e%5 == 4 {
				adjusted += (f[2] - f[3]) / 2 / periods
			}
		}
		held += all / periods
	}
	t.Logf("all ranks lie within in %.3f of the periods; %.1f ranks of %d are possible on average", held, width, employees)
	if held < .93 {
		t.Errorf("all ranks lie within in %.3f of the periods", held)
	}
	if width > .8*employees || adjusted < .2 {
		t.Errorf("%.1f of %d ranks are possible, and the returns desk is allowed %.2f grades", width, employees, adjusted)
	}
}
