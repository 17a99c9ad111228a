package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

// BenchmarkHostileCustomers measures an event of a customer with as many events as are kept: ns/event may grow with the
// number kept, but no faster.
func BenchmarkHostileCustomers(b *testing.B) {
	step := func(i int, complaint, step, employee string) string {
		at := noon.Add(time.Duration(i) * time.Second).Format(time.RFC3339)
		return fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c","complaint_id":%q,"step":%q,"employee_id":%q}`, i, at, complaint, step, employee)
	}
	for _, h := range []struct {
		name  string
		topic pipeline.Topic
		make  func(i, n int) string
	}{
		{"one complaint reopened", pipeline.Complaints, func(i, _ int) string { return step(i, "k", []string{"opened", "reopened"}[min(i, 1)], "x") }},
		{"one complaint resolved and reopened", pipeline.Complaints, func(i, _ int) string { return step(i, "k", []string{"reopened", "resolved"}[i%2], "x") }},
		{"steps backwards", pipeline.Complaints, func(i, n int) string { return step(n-i, "k", []string{"reopened", "resolved"}[i%2], "x") }},
		{"an employee a step", pipeline.Complaints, func(i, _ int) string { return step(i, "k", "contacted", fmt.Sprint("e", i)) }},
		{"a complaint a step", pipeline.Complaints, func(i, _ int) string { return step(i, fmt.Sprint("k", i), "opened", "x") }},
		{"responses of a day backwards", pipeline.Responses, func(i, n int) string {
			return fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c","grade":%d}`, i, noon.Add(time.Duration(n-i)*time.Second).Format(time.RFC3339), 1+i%7)
		}},
		{"purchases backwards", pipeline.Purchases, func(i, n int) string {
			return fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c","amount":1}`, i, noon.AddDate(0, 0, n-i).Format(time.RFC3339))
		}},
	} {
		for _, n := range []int{256, 1024, 4096} {
			b.Run(fmt.Sprintf("%s/%d", h.name, n), func(b *testing.B) {
				var log []pipeline.Record
				for i := range n {
					log = append(log, pipeline.Record{Topic: h.topic, Offset: int64(i), Key: []byte("c"), Value: []byte(h.make(i, n))})
				}
				for b.Loop() {
					task := pipeline.NewTask(0, settings(), pipelinetest.NoObserver{})
					for i := range log {
						task.Apply(&log[i])
						if i%1000 == 999 {
							task.Flush()
						}
					}
					task.Flush()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
			})
		}
	}
}
