package pipeline_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/rows"
)

func benchCustomers(b *testing.B) int {
	customers := 100_000
	if text := os.Getenv("CSATFLOW_TEST_CUSTOMERS"); text != "" {
		var err error
		if customers, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	return customers
}

const responsesEach = 5

// fillTask applies five responses of each customer, a day apart, each day in another order. There are few panes.
func fillTask(t *pipeline.Task, customers int, flushed func(*pipeline.Flush)) {
	const flushEvery = 20_000
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var key, value []byte
	for i := range customers * responsesEach {
		round := i / customers
		who := i % customers * [responsesEach]int{7919, 104729, 1299709, 15485863, 32452843}[round] % customers
		key = fmt.Appendf(key[:0], "c-%08d", who)
		value = fmt.Appendf(value[:0], `{"event_id":"r-%d","occurred_at":"%s","customer_id":"%s","grade":%d,"expectation":5,"performance":%d,"store_id":"store%03d","region":"north","source":"pos","touchpoint":"checkout","employee_id":"employee%04d","product_category":"shoes"}`,
			i, start.AddDate(0, 0, round).Add(time.Duration(who%60)*time.Second).Format(time.RFC3339), key, 1+i%7, 1+i%5, who%50, (who+round)%500)
		t.Apply(&pipeline.Record{Topic: pipeline.Responses, Offset: int64(i), Key: key, Value: value})
		if i%flushEvery == flushEvery-1 {
			flushed(t.Flush())
		}
	}
	flushed(t.Flush())
}

// BenchmarkCustomers measures the memory of customers with five responses each in one partition, and the time of their
// events. CSATFLOW_TEST_CUSTOMERS is the number of customers (default 100,000).
func BenchmarkCustomers(b *testing.B) {
	customers := benchCustomers(b)
	set := pipeline.DefaultSettings()
	set.RawTables = false
	for b.Loop() {
		before, began := heap(), time.Now()
		t := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
		fillTask(t, customers, func(*pipeline.Flush) {})
		took := time.Since(began)
		b.ReportMetric(float64(heap()-before)/float64(customers), "heap-B/customer")
		b.ReportMetric(float64(took.Nanoseconds())/float64(customers*responsesEach), "ns/event")
		began = time.Now()
		runtime.GC()
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/GC")
		runtime.KeepAlive(t)
	}
	b.ReportMetric(0, "ns/op")
}

// stored keeps the rows of customers as a driver returns them.
type stored struct {
	pipeline.Store
	histories []pipeline.HistoryRow
	scores    []pipeline.ScoreRow
}

func (s *stored) Positions(context.Context, func(pipeline.PositionRow) error) error { return nil }

func (s *stored) Histories(_ context.Context, _ int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error {
	if topic != pipeline.Responses {
		return nil
	}
	for _, row := range s.histories {
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

func (s *stored) Scores(_ context.Context, _ int, each func(pipeline.ScoreRow) error) error {
	for _, row := range s.scores {
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

func (s *stored) Panes(context.Context, int, pipeline.Topic, int, func(pipeline.PaneRow) error) (int64, error) {
	return 0, nil
}

// take keeps the rows of a flush. Each customer has a row in the last round's flushes.
func (s *stored) take(f *pipeline.Flush) {
	for _, stage := range f.Stages() {
		for _, one := range stage {
			id := func() []string { return columnOf[string](one, "customer_id") }
			switch one.Table {
			case pipeline.TableCustomerResponses:
				marks, absorbed, history := columnOf[int64](one, "mark"), columnOf[uint64](one, "absorbed"), columnOf[string](one, "history")
				for i, id := range id() {
					if absorbed[i] == responsesEach {
						s.histories = append(s.histories, pipeline.HistoryRow{ID: id, Mark: marks[i], Absorbed: absorbed[i], History: history[i]})
					}
				}
			case pipeline.TableChurn:
				versions, madeOf, models, bands := columnOf[uint64](one, "version"), columnOf[uint64](one, "made_of"), columnOf[uint64](one, "model"), columnOf[string](one, "churn_band")
				for i, id := range id() {
					if versions[i] == rows.MinVersion()+responsesEach {
						s.scores = append(s.scores, pipeline.ScoreRow{CustomerID: id, Version: versions[i], MadeOf: madeOf[i], Model: models[i], Band: bands[i]})
					}
				}
			}
		}
	}
}

func columnOf[T any](rows pipeline.Rows, name string) []T {
	for _, c := range rows.Columns {
		if c.Name == name {
			return c.Values.([]T)
		}
	}
	return nil
}

// BenchmarkRestoreCustomers measures a restore of the customers of BenchmarkCustomers, without ClickHouse and its
// driver.
func BenchmarkRestoreCustomers(b *testing.B) {
	customers := benchCustomers(b)
	set := pipeline.DefaultSettings()
	set.RawTables = false
	rows := &stored{}
	fillTask(pipeline.NewTask(0, set, pipelinetest.NoObserver{}), customers, rows.take)
	bytes := 0
	for _, h := range rows.histories {
		bytes += len(h.History)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		t := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
		if err := t.Restore(b.Context(), rows); err != nil || t.Customers() != customers || t.Pending() != 0 {
			b.Fatalf("%d customers, %d pending: %v", t.Customers(), t.Pending(), err)
		}
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*customers), "ns/customer")
	b.ReportMetric(float64(bytes)/float64(customers), "history-B/customer")
}
