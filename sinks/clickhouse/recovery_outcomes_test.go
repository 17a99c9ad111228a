package clickhouse_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/sinks/clickhouse"
)

// watched is a complaint in a test: its customer has no other.
type watched struct {
	store                 string
	opened, ended         time.Time // ended is zero while it is open
	withdrawn, reopened   bool
	before, after         []int // grades, a day apart, up to the opening and from the resolution
	left, boughtAfterLeft time.Time
}

func (w *watched) resolved() bool { return !w.ended.IsZero() && !w.withdrawn && !w.reopened }

// seconds is how long it was watched until the end of what is known.
func (w *watched) seconds(end time.Time) int64 {
	if !w.ended.IsZero() && !w.reopened {
		end = w.ended
	}
	return int64(end.Sub(w.opened) / time.Second)
}

// complaintLog runs what happened through a task into the tables.
type complaintLog struct {
	logs [pipeline.Topics][]pipeline.Record
}

func (l *complaintLog) put(topic pipeline.Topic, customer string, at time.Time, fields map[string]any) {
	n := len(l.logs[topic])
	fields["event_id"], fields["occurred_at"], fields["customer_id"] = fmt.Sprintf("%s-%d", topic, n), at.Format(time.RFC3339), customer
	l.logs[topic] = append(l.logs[topic], record(topic, n, customer, fields))
}

func (l *complaintLog) store(t *testing.T, s *clickhouse.Store, complaints []watched) {
	t.Helper()
	for i := range complaints {
		w, customer := &complaints[i], fmt.Sprintf("c%03d", i)
		step := func(name string, at time.Time) {
			l.put(pipeline.Complaints, customer, at, map[string]any{"complaint_id": "k", "step": name, "store_id": w.store})
		}
		grade := func(g int, at time.Time) {
			l.put(pipeline.Responses, customer, at, map[string]any{"grade": g, "store_id": "elsewhere"})
		}
		step("opened", w.opened)
		switch {
		case w.ended.IsZero():
		case w.withdrawn:
			step("withdrawn", w.ended)
		default:
			step("resolved", w.ended)
		}
		if w.reopened {
			step("reopened", w.ended.Add(time.Second))
		}
		for j, g := range w.before {
			grade(g, w.opened.AddDate(0, 0, -len(w.before)+j))
		}
		for j, g := range w.after {
			grade(g, w.ended.AddDate(0, 0, 1+j))
		}
		if !w.left.IsZero() {
			l.put(pipeline.Departures, customer, w.left, map[string]any{})
		}
		if !w.boughtAfterLeft.IsZero() {
			l.put(pipeline.Purchases, customer, w.boughtAfterLeft, map[string]any{"amount": 3.5})
		}
	}
	task := pipeline.NewTask(0, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	for topic := range l.logs {
		for i := range l.logs[topic] {
			task.Apply(&l.logs[topic][i])
		}
	}
	f := task.Flush()
	if len(f.Dead) > 0 {
		t.Fatalf("%s: %s", f.Dead[0].Value, f.Dead[0].Reason)
	}
	save(t, s, f)
}

// lastMinute is the minute that a stranger's response in it makes the latest one.
func (l *complaintLog) lastMinute(at time.Time) {
	l.put(pipeline.Responses, "stranger", at, map[string]any{"grade": 7})
}

func outcomes(t *testing.T, s *clickhouse.Store, from, to time.Time, names ...string) map[string][]float64 {
	t.Helper()
	return figures(t, s, fmt.Sprintf("SELECT concat(scope_kind, ' ', scope_id), %s FROM recovery_outcomes_between(from = '%s', to = '%s')", columns(names...), from.Format(time.DateTime), to.Format(time.DateTime)))
}

// Remissions under 6-MP and under a placebo in weeks, Freireich et al. 1963 (gehan of R's MASS). The survival curve and its median of 23 weeks
// are in Kalbfleisch and Prentice 2002; it ends at 0.448, above 0.1. Without censoring the
// interval is Clopper and Pearson's turned round: of the placebo's 21 at least 14 and at most 4 outlast 4 and 12 weeks, as in R's survfit.
func TestQuantilesOfRecoveryAreKaplanMeiersOnAPublishedStudy(t *testing.T) {
	var complaints []watched
	end := firstDay.AddDate(2, 0, 0).AddDate(-1, 0, 0)
	week := 7 * 24 * time.Hour
	for _, x := range []int{6, 6, 6, 7, 10, 13, 16, 22, 23} {
		at := end.Add(-40 * week)
		complaints = append(complaints, watched{store: "6-MP", opened: at, ended: at.Add(time.Duration(x) * week)})
	}
	for i, x := range []int{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35} {
		w := watched{store: "6-MP", opened: end.Add(-time.Duration(x) * week)} // still open
		if i%2 == 0 {
			w.opened, w.ended, w.withdrawn = w.opened.Add(-week), end.Add(-week), true
		}
		complaints = append(complaints, w)
	}
	for _, x := range []int{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23} {
		at := end.Add(-40 * week)
		complaints = append(complaints, watched{store: "placebo", opened: at, ended: at.Add(time.Duration(x) * week)})
	}
	s, l := viewed(t), complaintLog{}
	l.lastMinute(end.Add(-time.Minute))
	l.store(t, s, complaints)
	got := outcomes(t, s, end.AddDate(-1, 0, 0), end, "complaints", "resolved_so_far", "unresolved", "km_recovery_p50 / 604800", "km_recovery_p50_low / 604800", "km_recovery_p50_high / 604800", "km_recovery_p90 / 604800")
	delete(got, "all ")
	same(t, "recovery_outcomes_between", map[string][]float64{"store 6-MP": {21, 9, 12, 23, 11, math.NaN(), math.NaN()}, "store placebo": {21, 21, 0, 8, 4, 12, 17}}, got)
}

// kaplanMeier returns the least time at which at most a share of 1 - q is unresolved, in exact fractions.
func kaplanMeier(complaints []watched, end time.Time, num, den int64) float64 {
	survival, least := big.NewRat(1, 1), big.NewRat(den-num, den)
	var times []int64
	for i := range complaints {
		if complaints[i].resolved() {
			times = append(times, complaints[i].seconds(end))
		}
	}
	slices.Sort(times)
	for _, x := range slices.Compact(times) {
		var events, risk int64
		for i := range complaints {
			if w := &complaints[i]; w.seconds(end) >= x {
				risk++
				if w.resolved() && w.seconds(end) == x {
					events++
				}
			}
		}
		if survival.Mul(survival, big.NewRat(risk-events, risk)); survival.Cmp(least) <= 0 {
			return float64(x)
		}
	}
	return math.NaN()
}

// plainOutcomes computes the row of a scope from its complaints.
func plainOutcomes(complaints []watched, end time.Time) []float64 {
	var resolved, good, known, gain, paired float64
	mean := func(grades []int) float64 {
		var sum int
		for _, g := range grades {
			sum += g
		}
		return float64(sum) / float64(len(grades))
	}
	for i := range complaints {
		w := &complaints[i]
		if !w.resolved() {
			continue
		}
		resolved++
		gone := !w.left.IsZero() && w.boughtAfterLeft.IsZero() && !w.left.Before(w.opened) && !w.left.After(w.ended.AddDate(0, 0, 90))
		if gone || len(w.after) > 0 {
			known++
		}
		if !gone && len(w.after) > 0 && w.after[0] >= 5 {
			good++
		}
		if len(w.before) > 0 && len(w.after) > 0 {
			paired, gain = paired+1, gain+mean(w.after)-mean(w.before)
		}
	}
	n := float64(len(complaints))
	return []float64{n, resolved, n - resolved, kaplanMeier(complaints, end, 1, 2), kaplanMeier(complaints, end, 9, 10), good / resolved, good / known, gain / paired, paired}
}

func TestRecoveryOutcomesAreThoseOfExactFractionsOverRandomHistories(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	end := firstDay.AddDate(0, 8, 0)
	from, to := firstDay.AddDate(0, 1, 0), firstDay.AddDate(0, 4, 0)
	var complaints []watched
	grades := func() (list []int) {
		for range r.IntN(4) {
			list = append(list, 1+r.IntN(7))
		}
		return list
	}
	for i := range 500 {
		// Stores differ: all of s0 are closed, few of s4. Whole hours make ties, also of resolved with withdrawn ones.
		w := watched{store: fmt.Sprintf("s%d", i%5), opened: firstDay.Add(time.Duration(r.IntN(150*24)) * time.Hour), before: grades()}
		if r.IntN(10) < 10-2*(i%5) {
			w.ended = w.opened.Add(time.Duration(1+r.IntN(40)) * time.Hour)
			w.withdrawn = r.IntN(20) == 0
			w.reopened = !w.withdrawn && r.IntN(20) == 0
			w.after = grades()
			if r.IntN(3) == 0 {
				w.left = w.opened.AddDate(0, 0, r.IntN(140)-20)
				if r.IntN(3) == 0 {
					w.boughtAfterLeft = w.left.Add(time.Hour)
				}
			}
		}
		complaints = append(complaints, w)
	}
	s, l := viewed(t), complaintLog{}
	l.lastMinute(end.Add(-30 * time.Second))
	l.store(t, s, complaints)
	want := map[string][]float64{}
	in := slices.DeleteFunc(slices.Clone(complaints), func(w watched) bool { return w.opened.Before(from) || !w.opened.Before(to) })
	want["all "] = plainOutcomes(in, end)
	for _, store := range []string{"s0", "s1", "s2", "s3", "s4"} {
		want["store "+store] = plainOutcomes(slices.DeleteFunc(slices.Clone(in), func(w watched) bool { return w.store != store }), end)
	}
	if math.IsNaN(want["store s0"][4]) || !math.IsNaN(want["store s4"][3]) {
		t.Fatalf("the histories are to reach a quantile in one store and not in another: %v", want)
	}
	same(t, "recovery_outcomes_between", want, outcomes(t, s, from, to, "complaints", "resolved_so_far", "unresolved", "km_recovery_p50", "km_recovery_p90", "recovered_of_all", "recovered_of_known", "recovery_paradox_within", "paradox_complaints"))
}

// Recovery times are exponential with a median of ten hours, and a third of the complaints is looked at before it is resolved.
func TestIntervalsOfRecoveryOutcomesCover(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for many stores what one server does as another")
	}
	r := rand.New(rand.NewPCG(8, 12))
	end := firstDay.AddDate(0, 2, 0)
	const stores, recovery, gain = 250, .7, .5
	for _, n := range []int{4, 30} {
		var complaints []watched
		for store := range stores {
			for range n {
				hours := 10 * r.ExpFloat64() / math.Ln2
				w := watched{store: fmt.Sprintf("s%d", store), opened: end.Add(-time.Duration(float64(time.Hour) * 40 * r.Float64())).Truncate(time.Second)}
				w.before = []int{1 + r.IntN(3) + r.IntN(3)}
				if at := w.opened.Add(time.Duration(hours * float64(time.Hour))).Truncate(time.Second); at.Before(end) {
					w.ended = at
					g := 1 + r.IntN(4)
					if r.Float64() < recovery {
						g = 5 + r.IntN(3)
					}
					if at.Before(end.AddDate(0, 0, -1)) { // the grade is of the day after
						w.after = []int{g}
					}
				}
				complaints = append(complaints, w)
			}
		}
		s, l := viewed(t), complaintLog{}
		l.lastMinute(end.Add(-time.Minute))
		l.store(t, s, complaints)
		truth := map[string]float64{"km_recovery_p50": 36000, "recovered_of_known": recovery, "recovery_paradox_within": recovery*6 + (1-recovery)*2.5 - 3}
		for name, value := range truth {
			hits, all := 0., 0.
			for scope, f := range outcomes(t, s, firstDay, end, name+"_low", name+"_high") {
				if scope == "all " || math.IsNaN(f[0]) { // nothing is known of it
					continue
				}
				all++
				if f[0] <= value && (value <= f[1] || math.IsNaN(f[1])) {
					hits++
				}
			}
			t.Logf("%d complaints, %s: %.3f of %v", n, name, hits/all, all)
			if hits/all < .93 || n == 30 && all < stores*.9 {
				t.Errorf("%d complaints: the interval of %s covers %.3f of %v", n, name, hits/all, all)
			}
		}
	}
}

func TestIntervalsOfRecoveryTimesAndSharesCover(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for many stores what one server does as another")
	}
	r := rand.New(rand.NewPCG(9, 13))
	const stores, recovery = 250, .7
	for _, n := range []int{2, 6, 40} {
		var complaints []watched
		for store := range stores {
			for range n {
				w := watched{store: fmt.Sprintf("s%d", store), opened: firstDay.Add(time.Duration(r.IntN(86400)) * time.Second), after: []int{4}}
				w.ended = w.opened.Add(time.Duration(10 * r.ExpFloat64() / math.Ln2 * float64(time.Hour))).Truncate(time.Second)
				if r.Float64() < recovery {
					w.after = []int{6}
				}
				complaints = append(complaints, w)
			}
		}
		s, l := viewed(t), complaintLog{}
		l.store(t, s, complaints)
		for name, truth := range map[string]float64{"recovery_p50": 36000, "recovery_p90": 36000 * math.Log2(10), "recovered": recovery} {
			hits := 0.
			query := "SELECT scope_id, " + columns(name+"_low", name+"_high") + " FROM rolling_recovery(window_s = 31536000, step_s = 31536000, from = '2025-06-01 00:00:00', to = '2026-06-01 00:00:00') WHERE scope_kind = 'store'"
			if name == "recovered" {
				query += " AND scope_id != 'elsewhere'"
			}
			got := figures(t, s, query)
			for _, f := range got {
				if f[0] <= truth*1.01 && (truth*.99 <= f[1] || math.IsNaN(f[1])) { // the histogram is exact to 1 %
					hits++
				}
			}
			t.Logf("%d complaints, %s: %.3f of %d", n, name, hits/float64(len(got)), len(got))
			if hits/float64(len(got)) < .93 || len(got) < stores {
				t.Errorf("%d complaints: the interval of %s covers %.3f of %d", n, name, hits/float64(len(got)), len(got))
			}
		}
	}
}

func TestTheVoiceRateOfAPaneIsRipeSevenDaysAfterItsEnd(t *testing.T) {
	s, l := viewed(t), complaintLog{}
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for _, day := range []time.Duration{7*24*time.Hour + 61*time.Minute, 7*24*time.Hour + 59*time.Minute, 0} {
		l.put(pipeline.Responses, "c1", at.Add(-day), map[string]any{"grade": 2})
	}
	l.store(t, s, nil)
	got := figures(t, s, "SELECT formatDateTime(pane_start, '%d %H'), "+columns("voice_rate_ripe")+" FROM satisfaction WHERE resolution = 3600 AND scope_kind = 'all'")
	same(t, "satisfaction by the hour", map[string][]float64{"03 10": {1}, "03 11": {1}, "10 12": {0}}, got)
	got = figures(t, s, "SELECT formatDateTime(pane_start, '%d'), "+columns("voice_rate_ripe")+" FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'")
	same(t, "satisfaction by the day", map[string][]float64{"03": {0}, "10": {0}}, got)
	got = figures(t, s, "SELECT formatDateTime(window_end, '%d %H:%i'), "+columns("voice_rate_ripe")+" FROM rolling_satisfaction(window_s = 3600, step_s = 1800, from = '2026-03-03 11:30:00', to = '2026-03-03 12:30:00') WHERE scope_kind = 'all'")
	same(t, "rolling_satisfaction", map[string][]float64{"03 11:30": {1}, "03 12:00": {1}}, got)
}
