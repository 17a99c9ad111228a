package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/local"
	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
	"csatflow/sinks/clickhouse/storetest"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// database makes a database with a week of events up to now, and a connection whose default database it is, as the
// data source's is.
func database(t *testing.T, now time.Time) driver.Conn {
	t.Helper()
	set := pipeline.DefaultSettings()
	store, addr, name := storetest.New(t, set)
	task := pipeline.NewTask(0, set, pipelinetest.Deaf{})
	for _, r := range events(now) {
		if got := task.Apply(&r); got != pipeline.Applied {
			t.Fatalf("event %s is %s", r.Value, got)
		}
	}
	storetest.Write(t, store, task)
	conn, err := chgo.Open(&chgo.Options{Addr: []string{addr}, Auth: chgo.Auth{Database: name, Username: "default"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Exec(context.Background(), "DROP DATABASE "+name)
		_ = conn.Close()
	})
	return conn
}

// events are those of a small chain over the last five days: three stores, one of them worse, thirty customers.
func events(now time.Time) (list []pipeline.Record) {
	r := rand.New(rand.NewPCG(1, 1))
	next := map[pipeline.Topic]int64{}
	add := func(topic pipeline.Topic, at time.Time, customer int, fields map[string]any) {
		offset := next[topic]
		next[topic]++
		id := fmt.Sprintf("c%d", customer)
		fields["event_id"], fields["customer_id"] = fmt.Sprintf("%s-%d", topic, offset), id
		fields["occurred_at"] = at.UTC().Format(time.RFC3339Nano)
		fields["store_id"], fields["region"], fields["source"] = fmt.Sprintf("s%d", customer%3), "north", "pos"
		value, err := json.Marshal(fields)
		if err != nil {
			panic(err)
		}
		list = append(list, pipeline.Record{Topic: topic, Offset: offset, Time: at, Key: []byte(id), Value: value})
	}
	const n = 300
	for i := range n {
		at := now.Add(-time.Duration(n-i) * 24 * time.Minute)
		c := r.IntN(30)
		grade := 1 + r.IntN(7)
		if c%3 == 0 {
			grade = 1 + r.IntN(4) // the worse store
		}
		add(pipeline.Responses, at, c, map[string]any{"grade": grade, "expectation": 5, "performance": grade, "emotion": "happy",
			"rater": map[string]int{event.RaterDimensions[i%5]: grade, event.RaterDimensions[(i+2)%5]: 4}})
		if i%10 != 0 {
			continue
		}
		complaint := fmt.Sprintf("k%d", i)
		step := func(at time.Time, name string) {
			fields := map[string]any{"complaint_id": complaint, "step": name}
			if name == "opened" && i%50 != 0 {
				fields["category"] = event.Categories[i/10%4]
			}
			add(pipeline.Complaints, at, c, fields)
		}
		step(at, "opened")
		if i%30 != 0 { // every third stays open, and breaks the promise when it is older than a day
			step(at.Add(time.Minute), "contacted")
			step(at.Add(time.Duration(5+r.IntN(10))*time.Minute), "resolved")
		}
	}
	return list
}
