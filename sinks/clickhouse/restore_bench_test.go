package clickhouse_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"csatflow/deploy/trial/localtest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// BenchmarkRestore restores customers with five responses each from ClickHouse's engine, eight partitions in parallel.
// CSATFLOW_TEST_CUSTOMERS is the number of customers (default 100,000).
func BenchmarkRestore(b *testing.B) {
	customers := 100_000
	if text := os.Getenv("CSATFLOW_TEST_CUSTOMERS"); text != "" {
		var err error
		if customers, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	database := fmt.Sprintf("bench_%d", time.Now().UnixNano())
	store, err := clickhouse.Open(clickhouse.Config{Address: []string{localtest.ClickHouse(b)}, Database: database})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	set := pipeline.DefaultSettings()
	set.RawTables, set.PaneLimit = false, 60_000
	if err := store.Migrate(b.Context(), clickhouse.Model(database, set, 400, schemas.DefaultRaterWeights, clickhouse.DefaultCompany()), func(string) {}); err != nil {
		b.Fatal(err)
	}
	const partitions = 8
	for p := range partitions {
		fill(b, store, set, p, customers/partitions)
	}
	for b.Loop() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before, began := m.HeapAlloc, time.Now()
		tasks := make([]*pipeline.Task, partitions)
		var wg sync.WaitGroup
		for p := range partitions {
			wg.Go(func() {
				tasks[p] = pipeline.NewTask(p, set, pipelinetest.NoObserver{})
				if err := tasks[p].Restore(b.Context(), store); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		took := time.Since(began)
		n := 0
		for _, t := range tasks {
			n += t.Customers()
		}
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(n), "customers")
		b.ReportMetric(took.Seconds(), "s/restore")
		b.ReportMetric(float64(m.HeapAlloc-before)/float64(n), "heap-B/customer")
		runtime.KeepAlive(tasks)
	}
}

// fill writes the state of a partition whose customers have answered five times each.
func fill(b *testing.B, store *clickhouse.Store, set *pipeline.Settings, partition, customers int) {
	b.Helper()
	task := pipeline.NewTask(partition, set, pipelinetest.NoObserver{})
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range customers * 5 {
		id := fmt.Sprintf("c-%d-%d", partition, i%customers)
		value := fmt.Sprintf(`{"event_id":"r-%d-%d","occurred_at":"%s","customer_id":"%s","grade":%d,"expectation":5,"performance":%d,"store_id":"s-%d","region":"north","source":"pos","touchpoint":"checkout","employee_id":"e-%d","product_category":"shoes"}`,
			partition, i, start.Add(time.Duration(i)*time.Second).Format(time.RFC3339), id, 1+i%7, 1+i%5, i%50, i%500)
		task.Apply(&pipeline.Record{Topic: pipeline.Responses, Offset: int64(i), Key: []byte(id), Value: []byte(value)})
		if task.Pending() > 200_000 || i == customers*5-1 {
			for _, stage := range task.Flush().Stages() {
				if err := store.Write(b.Context(), stage); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
