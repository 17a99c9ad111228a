package clickhouse_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/sinks/clickhouse"
)

// call is an invitation, or a response, in a test: what tells who and where.
type call struct {
	customer, terminal, id, store, channel string
	at                                     time.Time
	names                                  string // of a response: the invitation
	grade                                  int
}

func (c *call) fields() map[string]any {
	f := map[string]any{"event_id": c.id, "occurred_at": c.at.Format(time.RFC3339Nano), "customer_id": c.customer, "terminal_id": c.terminal, "store_id": c.store}
	if c.grade > 0 {
		f["grade"], f["invitation_id"] = c.grade, c.names
	} else {
		f["channel"] = c.channel
	}
	return f
}

// inquiry is who was asked and what was said.
type inquiry struct{ asked, said []call }

// write runs the events through a task into the tables, in a random order, some of them twice.
func (q *inquiry) write(t *testing.T, s *clickhouse.Store, r *rand.Rand) {
	t.Helper()
	var events []occurrence
	add := func(topic pipeline.Topic, list []call) {
		for i := range list {
			for range 1 + r.IntN(8)/7 {
				events = append(events, occurrence{topic, cmp.Or(list[i].customer, list[i].terminal), list[i].fields()})
			}
		}
	}
	add(pipeline.Asked, q.asked)
	add(pipeline.Responses, q.said)
	sent(t, s, r, pipeline.DefaultSettings(), events)
}

// answers returns the invitation that a response answers, -1 for none, by looking at each.
func (q *inquiry) answers(a *call) int {
	best := -1
	better := func(fits func(i *call) bool, before func(x, y *call) bool) {
		for k := range q.asked {
			if i := &q.asked[k]; a.at.Sub(i.at) <= clickhouse.DefaultAnswerWindow && fits(i) && (best < 0 || before(&q.asked[best], i)) {
				best = k
			}
		}
	}
	later := func(x, y *call) bool {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.customer, y.customer), cmp.Compare(x.terminal, y.terminal), cmp.Compare(x.id, y.id)) < 0
	}
	switch {
	case a.names != "":
		better(func(i *call) bool {
			return i.id == a.names && i.at.Sub(a.at) <= time.Hour && (a.customer == "" || i.customer == "" || a.customer == i.customer)
		}, func(x, y *call) bool {
			if own := x.customer == a.customer; own != (y.customer == a.customer) {
				return !own
			}
			return later(x, y)
		})
	case a.customer != "":
		better(func(i *call) bool {
			return i.customer == a.customer && !i.at.After(a.at) && (a.store == "" || i.store == "" || a.store == i.store)
		}, func(x, y *call) bool { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.id, y.id)) < 0 })
	}
	return best
}

// randomInquiry has few customers and whole hours, so that invitations compete for responses.
func randomInquiry(r *rand.Rand) *inquiry {
	q := &inquiry{}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	whole := func() time.Time { return firstDay.Add(time.Duration(r.IntN(30*24)) * time.Hour) }
	who := func() (customer, terminal string) {
		if r.IntN(4) == 0 {
			return "", pick("t1", "t2", "t3")
		}
		return fmt.Sprintf("c%02d", r.IntN(60)), pick("", "", "t1")
	}
	for i := range 900 {
		c := call{id: fmt.Sprintf("i%03d", (i*7)%900), store: pick("s0", "s1", ""), channel: pick("till", "email", ""), at: whole()}
		c.customer, c.terminal = who()
		q.asked = append(q.asked, c)
	}
	for i := range 1200 {
		c := call{id: fmt.Sprintf("a%03d", i), store: pick("s0", "s1", "s2", ""), at: whole(), grade: 1 + r.IntN(7)}
		c.customer, c.terminal = who()
		if r.IntN(3) == 0 { // mostly of another customer, or too late
			of := q.asked[r.IntN(len(q.asked))]
			c.names = pick(of.id, of.id, of.id, "unknown")
			if r.IntN(4) > 0 {
				c.customer = of.customer
				if at := of.at.Add(time.Duration(r.IntN(200)-2) * time.Hour); at.Before(firstDay.AddDate(0, 0, 30)) {
					c.at = at
				}
			}
			if c.customer == "" {
				c.terminal = pick("web", "t1")
			}
		}
		q.said = append(q.said, c)
	}
	return q
}

// askedTally is what asked_between says of a scope and step.
type askedTally struct {
	asked, matched, responses, matching float64
	terminals                           map[string]*[3]float64 // invitations, those matched, responses that name none
	until                               time.Time
}

func (q *inquiry) tallies(step time.Duration, from, to time.Time) map[string]*askedTally {
	by := map[string]*askedTally{}
	each := func(c *call, f func(x *askedTally, terminal *[3]float64)) {
		if c.at.Before(from) || !c.at.Before(to) {
			return
		}
		scopes := []string{"all "}
		if c.store != "" {
			scopes = append(scopes, "store "+c.store)
		}
		if c.grade == 0 && c.customer != "" && c.channel != "" {
			scopes = append(scopes, "asked_channel "+c.channel)
		}
		for _, scope := range scopes {
			key := fmt.Sprintf("%d %s", int(c.at.Sub(from)/step), scope)
			if by[key] == nil {
				by[key] = &askedTally{terminals: map[string]*[3]float64{}}
			}
			if by[key].terminals[c.terminal] == nil {
				by[key].terminals[c.terminal] = &[3]float64{}
			}
			f(by[key], by[key].terminals[c.terminal])
		}
	}
	answered := map[int]bool{}
	for k := range q.said {
		a := &q.said[k]
		i := q.answers(a)
		answered[i] = true
		each(a, func(x *askedTally, terminal *[3]float64) {
			x.responses++
			if i >= 0 {
				x.matching++
			}
			if a.customer == "" && a.names == "" {
				terminal[2]++
			}
		})
	}
	for k := range q.asked {
		each(&q.asked[k], func(x *askedTally, terminal *[3]float64) {
			x.asked++
			if until := q.asked[k].at.Add(clickhouse.DefaultAnswerWindow); until.After(x.until) {
				x.until = until
			}
			if answered[k] {
				x.matched++
			}
			if q.asked[k].customer == "" {
				terminal[0]++
				if answered[k] {
					terminal[1]++
				}
			}
		})
	}
	return by
}

func TestAnInvitationIsAnsweredByWhoNamesItOrIsTheCustomersNextResponseAndTerminalsAreCounted(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 2))
	q := randomInquiry(r)
	from, to := firstDay.AddDate(0, 0, 3), firstDay.AddDate(0, 0, 27)
	// What is answered lies after the period, though an invitation of the period would do.
	q.asked = append(q.asked, call{customer: "edge", id: "e1", store: "s9", at: to.Add(-time.Hour)}, call{customer: "edge", id: "e2", store: "s9", at: to.Add(time.Hour)})
	q.said = append(q.said, call{customer: "edge", id: "e3", store: "s9", at: to.Add(2 * time.Hour), grade: 4})
	s := opened(t)
	q.write(t, s, r)
	var latest time.Time
	for _, a := range q.said {
		if a.at.After(latest) {
			latest = a.at
		}
	}
	for _, step := range []struct{ resolution, length int }{{86400, 4 * 86400}, {3600, 6 * 3600}, {60, 24 * 86400}} {
		want, ends, ripe := map[string][]float64{}, map[string][]float64{}, 0.
		for key, x := range q.tallies(time.Duration(step.length)*time.Second, from, to) {
			if x.asked == 0 {
				continue
			}
			over, anonymous, counted := 0., 0., 0.
			for _, c := range x.terminals {
				anonymous += c[0]
				counted += math.Min(c[0]-c[1], c[2])
			}
			if !x.until.After(latest) {
				over = 1
			}
			ripe += over
			answered := x.matched + counted
			low, high := shareInterval(answered, x.asked)
			want[key] = []float64{x.asked, answered, answered / x.asked, over, anonymous, x.responses - x.matching - counted}
			ends[key] = []float64{low, high}
		}
		if step.length < 24*86400 && (ripe == 0 || ripe == float64(len(want))) {
			t.Fatalf("of %d rows %v are ripe: some are to be, and some not", len(want), ripe)
		}
		rows := func(names ...string) map[string][]float64 {
			return figures(t, s, fmt.Sprintf("SELECT concat(toString(intDiv(dateDiff('second', toDateTime('%[3]s', 'UTC'), step_start), %[2]d)), ' ', scope_kind, ' ', scope_id), %[5]s FROM asked_between(resolution = %[1]d, step_s = %[2]d, from = '%[3]s', to = '%[4]s')",
				step.resolution, step.length, from.Format(time.DateTime), to.Format(time.DateTime), columns(names...)))
		}
		what := fmt.Sprintf("asked_between by %d s", step.length)
		same(t, what, want, rows("asked", "asked_answered", "asked_response_rate", "asked_response_rate_ripe", "asked_counted", "unasked_responses"))
		near(t, what, .012, ends, rows("asked_response_rate_low", "asked_response_rate_high"))
		for key := range rows("asked") {
			if want[key] == nil {
				t.Errorf("%s: %s is not to be there", what, key)
			}
		}
	}
}

// TestWhoWasAskedByHand is small enough to be counted by hand.
func TestWhoWasAskedByHand(t *testing.T) {
	at := func(hours int) time.Time { return firstDay.Add(time.Duration(hours) * time.Hour) }
	q := &inquiry{
		asked: []call{
			{customer: "ann", id: "1", store: "s1", channel: "email", at: at(1)}, // answered by a response that names it, after two days
			{customer: "bob", id: "2", store: "s1", channel: "till", at: at(2)},  // answered in the same store
			{customer: "bob", id: "3", store: "s1", channel: "till", at: at(4)},  // not answered: the next response is in another store
			{customer: "cy", id: "4", channel: "email", at: at(5)},               // not answered within a week
			{terminal: "t1", id: "5", store: "s2", at: at(6)},                    // three at a terminal, which has two responses
			{terminal: "t1", id: "6", store: "s2", at: at(7)},
			{terminal: "t1", id: "7", store: "s2", at: at(8)},
		},
		said: []call{
			{terminal: "web", id: "a", names: "1", at: at(49), grade: 5},
			{customer: "bob", id: "b", store: "s1", at: at(3), grade: 6},
			{customer: "bob", id: "c", store: "s2", at: at(9), grade: 6},
			{customer: "cy", id: "d", at: at(5 + 7*24 + 1), grade: 2},
			{terminal: "t1", id: "e", store: "s2", at: at(6), grade: 1},
			{terminal: "t1", id: "f", store: "s2", at: at(8), grade: 7},
		},
	}
	s := opened(t)
	q.write(t, s, rand.New(rand.NewPCG(1, 1)))
	got := figures(t, s, fmt.Sprintf("SELECT concat(scope_kind, ' ', scope_id), %s FROM asked_between(resolution = 86400, step_s = 86400, from = '%s', to = '%s')",
		columns("asked", "asked_answered", "asked_counted", "unasked_responses"), firstDay.Format(time.DateTime), firstDay.AddDate(0, 0, 1).Format(time.DateTime)))
	same(t, "asked_between", map[string][]float64{
		"all ":                {7, 4, 3, 1},
		"store s1":            {3, 2, 0, 0},
		"store s2":            {3, 2, 3, 1},
		"asked_channel email": {2, 1, 0, 0},
		"asked_channel till":  {2, 1, 0, 0},
	}, got)
}

func TestWhereNobodyWasAskedThereIsNoRow(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	q := randomInquiry(r)
	q.asked = nil
	s := opened(t)
	q.write(t, s, r)
	got := figures(t, s, "SELECT concat(scope_kind, ' ', scope_id), [1.] FROM asked_between(resolution = 3600, step_s = 3600, from = '2025-09-01 00:00:00', to = '2025-10-01 00:00:00')")
	if len(got) > 0 {
		t.Error(got)
	}
}

// TestTheHappyAreAskedMoreOftenOnlyBeyondChance: of the last purchase of each customer, and the last grade before it.
func TestTheHappyAreAskedMoreOftenOnlyBeyondChance(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 9))
	m := randomMarket(r)
	from, to := firstDay.AddDate(0, 0, 2), firstDay.AddDate(0, 0, 18)
	for i := range 60 { // more customers, of whom in store s1 mostly the happy are asked
		at, happy := from.Add(time.Duration(10+r.IntN(300))*time.Hour), i%2 == 0
		customer, grade := fmt.Sprintf("d%02d", i), 2
		if happy {
			grade = 6
		}
		m.bills = append(m.bills, bill{customer: customer, id: customer, store: "s1", at: at, amount: 1})
		m.replies = append(m.replies, reply{customer: customer, id: customer, store: "s0", at: at.Add(-time.Hour), grade: grade})
		if happy == (i%10 > 0) {
			m.asked = append(m.asked, call{customer: customer, id: customer, store: "s1", at: at.Add(time.Minute)})
		}
	}
	for i := range m.bills {
		if b := &m.bills[i]; r.IntN(3) == 0 && b.id[0] == 'b' {
			m.asked = append(m.asked, call{customer: b.customer, id: fmt.Sprintf("i%d", i), store: []string{b.store, "", "s2"}[r.IntN(3)], at: b.at.Add(time.Duration(r.IntN(27)-2) * time.Hour)})
		}
	}
	s := opened(t)
	m.write(t, s, r)
	last := map[[2]string]*bill{}
	graded := func(b *bill) (grade int) {
		var latest *reply
		for k := range m.replies {
			if a := &m.replies[k]; a.customer == b.customer && a.brand == "" && a.survey == "" && a.at.Before(b.at) && (latest == nil || cmp.Or(latest.at.Compare(a.at), cmp.Compare(latest.id, a.id)) < 0) {
				latest, grade = a, a.grade
			}
		}
		return grade
	}
	for i := range m.bills {
		b := &m.bills[i]
		if b.amount <= 0 || b.at.Before(from) || !b.at.Before(to) || graded(b) == 0 {
			continue
		}
		for _, scope := range []string{"all ", "store " + b.store} {
			key := [2]string{scope, b.customer}
			if scope != "store " && (last[key] == nil || laterBill(last[key], b) < 0) {
				last[key] = b
			}
		}
	}
	counts := map[string]*[4]float64{} // happy, of them asked, unhappy, of them asked
	for key, b := range last {
		if counts[key[0]] == nil {
			counts[key[0]] = &[4]float64{}
		}
		at := -1
		if grade := graded(b); grade >= 5 {
			at = 0
		} else if grade <= 3 {
			at = 2
		}
		if at < 0 {
			continue
		}
		counts[key[0]][at]++
		for _, c := range m.asked {
			if after := c.at.Sub(b.at); c.customer == b.customer && after >= -time.Hour && after <= 24*time.Hour && (c.store == "" || b.store == "" || c.store == b.store) {
				counts[key[0]][at+1]++
				break
			}
		}
	}
	want, ends := map[string][]float64{}, map[string][]float64{}
	for scope, n := range counts {
		happy, unhappy := n[1]/n[0], n[3]/n[2]
		low, high := shareInterval(n[1], n[0])
		lowest, highest := shareInterval(n[3], n[2])
		want[scope] = []float64{n[0], happy, n[2], unhappy, happy - unhappy}
		ends[scope] = []float64{happy - unhappy - math.Hypot(happy-low, highest-unhappy), happy - unhappy + math.Hypot(high-happy, unhappy-lowest)}
	}
	for _, kind := range []string{"all", "store"} {
		rows := func(names ...string) map[string][]float64 {
			return figures(t, s, fmt.Sprintf("SELECT concat(scope_kind, ' ', scope_id), %s FROM asked_by_grade_between(from = '%s', to = '%s', scope_kind = '%s')", columns(names...), from.Format(time.DateTime), to.Format(time.DateTime), kind))
		}
		of := func(all map[string][]float64) map[string][]float64 {
			some := map[string][]float64{}
			for scope, v := range all {
				if strings.HasPrefix(scope, kind+" ") {
					some[scope] = v
				}
			}
			return some
		}
		same(t, "asked_by_grade_between of "+kind, of(want), rows("happy_customers", "asked_happy_share", "unhappy_customers", "asked_unhappy_share", "asked_difference"))
		near(t, "asked_by_grade_between of "+kind, .012, of(ends), rows("asked_difference_low", "asked_difference_high"))
	}
	if ends["store s1"][0] <= 0 || ends["store s0"][0] > 0 {
		t.Errorf("store s1 asks the happy, and store s0 does not: %v", ends)
	}
}
