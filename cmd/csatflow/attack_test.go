package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/trial/storetest"
	"csatflow/sinks/deadletter"
)

// attack is a message that once stopped the service, or held it up for hours.
type attack struct {
	what, topic, key, value, reason string
	headers                         int
}

func attacks() []attack {
	const epoch = `"occurred_at":"1970-01-01T00:00:00+14:00"`
	digits := strings.Repeat("9", 60<<20)
	return []attack{
		{what: "an instant before 1970, in a response", topic: "csat.responses", key: "c", value: `{"event_id":"a",` + epoch + `,"customer_id":"c","grade":3}`, reason: "1970 to 2105, also in UTC"},
		{what: "in a complaint", topic: "csat.complaints", key: "c", value: `{"event_id":"a",` + epoch + `,"customer_id":"c","complaint_id":"k","step":"opened"}`, reason: "also in UTC"},
		{what: "in a purchase", topic: "csat.purchases", key: "c", value: `{"event_id":"a",` + epoch + `,"customer_id":"c","amount":3}`, reason: "also in UTC"},
		{what: "in an observation", topic: "csat.observations", key: "s", value: `{"event_id":"a",` + epoch + `,"store_id":"s","kind":"mystery_visit"}`, reason: "also in UTC"},
		{what: "in a departure", topic: "csat.departures", key: "c", value: `{"event_id":"a",` + epoch + `,"customer_id":"c"}`, reason: "also in UTC"},
		{what: "in an invitation", topic: "csat.asked", key: "c", value: `{"event_id":"a",` + epoch + `,"customer_id":"c"}`, reason: "also in UTC"},
		{what: "a number of 60 million digits", topic: "csat.purchases", key: "c", value: `{"event_id":"b","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c","amount":999999999999.` + digits + `}`, reason: "has more than 100 characters"},
		{what: "a batch that unpacks to more than 64 MiB", topic: "csat.responses", key: "c", value: strings.Repeat(" ", 65<<20), reason: "exhaust the memory"},
		{what: "countless headers", topic: "csat.responses", key: "c", value: `{}`, reason: "headers, more than", headers: 70_000},
	}
}

func (a *attack) send(t *testing.T, addr string) {
	t.Helper()
	w := &kafkago.Writer{Addr: kafkago.TCP(addr), Topic: a.topic, Transport: &kafkago.Transport{}, Balancer: kafkago.Murmur2Balancer{}, RequiredAcks: kafkago.RequireAll,
		BatchTimeout: time.Millisecond, BatchBytes: 100 << 20, Compression: kafkago.Gzip, WriteTimeout: time.Minute}
	defer func() { _ = w.Close() }()
	m := kafkago.Message{Key: []byte(a.key), Value: []byte(a.value)}
	for range a.headers {
		m.Headers = append(m.Headers, kafkago.Header{Key: "h"})
	}
	if err := w.WriteMessages(t.Context(), m); err != nil {
		t.Fatalf("%s: %v", a.what, err)
	}
}

// TestOneMessageCannotStopTheService sends attacks amid events of the same customer to a real Apache Kafka.
func TestOneMessageCannotStopTheService(t *testing.T) {
	t.Parallel()
	kafka := startKafka(t)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	must(t, "migrate", "--config", p.file, "--topics")
	good := func(n int) {
		produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, map[string]string{"c": fmt.Sprintf(`{"event_id":"good%d","occurred_at":"2026-03-01T10:0%d:00Z","customer_id":"c","grade":7}`, n, n)})
	}
	list := attacks()
	for i := range list {
		good(i)
		list[i].send(t, kafka)
	}
	good(len(list))
	must(t, "run", "--config", p.file, "--until-end")
	if n := p.responses(t); n != uint64(len(list)+1) {
		t.Errorf("%d responses of %d", n, len(list)+1)
	}
	letters := p.deadLetters(t)
	if len(letters) != len(list) {
		t.Errorf("%d dead letters of %d", len(letters), len(list))
	}
	for i := range list {
		found := false
		for _, l := range letters {
			found = found || header(l, deadletter.HeaderTopic) == list[i].topic && strings.Contains(header(l, deadletter.HeaderReason), list[i].reason)
		}
		if !found {
			t.Errorf("%s: no dead letter of %s says %q", list[i].what, list[i].topic, list[i].reason)
		}
	}
	must(t, "audit", "--config", p.file)
}

func TestValidateRefusesWhatTheServiceDiverts(t *testing.T) {
	for _, a := range attacks() {
		if a.headers > 0 || len(bytes.TrimSpace([]byte(a.value))) == 0 {
			continue
		}
		file := filepath.Join(t.TempDir(), strings.TrimPrefix(a.topic, "csat.")+".jsonl")
		if err := os.WriteFile(file, []byte(a.value+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		code, out, errs := csatflow(t, nil, "validate", file)
		if code != exitNo || !strings.Contains(out+errs, a.reason) {
			t.Errorf("%s: exit code %d: %.300s", a.what, code, out+errs)
		}
	}
}
