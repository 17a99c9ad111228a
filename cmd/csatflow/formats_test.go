package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/trial/storetest"
)

const (
	responseAvro = `{"type":"record","name":"Response","fields":[{"name":"event_id","type":"string"},{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-millis"}},
		{"name":"customer_id","type":"string"},{"name":"grade","type":"int"},{"name":"source","type":{"type":"enum","name":"Source","symbols":["POS","SERVICE_DESK"]}},
		{"name":"store_id","type":["null","string"]},{"name":"rater","type":{"type":"map","values":"int"}}]}`
	purchaseAvro = `{"type":"record","name":"Purchase","fields":[{"name":"event_id","type":"string"},{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-micros"}},
		{"name":"customer_id","type":"string"},{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}]}`
	complaintSchema = `{"type":"object","properties":{"step":{"enum":["opened","resolved"]}},"required":["step"]}`
)

// wiredEvent is data of a schema in Confluent's wire format.
func wiredEvent(id byte, data []byte) []byte { return append([]byte{0, 0, 0, 0, id}, data...) }

func marshalAvro(t *testing.T, schema string, v any) []byte {
	t.Helper()
	b, err := avro.Marshal(avro.MustParse(schema), v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// formedEvents are the same events as JSON and in other forms, by topic.
func formedEvents(t *testing.T) (plain, formed map[string][]kafkago.Message) {
	t.Helper()
	plain, formed = map[string][]kafkago.Message{}, map[string][]kafkago.Message{}
	add := func(topic, key string, event map[string]any, value []byte) {
		for name, v := range event {
			if v == nil {
				delete(event, name)
			}
		}
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		plain[topic] = append(plain[topic], kafkago.Message{Key: []byte(key), Value: text})
		formed[topic] = append(formed[topic], kafkago.Message{Key: []byte(key), Value: value})
	}
	for i := range 60 {
		key, at := fmt.Sprintf("c-%d", i%7), time.UnixMilli(1_772_445_600_123+int64(i)*60_000).UTC()
		when := at.Format(time.RFC3339Nano)
		e := map[string]any{"event_id": fmt.Sprintf("r-%d", i), "occurred_at": at, "customer_id": key, "grade": 1 + i%7, "source": []string{"POS", "SERVICE_DESK"}[i%2], "store_id": nil, "rater": map[string]any{"empathy": 1 + i%7}}
		if i%3 > 0 {
			e["store_id"] = map[string]any{"string": "s-1"}
		}
		value := wiredEvent(1, marshalAvro(t, responseAvro, e))
		e["occurred_at"], e["source"] = when, strings.ToLower(e["source"].(string))
		if i%3 > 0 {
			e["store_id"] = "s-1"
		}
		add("csat.responses", key, e, value)
		amount := big.NewRat(int64(100*i+1), 100)
		e = map[string]any{"event_id": fmt.Sprintf("p-%d", i), "occurred_at": at, "customer_id": key, "amount": amount}
		value = wiredEvent(2, marshalAvro(t, purchaseAvro, e))
		e["occurred_at"] = when
		e["amount"], _ = amount.Float64()
		add("csat.purchases", key, e, value)
		e = map[string]any{"event_id": fmt.Sprintf("k-%d", i), "occurred_at": when, "customer_id": key, "complaint_id": fmt.Sprintf("K-%d", i/2), "step": []string{"opened", "resolved"}[i%2], "comment": nil}
		e["customer_id"] = fmt.Sprintf("c-%d", i/2%7)
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		add("csat.complaints", e["customer_id"].(string), e, wiredEvent(3, text))
	}
	return plain, formed
}

// formsRegistry has the schemas of formedEvents.
func formsRegistry(t *testing.T) (r *srfake.Registry, away *atomic.Bool) {
	t.Helper()
	r, away = srfake.New(), &atomic.Bool{}
	t.Cleanup(r.Close)
	r.Intercept(func(w http.ResponseWriter, ask *http.Request) bool {
		switch {
		case away.Load():
			http.Error(w, "the backend is away", http.StatusBadGateway)
		case ask.URL.Path == "/schemas/types": // which the fake one has not
			_, _ = w.Write([]byte(`["AVRO","JSON"]`))
		default:
			return false
		}
		return true
	})
	r.SeedSchema("csat.responses-value", 1, 1, sr.Schema{Schema: responseAvro, Type: sr.TypeAvro})
	r.SeedSchema("csat.purchases-value", 1, 2, sr.Schema{Schema: purchaseAvro, Type: sr.TypeAvro})
	r.SeedSchema("csat.complaints-value", 1, 3, sr.Schema{Schema: complaintSchema, Type: sr.TypeJSON})
	return r, away
}

// formed is a deployment whose producers write in other forms.
func formed(t *testing.T, kafka, clickhouse, registry string) *deployment {
	t.Helper()
	return newDeployment(t, kafka, clickhouse, "").with(t, "kafka: {", "kafka: {format: avro, formats: {complaints: json_schema, asked: json}, registry: {url: '"+registry+"'}, partitioner: murmur2, ")
}

func (p *deployment) write(t *testing.T, byTopic map[string][]kafkago.Message) {
	t.Helper()
	for topic, list := range byTopic {
		w := &kafkago.Writer{Addr: kafkago.TCP(p.kafka), Topic: topic, Balancer: kafkago.Murmur2Balancer{}, BatchTimeout: 5 * time.Millisecond}
		if err := w.WriteMessages(t.Context(), list...); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// rowsOf are the rows of a table, but for when they were appended and written.
func (p *deployment) rowsOf(t *testing.T, table string) (list []string) {
	t.Helper()
	var columns string
	query(t, p.connect(t), fmt.Sprintf("SELECT arrayStringConcat(groupArray(name), ', ') FROM system.columns WHERE database = '%s' AND table = '%s' AND name NOT IN ('appended_at', 'written_at', 'version')", p.database, table), &columns)
	rows, err := p.connect(t).Query(t.Context(), "SELECT toString(tuple("+columns+")) AS x FROM "+table+" ORDER BY x")
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var x string
		if err := rows.Scan(&x); err != nil {
			t.Fatal(err)
		}
		list = append(list, x)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestTheSameEventsInOtherFormsGiveTheSameRows, beside JSON in one topic; what cannot be read is a dead letter with its bytes, which is
// sent back once its schema is there, and the audit agrees.
func TestTheSameEventsInOtherFormsGiveTheSameRows(t *testing.T) {
	t.Parallel()
	clickhouse := storetest.ClickHouse(t)
	registry, _ := formsRegistry(t)
	plain, other := formedEvents(t)
	for topic := range other { // a second producer writes JSON
		other[topic][7] = plain[topic][7]
	}
	p, q := newDeployment(t, startFakeKafka(t, 8), clickhouse, "").with(t, "kafka: {", "kafka: {partitioner: murmur2, "), formed(t, startFakeKafka(t, 8), clickhouse, registry.URL())
	p.write(t, plain)
	q.write(t, other)
	must(t, "run", "--config", p.file, "--until-end")
	if out := must(t, "run", "--config", q.file, "--dry-run"); !strings.Contains(out, "dead letters: 0") || !strings.Contains(out, "purchases: 60 rows") {
		t.Error(out)
	}
	must(t, "run", "--config", q.file, "--until-end")
	for _, table := range []string{"responses", "complaint_events", "purchases", "complaints", "satisfaction", "customer_responses", "customer_complaints", "customer_purchases", "churn"} {
		want, got := p.rowsOf(t, table), q.rowsOf(t, table)
		if len(want) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d rows, want %d\n%.2000s\n%.2000s", table, len(got), len(want), got, want)
		}
	}
	bad := marshalAvro(t, responseAvro, map[string]any{"event_id": "r-bad", "occurred_at": time.UnixMilli(1_772_445_600_000), "customer_id": "c-1", "grade": 9, "source": "POS", "store_id": nil, "rater": map[string]any{}})
	good := bytes.Replace(bad, []byte("r-bad\x80"), []byte("r-new\x80"), 1)
	good = bytes.Replace(good, []byte("c-1\x12"), []byte("c-1\x0a"), 1) // grade 5
	key := []byte("c-1")
	q.write(t, map[string][]kafkago.Message{"csat.responses": {{Key: key, Value: wiredEvent(1, bad)}, {Key: key, Value: wiredEvent(9, good)}, {Key: key, Value: wiredEvent(1, good[:9])}, {Key: key, Value: []byte("text")}}})
	must(t, "run", "--config", q.file, "--until-end")
	out := must(t, "deadletter", "list", "--config", q.file)
	for _, want := range []string{"4 dead letters", "grade: must be 1 to 7, is 9", "the registry has no schema 9", "which it names: occurred_at: it ends too early", "not in Confluent's wire format: it has 4 bytes"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	letters := map[string]bool{}
	for _, m := range messages(t, q.kafka, config.Default().Kafka.Topics.DeadLetter, 8) {
		letters[string(m.Value)] = true
	}
	for _, want := range [][]byte{wiredEvent(1, bad), wiredEvent(9, good), wiredEvent(1, good[:9]), []byte("text")} {
		if !letters[string(want)] {
			t.Errorf("no letter has %q", want)
		}
	}
	must(t, "audit", "--config", q.file)
	registry.SeedSchema("csat.responses-value", 2, 9, sr.Schema{Schema: responseAvro, Type: sr.TypeAvro})
	file := filepath.Join(t.TempDir(), "letters.jsonl")
	if err := os.WriteFile(file, []byte(must(t, "deadletter", "list", "--config", q.file, "--format", "json", "--reason", "no schema 9")), 0o644); err != nil {
		t.Fatal(err)
	}
	ends(t, exitDone, []string{"deadletter", "retry", "--config", q.file, "--file", file}, "1 sent back")
	ends(t, exitNo, []string{"deadletter", "retry", "--config", q.file, "--all"}, "0 sent back", "grade: must be 1 to 7, is 9", "3 messages are still bad")
	must(t, "run", "--config", q.file, "--until-end")
	var n uint64
	query(t, q.connect(t), "SELECT count() FROM responses WHERE event_id = 'r-new' AND grade = 5", &n)
	if n != 1 {
		t.Errorf("%d rows of the message that was sent back", n)
	}
	must(t, "audit", "--config", q.file)
}

// TestWhileTheRegistryIsAwayRunWaits, tells it, ends at once when it is asked to, and goes on with everything when it is back.
func TestWhileTheRegistryIsAwayRunWaits(t *testing.T) {
	t.Parallel()
	registry, away := formsRegistry(t)
	away.Store(true)
	p := formed(t, startFakeKafka(t, 8), storetest.ClickHouse(t), registry.URL())
	_, other := formedEvents(t)
	must(t, "migrate", "--config", p.file)
	p.write(t, other)
	ends(t, exitUnreachable, []string{"check", "--config", p.file}, "WRONG    the schema registry "+registry.URL()+" (kafka.registry) does not answer: status 502")
	waiting := start(t, "run", "--config", p.file)
	within(t, 30*time.Second, "it says that it waits", func() bool {
		return strings.Contains(waiting.said(t), "reading waits, and is tried again")
	})
	page := waiting.page(t)
	within(t, 40*time.Second, "it is not ready", func() bool {
		status, why := readyz(page)
		return status == http.StatusServiceUnavailable && strings.Contains(why, "the schema registry has not answered for")
	})
	if _, text := get(t, page+"/metrics"); strings.Contains(text, "csatflow_registry_errors_total 0\n") || !strings.Contains(text, "csatflow_registry_errors_total ") {
		t.Error("the tries are not counted")
	}
	begun := time.Now()
	waiting.stop(t)
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it ended after %v", took)
	}
	if n := strings.Count(waiting.said(t), "reading waits, and is tried again"); n != 1 {
		t.Errorf("it is told %d times", n)
	}
	again := start(t, "run", "--config", p.file)
	within(t, 30*time.Second, "it waits again", func() bool {
		return strings.Contains(again.said(t), "reading waits, and is tried again")
	})
	if n := len(messages(t, p.kafka, config.Default().Kafka.Topics.DeadLetter, 8)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
	away.Store(false)
	within(t, 40*time.Second, "everything is in the tables", func() bool {
		var responses, purchases, complaints uint64
		query(t, p.connect(t), "SELECT (SELECT count() FROM responses), (SELECT count() FROM purchases), (SELECT count() FROM complaint_events)", &responses, &purchases, &complaints)
		return responses == 60 && purchases == 60 && complaints == 60
	})
	within(t, 10*time.Second, "it is ready", func() bool {
		status, _ := readyz(again.page(t))
		return status == http.StatusOK
	})
	again.stop(t)
	ends(t, exitDone, []string{"check", "--config", p.file}, "ok       schema registry "+registry.URL()+" (kafka.registry)")
	must(t, "audit", "--config", p.file)
}

// TestWhatWasReadAsJSONIsSentBackOnceTheFormatIsSet: it stays a dead letter until then, also for an audit.
func TestWhatWasReadAsJSONIsSentBackOnceTheFormatIsSet(t *testing.T) {
	t.Parallel()
	registry, _ := formsRegistry(t)
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	_, other := formedEvents(t)
	p.write(t, map[string][]kafkago.Message{"csat.responses": other["csat.responses"]})
	must(t, "run", "--config", p.file, "--until-end")
	set := p.with(t, "kafka: {", "kafka: {format: avro, registry: {url: '"+registry.URL()+"'}, ")
	must(t, "audit", "--config", set.file)
	ends(t, exitDone, []string{"deadletter", "retry", "--config", set.file, "--all"}, "60 sent back")
	must(t, "run", "--config", set.file, "--until-end")
	var n uint64
	query(t, set.connect(t), "SELECT count() FROM responses", &n)
	if n != 60 {
		t.Errorf("%d responses", n)
	}
	must(t, "audit", "--config", set.file)
}
