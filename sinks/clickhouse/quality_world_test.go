package clickhouse_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// The events of a small company, as they happened, for plain sums over them in the tests of the views.

type sale struct {
	customer             string
	at                   time.Time
	amount, margin, cost float64
	hasMargin            bool
}

type answer struct {
	customer, store, employee, brand       string
	touchpoint, source, survey             string
	at                                     time.Time
	grade, expectation, performance, price int
	rater, wanted                          [5]int
	recommend, repurchase                  string
	scales                                 map[string]int // of their own
	from                                   string         // the scale that the grade was converted from
}

type look struct {
	kind, store, employee, standard string
	at                              time.Time
	opportunities, defects          int
	greet                           float64
	selling, knowledge              int
	promised, delivered             int
}

type company struct {
	sales   []sale
	answers []answer
	looks   []look
	left    map[string]time.Time
	stores  map[string]string // by employee
}

var (
	firstDay  = time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	standards = []string{"greet-30s", "queue-5min", "checkout-accuracy", "product-advice", "unknown-one", ""}
)

func cents(v float64) float64 { return math.Round(v*100) / 100 }

// newCompany makes half a year of events.
func newCompany(r *rand.Rand) *company {
	c := &company{left: map[string]time.Time{}, stores: map[string]string{}}
	at := func() time.Time { return firstDay.Add(time.Duration(r.IntN(180*24*3600)) * time.Second) }
	for i := range 60 {
		name, usual := fmt.Sprintf("c%02d", i), 2+r.ExpFloat64()*15
		for day := usual * r.Float64(); day < 180; day += usual * (0.5 + r.Float64()) {
			s := sale{customer: name, at: firstDay.Add(time.Duration(day*86400) * time.Second).Truncate(time.Second), amount: cents(5 + r.ExpFloat64()*float64(2+i)), cost: cents(r.Float64() * 2)}
			if r.IntN(3) > 0 {
				s.margin, s.hasMargin = cents(s.amount*(0.2+0.2*r.Float64())), true
			}
			if r.IntN(20) == 0 {
				s.amount, s.margin = -s.amount, -s.margin
			}
			c.sales = append(c.sales, s)
		}
		if i%9 == 0 {
			c.left[name] = firstDay.Add(time.Duration(150+i) * 24 * time.Hour / 2)
		}
	}
	for i := range 12 {
		c.stores[fmt.Sprintf("e%02d", i)] = fmt.Sprintf("s%d", i%3)
	}
	for i := range 2500 {
		e := fmt.Sprintf("e%02d", int(math.Sqrt(float64(r.IntN(144))))) // some employees have few
		good := float64(e[2]-'0') / 5
		scale := func() int { return min(7, max(1, int(math.Round(4+good+1.5*r.NormFloat64())))) }
		a := answer{customer: fmt.Sprintf("c%02d", 30+r.IntN(50)), employee: e, store: c.stores[e], at: at(), grade: scale()}
		if r.IntN(2) == 0 {
			a.expectation, a.performance = scale(), scale()
		}
		if r.IntN(3) == 0 {
			a.price, a.recommend = scale(), event.Recommends[r.IntN(3)]
			if i%4 < 2 {
				a.repurchase = event.Repurchases[i%3]
			}
		}
		if r.IntN(2) == 0 {
			for d := range a.rater {
				a.rater[d] = scale()
				if i%3 == 0 && (i+d)%4 > 0 {
					a.wanted[d] = scale()
				}
			}
		} else if i%5 == 0 {
			a.wanted[i%4] = scale() // says what is expected, and not what was got
		}
		if i%(2+int(e[2]-'0')%3) == 0 { // some employees have more of what nobody likes
			a.touchpoint, a.grade = "hotline", max(1, a.grade-1)
		}
		a.source = []string{"pos", "call", "pos", "app"}[i%4]
		if i%17 == 0 {
			a.source = []string{"call", "app", "web"}[i%3] // no own answer is from the web
			a.brand, a.store, a.employee = []string{"rival-a", "rival-b"}[i%2], "", ""
		}
		c.answers = append(c.answers, a)
	}
	for range 400 {
		e := fmt.Sprintf("e%02d", r.IntN(12))
		l := look{kind: "standard_check", store: c.stores[e], employee: e, standard: standards[r.IntN(len(standards))], at: at(), opportunities: r.IntN(100)}
		l.defects = r.IntN(1 + l.opportunities/10)
		if r.IntN(3) == 0 {
			l = look{kind: "mystery_visit", store: c.stores[e], employee: e, at: l.at, greet: float64(r.IntN(90)), selling: r.IntN(8), knowledge: r.IntN(8), promised: r.IntN(8), delivered: r.IntN(8)}
		}
		c.looks = append(c.looks, l)
	}
	return c
}

func record(topic pipeline.Topic, offset int, key string, fields map[string]any) pipeline.Record {
	for name, v := range fields {
		if v == 0 || v == "" {
			delete(fields, name)
		}
	}
	value, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return pipeline.Record{Topic: topic, Offset: int64(offset), Time: time.Now(), // raw rows expire by it
		Key: []byte(key), Value: value}
}

// store runs the events, some of them twice, through tasks of two partitions into the tables.
func (c *company) store(t *testing.T, s *clickhouse.Store) {
	t.Helper()
	var logs [pipeline.Topics][]pipeline.Record
	put := func(topic pipeline.Topic, key string, at time.Time, fields map[string]any) {
		n := len(logs[topic])
		fields["event_id"], fields["occurred_at"] = fmt.Sprintf("%s-%d", topic, n), at.Format(time.RFC3339)
		logs[topic] = append(logs[topic], record(topic, n, key, fields))
		if n%10 == 3 { // once more
			again := logs[topic][n]
			again.Offset++
			logs[topic] = append(logs[topic], again)
		}
	}
	for _, x := range c.sales {
		f := map[string]any{"customer_id": x.customer, "amount": x.amount, "service_cost": x.cost}
		if x.hasMargin {
			f["margin"] = x.margin
		}
		put(pipeline.Purchases, x.customer, x.at, f)
	}
	for _, a := range c.answers {
		f := map[string]any{"customer_id": a.customer, "grade": a.grade, "store_id": a.store, "employee_id": a.employee, "brand": a.brand, "expectation": a.expectation,
			"performance": a.performance, "perceived_price": a.price, "recommend": a.recommend, "touchpoint": a.touchpoint, "source": a.source, "survey": a.survey, "repurchase": a.repurchase, "grade_from": a.from}
		for name, of := range map[string][5]int{"rater": a.rater, "rater_expectation": a.wanted} {
			marks := map[string]int{}
			for d, v := range of {
				if v > 0 {
					marks[event.RaterNames[d]] = v
				}
			}
			if len(marks) > 0 {
				f[name] = marks
			}
		}
		for name, v := range a.scales {
			f[name] = json.Number(strconv.Itoa(v)) // 0 is an answer
		}
		put(pipeline.Responses, a.customer, a.at, f)
	}
	for _, l := range c.looks {
		f := map[string]any{"kind": l.kind, "store_id": l.store, "employee_id": l.employee, "standard_id": l.standard, "opportunities": l.opportunities, "defects": l.defects,
			"selling_effort": l.selling, "product_knowledge": l.knowledge, "promised": l.promised, "delivered": l.delivered}
		if l.kind == "mystery_visit" {
			f["seconds_to_greet"] = l.greet
		}
		put(pipeline.Observations, l.store, l.at, f)
	}
	for name, at := range c.left {
		put(pipeline.Departures, name, at, map[string]any{"customer_id": name, "leave_reason": "moved"})
	}
	for p := range 2 {
		task := pipeline.NewTask(p, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
		for topic := range logs {
			for i := range logs[topic] {
				if int(logs[topic][i].Key[len(logs[topic][i].Key)-1])%2 == p {
					task.Apply(&logs[topic][i])
				}
			}
		}
		if f := task.Flush(); len(f.Dead) > 0 {
			t.Fatalf("%s: %s", f.Dead[0].Value, f.Dead[0].Reason)
		} else {
			save(t, s, f)
		}
	}
}

// figures returns the rows of a query for a key and an array of numbers; NULL is NaN.
func figures(t *testing.T, s *clickhouse.Store, query string) map[string][]float64 {
	t.Helper()
	query = fromWhat.ReplaceAllString(query, "$1 "+schemas.QuoteName(s.Database())+".$2")
	rows, err := s.Conn().Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string][]float64{}
	for rows.Next() {
		var key string
		var values []float64
		if err := rows.Scan(&key, &values); err != nil {
			t.Fatal(err)
		}
		if _, twice := all[key]; twice {
			t.Errorf("%s: the key %s comes twice", query, key)
		}
		all[key] = values
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

// fromWhat matches tables and views, which all have names in small letters.
var fromWhat = regexp.MustCompile(`\b(FROM|JOIN) ([a-z])`)

// columns selects columns as an array of numbers.
func columns(names ...string) string {
	q := "["
	for i, n := range names {
		if i > 0 {
			q += ", "
		}
		q += fmt.Sprintf("ifNull(toFloat64(%s), nan)", n)
	}
	return q + "]"
}

// same compares what a view says with plain sums.
func same(t *testing.T, what string, want, got map[string][]float64) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("%s: nothing to compare", what)
	}
	for key, w := range want {
		g, found := got[key]
		if !found {
			t.Errorf("%s lacks %s: %v", what, key, w)
			continue
		}
		for i := range w {
			if math.IsNaN(w[i]) != math.IsNaN(g[i]) || math.Abs(w[i]-g[i]) > 1e-6*(1+math.Abs(w[i])) {
				t.Errorf("%s, %s: column %d is %v, plain sums give %v", what, key, i, g[i], w[i])
				break
			}
		}
	}
	for key, g := range got {
		if _, wanted := want[key]; !wanted {
			t.Errorf("%s has %s: %v", what, key, g)
		}
	}
}
