package audit

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	declared "csatflow/schemas/tables"
)

// fill puts random events of a few customers into a partition's logs, over five days before now: repeated ids, late
// events, and some that are no events.
func (w *fixture) fill(r *rand.Rand, partition, events, customers int) {
	for i := range events {
		appended := now.Add(-5*24*time.Hour + time.Duration(i)*5*24*time.Hour/time.Duration(events))
		at := appended
		if r.IntN(5) == 0 {
			at = at.Add(-time.Duration(r.IntN(3*24*3600)) * time.Second)
		}
		id := i
		if r.IntN(20) == 0 && i > 3 {
			id = i - r.IntN(3)
		}
		customer := fmt.Sprintf("c%d-%d", partition, r.IntN(customers))
		bad := ""
		if r.IntN(40) == 0 {
			bad = "x"
		}
		if r.IntN(3) > 0 {
			w.log.add(partition, pipeline.Responses, appended, customer, fmt.Sprintf(`{"event_id":"r%d","occurred_at":"%s","customer_id":"%s","grade":%d,"store_id":"s%d","source":"pos","performance":%d}%s`, id, at.Format(time.RFC3339), customer, 1+r.IntN(7), r.IntN(3), 1+r.IntN(7), bad))
			continue
		}
		switch r.IntN(8) {
		case 0, 1, 2:
			w.log.add(partition, pipeline.Purchases, appended, customer, fmt.Sprintf(`{"event_id":"p%d","occurred_at":"%s","customer_id":"%s","amount":%d.5,"margin":%d}%s`, id, at.Format(time.RFC3339), customer, r.IntN(300)-20, r.IntN(50), bad))
			continue
		case 3:
			store := fmt.Sprintf("s%d", r.IntN(3))
			w.log.add(partition, pipeline.Observations, appended, store, fmt.Sprintf(`{"event_id":"o%d","occurred_at":"%s","store_id":"%s","kind":"mystery_visit","opportunities":%d}%s`, id, at.Format(time.RFC3339), store, r.IntN(9), bad))
			continue
		case 4:
			w.log.add(partition, pipeline.Departures, appended, customer, fmt.Sprintf(`{"event_id":"d%d","occurred_at":"%s","customer_id":"%s"}%s`, id, at.Format(time.RFC3339), customer, bad))
			continue
		}
		if r.IntN(3) == 0 {
			w.log.add(partition, pipeline.Asked, appended, customer, fmt.Sprintf(`{"event_id":"i%d","occurred_at":"%s","customer_id":"%s","channel":"till"}%s`, id, at.Format(time.RFC3339), customer, bad))
			continue
		}
		step := []string{"opened", "contacted", "resolved", "reopened"}[r.IntN(4)]
		w.log.add(partition, pipeline.Complaints, appended, customer, fmt.Sprintf(`{"event_id":"k%d","occurred_at":"%s","customer_id":"%s","complaint_id":"k-%s-%d","step":"%s","store_id":"s%d"}%s`, id, at.Format(time.RFC3339), customer, customer, r.IntN(2), step, r.IntN(3), bad))
	}
}

// run applies the topics in turns until the ends.
func (s *service) run(r *rand.Rand) {
	for more := true; more; {
		more = false
		for _, topic := range r.Perm(pipeline.Topics) {
			if more = s.apply(pipeline.Topic(topic)); more {
				break
			}
		}
	}
}

// TestWhatAServiceWroteAgrees lets services apply random logs in random turns, flush in between, and be stopped before
// what they wrote last is committed.
func TestWhatAServiceWroteAgrees(t *testing.T) {
	for seed := range uint64(14) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newFixture(t, 2)
		customers := []int{1, 3, 30}[r.IntN(3)] // few customers have many responses each: more than a history keeps
		w.options.Memory = []int64{1 << 18, 64 << 20}[r.IntN(2)]
		if r.IntN(3) == 0 {
			w.options.Sample = 0.5
		}
		var committed [2][pipeline.Topics]int64
		for p := range 2 {
			w.fill(r, p, 200+r.IntN(1200), customers)
			s := w.serve(p, 1+r.IntN(300))
			s.run(r)
			if r.IntN(2) == 0 {
				s.flush()
			}
			committed[p] = w.log.committed[p]
		}
		report := w.mustName(t)
		for i, c := range report.Tables {
			if c.Agree == 0 && (w.options.Sample == 1 || tables[i].kind != declared.Sums && customers > 3) {
				t.Errorf("seed %d: %s: no row agrees", seed, c.Table)
			}
		}
		if w.options.Sample == 1 && (report.DeadLetters.Expected == 0 || report.DeadLetters.Found != report.DeadLetters.Expected) {
			t.Errorf("seed %d: %+v", seed, report.DeadLetters)
		}
	}
}

// broken is an observer that panics at one response.
type broken struct {
	noObserver
	over string
}

func (b broken) Response(r *event.Response) {
	if string(r.EventID) == b.over {
		panic("a defect")
	}
}

func TestARecordThatMakesCsatflowPanicIsAuditedAsTheDeadLetterThatItIs(t *testing.T) {
	w := newFixture(t, 1)
	at := now.AddDate(0, 0, -1)
	for i := range 30 {
		w.log.add(0, pipeline.Responses, at, "c", fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c","grade":%d}`, i, at.Format(time.RFC3339), 1+i%7))
	}
	good := w.log.records[0][pipeline.Responses][11]
	w.log.records[0][pipeline.Responses][11].Value = nil // diverted, like a record that panics
	s := w.serve(0, 10)
	for s.apply(pipeline.Responses) {
	}
	s.flush()
	w.log.records[0][pipeline.Responses][11] = good
	w.options.observer = broken{over: "e11"}
	if report := w.mustName(t); report.DeadLetters.Found != 1 {
		t.Errorf("%+v", report.DeadLetters)
	}
}

// TestRowsAheadOfTheCommittedOffsetsAreNoDifference: the service has written more than it has committed.
func TestRowsAheadOfTheCommittedOffsetsAreNoDifference(t *testing.T) {
	ahead := int64(0)
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := newFixture(t, 1)
		w.fill(r, 0, 600, 20)
		s := w.serve(0, 40+r.IntN(100))
		for range 200 + r.IntN(200) {
			s.apply(pipeline.Topic(r.IntN(pipeline.Topics)))
		}
		s.flush()
		committed := w.log.committed[0]
		for range r.IntN(150) {
			s.apply(pipeline.Topic(r.IntN(pipeline.Topics)))
		}
		s.flush()
		w.log.committed[0] = committed
		report := w.mustName(t)
		for _, c := range report.Tables {
			ahead += c.Ahead
		}
	}
	if ahead == 0 {
		t.Error("no row was ahead")
	}
}

// TestWhatIsLeftOfACutLogIsCompared removes the begin of a log after a service has read it.
func TestWhatIsLeftOfACutLogIsCompared(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := newFixture(t, 1)
		w.fill(r, 0, 1500, []int{1, 40}[r.IntN(2)])
		s := w.serve(0, 100)
		s.run(r)
		s.flush()
		topic := pipeline.Topic(r.IntN(3)) // those with histories
		w.log.first[0][topic] = 1 + r.Int64N(int64(len(w.log.records[0][topic])))
		report := w.mustName(t)
		other, whole := pipeline.HistoryTable(topic), pipeline.HistoryTable((topic+1)%3)
		if report.Tables[tableOf(other)].Agree != 0 || report.Tables[tableOf(whole)].Agree == 0 || report.Tables[tableOf(pipeline.TableChurn)].Agree != 0 {
			t.Errorf("seed %d, %s is cut: %+v", seed, topic, report.Tables)
		}
		if len(report.NotCompared) == 0 || !strings.Contains(report.NotCompared[0].Reason, "begins at offset") {
			t.Errorf("seed %d: %v", seed, report.NotCompared)
		}
	}
}

// TestPanesAfterTheCutAreCompared finds a wrong counter that the rest of the log still determines.
func TestPanesAfterTheCutAreCompared(t *testing.T) {
	w := served(t)
	w.log.first[0][pipeline.Responses] = 100
	at := w.tables.find(t, pipeline.TableSatisfactionPanes, func(r row) bool {
		return r["resolution"] == uint32(86400) && r["scope_kind"] == "all" && r["pane_start"].(time.Time).After(now.Add(-50*time.Hour))
	})
	counters := at["counters"].([]int64)
	counters[3]++
	w.mustName(t, fmt.Sprintf("satisfaction_panes differs 0 86400 %s all  instant ; grades[3] %d not %d", at["pane_start"].(time.Time).Format(time.RFC3339), counters[3], counters[3]-1))
}

// served is a fixture of one partition whose service has read everything.
func served(t testing.TB) *fixture {
	w := newFixture(t, 1)
	w.fill(rand.New(rand.NewPCG(1, 4)), 0, 900, 25)
	s := w.serve(0, 200)
	s.run(rand.New(rand.NewPCG(2, 4)))
	s.flush()
	return w
}

// plant replaces a row by one with other values.
func (w *fixture) plant(table string, r, values row) {
	changed := maps.Clone(r)
	maps.Copy(changed, values)
	delete(w.tables[table], keyOf(table, changed)) // whatever its version
	w.tables.put(table, changed)
}

func anyRow(row) bool { return true }

func TestEachColumnOfEachTableIsCompared(t *testing.T) {
	schemas, err := newSchemas(pipeline.DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	w := newFixture(t, 1)
	r := rand.New(rand.NewPCG(1, 5))
	w.fill(r, 0, 60, 5)
	s := w.serve(0, 20)
	s.run(r)
	s.flush()
	for i := range tables {
		name := tables[i].name
		at := w.tables.find(t, name, func(r row) bool { return name != pipeline.TableMoments || r["kind"] == "recovery" })
		for _, c := range schemas[i].empty.Columns {
			other, can := changed(at[c.Name])
			if !can || slices.Contains(tables[i].key, c.Name) || c.Name == "groups" || c.Name == "history" {
				continue
			}
			w.plant(name, at, row{c.Name: other})
			report := w.audit(t)
			want := int64(1)
			if tables[i].bookkeeping(c.Name) {
				want = 0
			}
			if report.RowsDiffer != want || want == 1 && (len(report.Differences) != 1 || len(report.Differences[0].Columns) != 1 || report.Differences[0].Columns[0].Column != c.Name) {
				t.Errorf("%s.%s changed from %v to %v:\n%s", name, c.Name, at[c.Name], other, names(report))
			}
			w.plant(name, at, nil)
		}
	}
}

// changed returns another value of the same type.
func changed(v any) (any, bool) {
	switch x := v.(type) {
	case bool:
		return !x, true
	case string:
		return x + "x", true
	case uint8:
		return x + 1, true
	case uint32:
		return x + 1, true
	case uint64:
		return x + 1, true
	case int64:
		return x - 1, true
	case float64:
		return x + 0.01, true
	case time.Time:
		return x.Add(time.Second), true
	case *int8:
		return new(int8), true
	case *float64:
		return new(float64), true
	case *int64:
		one := int64(1)
		return &one, true
	case *time.Time:
		at := now
		return &at, true
	case []string:
		return append([]string{"x"}, x...), true
	case []uint8:
		return append([]uint8{9}, x...), true
	case []float64:
		return append([]float64{9}, x...), true
	case []time.Time:
		return append([]time.Time{now}, x...), true
	case map[string]uint8:
		return map[string]uint8{"x": 1}, true
	}
	return nil, false
}

func TestUnreadableCountersAreADifferenceAndTold(t *testing.T) {
	w := served(t)
	at := w.tables.find(t, pipeline.TableRecoveryPanes, anyRow)
	w.plant(pipeline.TableRecoveryPanes, at, row{"groups": uint32(1 << 31)})
	if r := w.audit(t); r.RowsDiffer != 1 || len(r.Differences) != 1 || !strings.Contains(r.Differences[0].Note, "group 31") {
		t.Errorf("%+v", r.Differences)
	}
}

func TestEventsPastTheirDaysMayBeGone(t *testing.T) {
	w := served(t)
	rows := w.tables[pipeline.TableResponses]
	gone := 0
	for key, r := range rows {
		if r["appended_at"].(time.Time).Before(now.AddDate(0, 0, -3)) {
			delete(rows, key)
			gone++
		}
	}
	if r := w.audit(t); gone == 0 || r.RowsDiffer != int64(gone) {
		t.Errorf("%d rows differ, %d are gone", r.RowsDiffer, gone)
	}
	w.options.RawDays = 3
	if r := w.mustName(t); r.Tables[tableOf(pipeline.TableResponses)].Expired != int64(gone) {
		t.Errorf("%d expired, %d are gone", r.Tables[tableOf(pipeline.TableResponses)].Expired, gone)
	}
}

func TestMoreCustomersThanTheTablesTellOfTakeMorePasses(t *testing.T) {
	const n = 5000
	w := newFixture(t, 1)
	w.options.Memory = 1 << 18
	for i := range n {
		id := fmt.Sprintf("c%d", i)
		w.log.add(0, pipeline.Responses, now, id, fmt.Sprintf(`{"event_id":"%d","occurred_at":"2026-03-01T10:00:00Z","customer_id":"%s","grade":7}`, i, id))
	}
	w.log.committed[0] = [pipeline.Topics]int64{pipeline.Responses: n}
	r := w.audit(t)
	if r.Partitions[0].Passes < 4 || r.Tables[tableOf(pipeline.TableCustomerResponses)].Differ != n || r.Events != n {
		t.Errorf("%d passes, %+v", r.Partitions[0].Passes, r.Tables)
	}
}
