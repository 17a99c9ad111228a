package pipeline_test

import (
	"hash/fnv"
	"sync"
	"syscall"
	"testing"
	"time"

	chain "csatflow/deploy/simulate"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

const benchPartitions, benchBatch, benchFlushRows = 8, 500, 50_000

// benchFeed is half a million events of a chain of 500 stores and 5,000 employees in half an hour, by partition.
var benchFeed = sync.OnceValues(func() (feed [benchPartitions][]pipeline.Record, err error) {
	c := chain.Default()
	c.Events, c.Customers, c.Stores, c.Employees = 500_000, 200_000, 500, 5000
	c.Start, c.Duration, c.BadShare = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), 30*time.Minute, 0
	f, err := chain.New(c)
	if err != nil {
		return feed, err
	}
	var offsets [benchPartitions][pipeline.Topics]int64
	var e chain.Event
	for f.Next(&e) {
		h := fnv.New32a()
		_, _ = h.Write(e.Key) // it never fails
		p := int(h.Sum32()>>8) % benchPartitions
		topic := pipeline.Responses
		if e.Complaint {
			topic = pipeline.Complaints
		}
		feed[p] = append(feed[p], pipeline.Record{Topic: topic, Offset: offsets[p][topic], Time: e.At, Key: append([]byte(nil), e.Key...), Value: append([]byte(nil), e.Value...)})
		offsets[p][topic]++
	}
	return feed, nil
})

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTasks measures the pipeline between Kafka and ClickHouse: from fetched events to columns, 8 partitions in
// turn. cpu-ns/event includes the garbage collector's other threads.
func BenchmarkTasks(b *testing.B) {
	feed, err := benchFeed()
	if err != nil {
		b.Fatal(err)
	}
	events, rows := 0, 0
	set := pipeline.DefaultSettings()
	set.RawTables, set.PaneLimit = false, 60_000
	began := cpu()
	for b.Loop() {
		var tasks [benchPartitions]*pipeline.Task
		for p := range tasks {
			tasks[p] = pipeline.NewTask(p, set, pipelinetest.NoObserver{})
		}
		flush := func(t *pipeline.Task) {
			for _, stage := range t.Flush().Stages() {
				for i := range stage {
					rows += stage[i].Len()
				}
			}
		}
		for at, more := 0, true; more; at += benchBatch {
			more = false
			for p, t := range tasks {
				part := feed[p][min(at, len(feed[p])):min(at+benchBatch, len(feed[p]))]
				for i := range part {
					t.Apply(&part[i])
				}
				events += len(part)
				more = more || len(part) > 0
				if t.Pending() >= benchFlushRows {
					flush(t)
				}
			}
		}
		for _, t := range tasks {
			flush(t)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64((cpu()-began).Nanoseconds())/float64(events), "cpu-ns/event")
	b.ReportMetric(float64(rows)/float64(events), "rows/event")
	b.ReportMetric(0, "ns/op")
}
