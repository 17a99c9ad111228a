package clickhouse_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/sinks/clickhouse"
)

// bill is a purchase in a test, reply a response.
type bill struct {
	customer, id, store, category, order string
	at                                   time.Time
	amount                               float64
}

type reply struct {
	customer, terminal, id, store, category, order, brand, survey string
	at                                                            time.Time
	grade                                                         int
}

// market is what was bought and said.
type market struct {
	bills   []bill
	replies []reply
	opened  []time.Time // complaints, in store s0
	asked   []call
}

// write runs the events through a task into the tables, in a random order, some of them twice.
func (m *market) write(t *testing.T, s *clickhouse.Store, r *rand.Rand) {
	t.Helper()
	m.writeWith(t, s, r, pipeline.DefaultSettings())
}

func (m *market) writeWith(t *testing.T, s *clickhouse.Store, r *rand.Rand, set *pipeline.Settings) {
	t.Helper()
	var events []occurrence
	add := func(topic pipeline.Topic, key, id string, at time.Time, fields map[string]any) {
		fields["event_id"], fields["occurred_at"] = id, at.Format(time.RFC3339Nano)
		events = append(events, occurrence{topic, key, fields})
		if r.IntN(10) == 0 {
			events = append(events, events[len(events)-1])
		}
	}
	for _, b := range m.bills {
		add(pipeline.Purchases, b.customer, b.id, b.at, map[string]any{"customer_id": b.customer, "store_id": b.store, "region": "r" + b.store, "product_category": b.category, "order_id": b.order, "amount": b.amount})
	}
	for _, a := range m.replies {
		add(pipeline.Responses, cmp.Or(a.customer, a.terminal), a.id, a.at, map[string]any{"customer_id": a.customer, "terminal_id": a.terminal, "store_id": a.store, "region": "r" + a.store, "product_category": a.category,
			"order_id": a.order, "brand": a.brand, "survey": a.survey, "grade": a.grade})
	}
	for _, c := range m.asked {
		add(pipeline.Asked, cmp.Or(c.customer, c.terminal), c.id, c.at, c.fields())
	}
	for i, at := range m.opened {
		add(pipeline.Complaints, "complainer", fmt.Sprintf("k%d", i), at, map[string]any{"customer_id": "complainer", "complaint_id": fmt.Sprintf("k%d", i), "step": "opened", "store_id": "s0", "region": "rs0"})
	}
	sent(t, s, r, set, events)
}

// occurrence is an event of a test, with the key of its message.
type occurrence struct {
	topic  pipeline.Topic
	key    string
	fields map[string]any
}

// sent runs events through a task into the tables, in a random order.
func sent(t *testing.T, s *clickhouse.Store, r *rand.Rand, set *pipeline.Settings, events []occurrence) {
	t.Helper()
	r.Shuffle(len(events), func(i, k int) { events[i], events[k] = events[k], events[i] })
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	var next [pipeline.Topics]int
	for _, e := range events {
		rec := record(e.topic, next[e.topic], e.key, e.fields)
		next[e.topic]++
		task.Apply(&rec)
	}
	f := task.Flush()
	if len(f.Dead) > 0 {
		t.Fatalf("%s: %s", f.Dead[0].Value, f.Dead[0].Reason)
	}
	save(t, s, f)
}

func laterBill(a, b *bill) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
}

// answers returns the bill that a reply answers, -1 for none, by looking at each.
func (m *market) answers(a *reply) int {
	if a.customer == "" || a.brand != "" || a.survey == "comprehensive" {
		return -1
	}
	best := func(fits func(b *bill) bool) int {
		at := -1
		for i := range m.bills {
			if b := &m.bills[i]; b.amount > 0 && b.customer == a.customer && !b.at.After(a.at) && fits(b) && (at < 0 || laterBill(b, &m.bills[at]) > 0) {
				at = i
			}
		}
		return at
	}
	if a.order != "" {
		if i := best(func(b *bill) bool { return b.order == a.order }); i >= 0 && a.at.Sub(m.bills[i].at) <= 7*24*time.Hour {
			return i
		}
	}
	i := best(func(b *bill) bool { return b.store == a.store && (a.order == "" || b.order == "") })
	if i >= 0 && a.at.Sub(m.bills[i].at) <= 24*time.Hour {
		return i
	}
	return -1
}

// grades returns the grade of the first answer to each bill that has one.
func (m *market) grades() map[int]int {
	first := map[int]*reply{}
	for k := range m.replies {
		a := &m.replies[k]
		if i := m.answers(a); i >= 0 && (first[i] == nil || cmp.Or(a.at.Compare(first[i].at), cmp.Compare(a.id, first[i].id)) < 0) {
			first[i] = a
		}
	}
	grades := map[int]int{}
	for i, a := range first {
		grades[i] = a.grade
	}
	return grades
}

// shareInterval is Wilson's interval, and Clopper and Pearson's below ten.
func shareInterval(k, n float64) (low, high float64) {
	if n >= 10 {
		return wilson(k, n)
	}
	high = 1
	if k > 0 {
		low = distuv.Beta{Alpha: k, Beta: n - k + 1}.Quantile(.025)
	}
	if k < n {
		high = distuv.Beta{Alpha: k + 1, Beta: n - k}.Quantile(.975)
	}
	return low, high
}

// wilson returns Wilson's interval of a share.
func wilson(k, n float64) (low, high float64) {
	const z = 1.959963984540054
	p := k / n
	middle, half := p+z*z/2/n, z*math.Sqrt(p*(1-p)/n+z*z/4/n/n)
	return math.Max(0, (middle-half)/(1+z*z/n)), math.Min(1, (middle+half)/(1+z*z/n))
}

// randomMarket has few customers and whole hours, so that bills compete for replies.
func randomMarket(r *rand.Rand) *market {
	m := &market{}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	at := func() time.Time { return firstDay.Add(time.Duration(r.IntN(20*24)) * time.Hour) }
	for i := range 900 {
		b := bill{customer: fmt.Sprintf("c%02d", r.IntN(40)), id: fmt.Sprintf("b%03d", r.IntN(1000)*1000+i), store: pick("s0", "s1", "s1", ""), category: pick("", "x", "y"), order: pick("", "", "o1", "o2", "o3"), at: at(), amount: 1 + 9*r.Float64()}
		if r.IntN(15) == 0 {
			b.amount = -b.amount
		}
		m.bills = append(m.bills, b)
	}
	for i := range 1500 {
		a := reply{customer: fmt.Sprintf("c%02d", r.IntN(45)), id: fmt.Sprintf("a%03d", i), store: pick("s0", "s1", "s2", ""), category: pick("", "x", "z"), order: pick("", "", "", "o1", "o2", "o4"), at: at(), grade: 1 + r.IntN(7)}
		switch r.IntN(12) {
		case 0:
			a.customer, a.terminal = "", pick("t1", "t2")
		case 1:
			a.brand = "rival"
		case 2:
			a.survey = "comprehensive"
		}
		m.replies = append(m.replies, a)
	}
	for range 50 {
		m.opened = append(m.opened, at())
	}
	return m
}

func scopesOf(store, category string) []string {
	list := []string{"all "}
	if store != "" {
		list = append(list, "store "+store)
	}
	if category != "" {
		list = append(list, "product_category "+category)
	}
	return append(list, "region r"+store)
}

func TestAPurchaseIsAnsweredByWhoNamesItsOrderOrComesBackToTheStoreWithinADay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	m := randomMarket(r)
	from, to := firstDay.AddDate(0, 0, 2), firstDay.AddDate(0, 0, 18)
	// What is answered lies after the period, though a purchase of the period would do.
	m.bills = append(m.bills, bill{customer: "edge", id: "e1", store: "s9", at: to.Add(-time.Hour), amount: 1}, bill{customer: "edge", id: "e2", store: "s9", at: to.Add(time.Hour), amount: 1})
	m.replies = append(m.replies, reply{customer: "edge", id: "e3", store: "s9", at: to.Add(2 * time.Hour), grade: 4})
	s := viewed(t)
	m.write(t, s, r)
	grades := m.grades()
	var latest time.Time
	for _, a := range m.replies {
		if a.brand == "" && a.survey == "" && a.at.After(latest) {
			latest = a.at
		}
	}
	for _, at := range m.opened {
		if at.After(latest) {
			latest = at
		}
	}
	for _, step := range []struct{ resolution, length int }{{86400, 4 * 86400}, {3600, 6 * 3600}, {60, 16 * 86400}} {
		type sums struct {
			purchases, answered, responses, unmatched, opened float64
			until                                             time.Time
		}
		by := map[string]*sums{}
		of := func(at time.Time, scope string) *sums {
			key := fmt.Sprintf("%d %s", int(at.Sub(from)/time.Second)/step.length, scope)
			if by[key] == nil {
				by[key] = &sums{}
			}
			return by[key]
		}
		in := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
		for i, b := range m.bills {
			if b.amount <= 0 || !in(b.at) {
				continue
			}
			for _, scope := range scopesOf(b.store, b.category) {
				x := of(b.at, scope)
				x.purchases++
				until := b.at.Add(24 * time.Hour)
				if b.order != "" {
					until = b.at.AddDate(0, 0, 7)
				}
				if until.After(x.until) {
					x.until = until
				}
				if grades[i] > 0 {
					x.answered++
				}
			}
		}
		for i := range m.replies {
			a := &m.replies[i]
			if a.brand != "" || a.survey != "" || !in(a.at) {
				continue
			}
			for _, scope := range scopesOf(a.store, a.category) {
				x := of(a.at, scope)
				x.responses++
				if m.answers(a) < 0 {
					x.unmatched++
				}
			}
		}
		for _, at := range m.opened {
			if in(at) {
				for _, scope := range scopesOf("s0", "") {
					of(at, scope).opened++
				}
			}
		}
		want, ends, ripe := map[string][]float64{}, map[string][]float64{}, 0.
		for key, x := range by {
			if x.purchases == 0 {
				continue
			}
			low, high := shareInterval(x.answered, x.purchases)
			ends[key] = []float64{low, high}
			over, complaints := 0., 1000*x.opened/x.purchases
			if !x.until.After(latest) {
				over = 1
			}
			if ripe += over; strings.Contains(key, "product_category") { // complaints have none
				complaints = math.NaN()
			}
			want[key] = []float64{x.purchases, x.answered, x.answered / x.purchases, over, x.responses, x.unmatched, complaints}
		}
		if step.length < 16*86400 && (ripe == 0 || ripe == float64(len(want))) {
			t.Fatalf("of %d rows %v are ripe: some are to be, and some not", len(want), ripe)
		}
		rows := func(names ...string) map[string][]float64 {
			return figures(t, s, fmt.Sprintf("SELECT concat(toString(intDiv(dateDiff('second', toDateTime('%[3]s', 'UTC'), step_start), %[2]d)), ' ', scope_kind, ' ', scope_id), %[5]s FROM response_rate_between(resolution = %[1]d, step_s = %[2]d, from = '%[3]s', to = '%[4]s')",
				step.resolution, step.length, from.Format(time.DateTime), to.Format(time.DateTime), columns(names...)))
		}
		same(t, fmt.Sprintf("response_rate_between by %d s", step.length), want, rows("purchases", "answered", "response_rate", "response_rate_ripe", "responses", "unmatched_responses", "complaints_per_1000_purchases"))
		near(t, fmt.Sprintf("response_rate_between by %d s", step.length), .012, ends, rows("response_rate_low", "response_rate_high"))
	}
}

func TestWhereNoPurchasesAreReadThereIsNoResponseRate(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	m := randomMarket(r)
	m.bills = nil
	s := viewed(t)
	m.write(t, s, r)
	for _, view := range []string{"response_rate_between(resolution = 3600, step_s = 3600, ", "weighted_between(scope_kind = 'store', "} {
		if got := figures(t, s, "SELECT concat(scope_kind, ' ', scope_id), [1.] FROM "+view+"from = '2025-09-01 00:00:00', to = '2025-10-01 00:00:00')"); len(got) > 0 {
			t.Errorf("%s...: %v", view, got)
		}
	}
}

func TestDaysAndHoursOfPurchasesAreLocal(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	set := pipeline.DefaultSettings()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	set.Zone = zone
	s, _, _ := storetest.New(t, set)
	m := &market{}
	put := func(at time.Time) {
		id := fmt.Sprintf("b%04d", len(m.bills))
		m.bills = append(m.bills, bill{customer: "c" + id, id: id, store: "s0", at: at, amount: 5})
		m.replies = append(m.replies, reply{customer: "c" + id, id: "a" + id, store: "s0", at: at, grade: 5})
	}
	from := time.Date(2026, 3, 25, 0, 0, 0, 0, zone) // clocks go forward on the 29th
	for range 400 {
		put(from.Add(time.Duration(r.IntN(10*24*60)) * time.Minute))
	}
	for range 40 {
		put(time.Date(2026, 5, 8, 23, 30, 0, 0, time.UTC)) // Saturday there
		put(time.Date(2026, 5, 9, 21, 30, 0, 0, time.UTC))
	}
	m.writeWith(t, s, r, set)
	for _, resolution := range []string{"resolution = 86400, step_s = 86400", "resolution = 3600, step_s = 7200"} {
		period := fmt.Sprintf("(%s, from = '%s', to = '%s') WHERE scope_kind = 'all'", resolution, from.UTC().Format(time.DateTime), from.AddDate(0, 0, 10).UTC().Format(time.DateTime))
		want := figures(t, s, "SELECT toString(step_start), "+columns("responses", "responses", "0")+" FROM grades_between"+period)
		same(t, "response_rate_between by "+resolution, want, figures(t, s, "SELECT toString(step_start), "+columns("purchases", "answered", "unmatched_responses")+" FROM response_rate_between"+period))
	}
	got := figures(t, s, "SELECT scope_id, "+columns("classes")+" FROM weighted_between(from = '2026-05-08 22:00:00', to = '2026-05-09 22:00:00', scope_kind = 'all')")
	same(t, "classes of a Saturday", map[string][]float64{"": {4}}, got) // one of each margin
}
