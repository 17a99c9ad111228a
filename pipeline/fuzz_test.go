package pipeline_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pipelinetest"
)

// keyOfMessage returns the key of a message by the contract; nil for a message that breaks it.
func keyOfMessage(d *event.Decoder, topic pipeline.Topic, value []byte) []byte {
	switch topic {
	case pipeline.Responses:
		if r, err := d.Response(value); err == nil {
			id, _ := r.Key()
			return id
		}
	case pipeline.Complaints:
		if c, err := d.Complaint(value); err == nil {
			return c.CustomerID
		}
	case pipeline.Purchases:
		if p, err := d.Purchase(value); err == nil {
			return p.CustomerID
		}
	case pipeline.Observations:
		if o, err := d.Observation(value); err == nil {
			return o.StoreID
		}
	case pipeline.Departures:
		if o, err := d.Departure(value); err == nil {
			return o.CustomerID
		}
	case pipeline.Asked:
		if a, err := d.Asked(value); err == nil && len(a.CustomerID) > 0 {
			return a.CustomerID
		} else if err == nil {
			return a.TerminalID
		}
	}
	return nil
}

// fuzzedLog reads a feed: each line is the digit of a topic, then a message.
func fuzzedLog(feed []byte) (list []pipeline.Record) {
	var d event.Decoder
	var next [pipeline.Topics]int64
	for line := range bytes.SplitSeq(feed, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		topic := pipeline.Topic((line[0] - '0') % pipeline.Topics)
		value := line[1:]
		list = append(list, pipeline.Record{Topic: topic, Offset: next[topic], Time: noon, Key: bytes.Clone(keyOfMessage(&d, topic, value)), Value: value})
		next[topic]++
	}
	return list
}

// checkRows reports a row that no table takes: columns of different lengths, or a time beyond its type.
func checkRows(f *pipeline.Flush) error {
	for _, stage := range f.Stages() {
		for i := range stage {
			rows := &stage[i]
			for _, c := range rows.Columns {
				if n := reflect.ValueOf(c.Values).Len(); n != rows.Len() {
					return fmt.Errorf("%s.%s has %d values of %d", rows.Table, c.Name, n, rows.Len())
				}
				var times []time.Time
				switch v := c.Values.(type) {
				case []time.Time:
					times = v
				case [][]time.Time:
					for _, list := range v {
						times = append(times, list...)
					}
				case []*time.Time:
					for _, at := range v {
						if at != nil {
							times = append(times, *at)
						}
					}
				}
				for _, at := range times {
					if at.Unix() < 0 || at.Unix() > 1<<32-1 {
						return fmt.Errorf("%s.%s holds %v", rows.Table, c.Name, at)
					}
				}
			}
		}
	}
	return nil
}

// FuzzTask applies arbitrary bytes as messages of any topic. The task never panics, and tables take its rows. With
// flushes and restores in between, the tables end as after a single flush.
func FuzzTask(f *testing.F) {
	for topic := range pipeline.Topic(pipeline.Topics) {
		for _, name := range []string{"good", "bad"} {
			text, err := os.ReadFile("../schemas/events/testdata/" + topic.String() + "." + name + ".jsonl")
			if err != nil {
				f.Fatal(err)
			}
			for lines := range slices.Chunk(strings.Split(strings.TrimSpace(string(text)), "\n"), 4) { // large ones are mutated slowly
				var feed bytes.Buffer
				for _, line := range lines {
					if len(line) < 1000 {
						fmt.Fprintf(&feed, "%d%s\n", topic, line)
					}
				}
				f.Add(feed.Bytes(), uint8(3))
			}
		}
	}
	var steps bytes.Buffer
	for i, s := range []string{"opened", "contacted", "handed_off", "remedied", "resolved", "reopened", "withdrawn"} {
		fmt.Fprintf(&steps, `1{"event_id":"k%d","occurred_at":"2105-12-31T23:5%d:00Z","customer_id":"c","complaint_id":"k","step":%q,"category":"price"}`+"\n", i, i, s)
		fmt.Fprintf(&steps, `0{"event_id":"r%d","occurred_at":"1970-01-01T00:0%d:00+14:00","customer_id":"c","grade":%d}`+"\n", i, i, 1+i)
		fmt.Fprintf(&steps, `0{"event_id":"s%d","occurred_at":"1970-01-01T00:0%d:00-00:30","customer_id":"c","grade":%d,"store_id":"s"}`+"\n", i, i, 1+i)
		fmt.Fprintf(&steps, `2{"event_id":"p%d","occurred_at":"2105-12-31T23:5%d:00Z","customer_id":"c","amount":-1e12}`+"\n", i, i)
	}
	f.Add(steps.Bytes(), uint8(2))
	zone, err := time.LoadLocation("Pacific/Kiritimati") // 14 hours ahead
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, feed []byte, every uint8) {
		list := fuzzedLog(feed)
		set := settings()
		set.PaneLimit = 50
		set.Ceiling = pipeline.Ceiling{}
		if every%2 == 1 {
			set.Zone = zone
		}
		once, often := pipelinetest.NewStore(), pipelinetest.NewStore()
		whole, parts := pipeline.NewTask(0, set, pipelinetest.NoObserver{}), pipeline.NewTask(0, set, pipelinetest.NoObserver{})
		flush := func(task *pipeline.Task, store *pipelinetest.Store) *pipeline.Flush {
			if task.Absent() {
				if err := task.FetchAbsent(t.Context(), store); err != nil {
					t.Fatal(err)
				}
			}
			rows := task.Flush()
			if err := task.Conflict(); err != nil {
				t.Fatal(err)
			}
			if err := checkRows(rows); err != nil {
				t.Fatal(err)
			}
			write(t, store, rows)
			return rows
		}
		diverted := 0
		for i := range list {
			a, b := list[i], list[i]
			if whole.Apply(&a) == pipeline.Diverted {
				diverted++
			}
			parts.Apply(&b)
			parts.EndBatch(&pipeline.Batch{Topic: b.Topic, Records: []pipeline.Record{b}, Next: b.Offset + 1})
			if every > 0 && (i+1)%int(every) == 0 {
				flush(parts, often)
				next := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
				if err := next.Restore(t.Context(), often); err != nil {
					t.Fatal(err)
				}
				for topic := range pipeline.Topic(pipeline.Topics) {
					if known := next.Known(topic); known != nil {
						next.Seek(topic, known.Next)
					}
				}
				parts = next
			}
		}
		flush(parts, often)
		if n := len(flush(whole, once).Dead); n != diverted {
			t.Fatalf("%d dead letters of %d", n, diverted)
		}
		for _, table := range append(append([]string(nil), stateTables...), eventTables...) {
			if d := pipelinetest.Difference(table, once, often); d != "" {
				t.Fatal(d)
			}
		}
	})
}
