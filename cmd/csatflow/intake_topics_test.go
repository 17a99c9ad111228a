package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"csatflow/deploy/trial/storetest"
)

const tillsIntake = `intake:
  listen: %s
  kafka: [{topic: shop.tills, feed: tills, format: %s}]
  registry: {url: '%s'}
  feeds:
    tills:
      when: msg.type == "rating"
      to: responses
      fields: {occurred_at: millis(msg.ts_ms), terminal_id: msg.device, grade: stars(msg.stars), store_id: msg.site}
`

// createTopic creates a topic of others.
func createTopic(t *testing.T, kafka, name string, partitions int) {
	t.Helper()
	conn, err := kafkago.Dial("tcp", kafka)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.CreateTopics(kafkago.TopicConfig{Topic: name, NumPartitions: partitions, ReplicationFactor: 1}); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "the topic is there", func() bool {
		list, err := conn.ReadPartitions(name)
		return err == nil && len(list) == partitions && !slices.ContainsFunc(list, func(p kafkago.Partition) bool { return p.Leader.Host == "" })
	})
}

func readyz(address string) (status int, why string) {
	res, err := http.Get(address + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(b)
}

// committed waits until a group has committed so many messages of a topic, and returns its offsets.
func committed(t *testing.T, kafka, group, topic string, messages int64) (offsets map[int]int64) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("committed are %v, of %d", offsets, messages)
		}
	}()
	within(t, time.Minute, "everything is committed", func() bool {
		res, err := (&kafkago.Client{Addr: kafkago.TCP(kafka)}).OffsetFetch(t.Context(), &kafkago.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: {0, 1, 2, 3}}})
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		offsets = map[int]int64{}
		for _, o := range res.Topics[topic] {
			offsets[o.Partition] = o.CommittedOffset
			sum += o.CommittedOffset
		}
		return sum == messages
	})
	return offsets
}

// TestATopicOfOthersIsInTheTablesOnceHoweverOftenTheIntakeIsKilled: two intakes share it, and its messages have no ids of their own.
func TestATopicOfOthersIsInTheTablesOnceHoweverOftenTheIntakeIsKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it kills for some seconds")
	}
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), fmt.Sprintf(tillsIntake, "127.0.0.1:0", "json", "")).with(t, "session_timeout: 6s", "session_timeout: 6s, partitioner: murmur2").with(t, "  registry: {url: ''}\n", "")
	must(t, "migrate", "--config", p.file, "--topics")
	createTopic(t, p.kafka, "shop.tills", 4)
	const total = 12000
	grades, bad := 0, 0
	var list []kafkago.Message
	for i := range total {
		m := kafkago.Message{Value: fmt.Appendf(nil, `{"type":"rating","ts_ms":1772445600000,"device":"till-%d","stars":%d,"site":"store-001"}`, i%83, chaosStars(i)), Key: fmt.Appendf(nil, "till-%d", i%83)}
		switch i % 1000 {
		case 17:
			m.Value = []byte(`{"type":"rating","ts_ms":1772445600000,"device":"till-1","stars":9,"site":"store-001"}`)
			bad++
		case 18:
			m.Value = []byte("no JSON")
			bad++
		default:
			grades += chaosGrade(i)
		}
		list = append(list, m)
	}
	sent := make(chan error, 1)
	go func() {
		w := &kafkago.Writer{Addr: kafkago.TCP(p.kafka), Topic: "shop.tills", Balancer: &kafkago.Hash{}, BatchTimeout: 5 * time.Millisecond, RequiredAcks: kafkago.RequireAll}
		for at := 0; at < len(list); at += 200 {
			if err := w.WriteMessages(context.Background(), list[at:min(at+200, len(list))]...); err != nil {
				sent <- err
				return
			}
			time.Sleep(250 * time.Millisecond)
		}
		sent <- w.Close()
	}()
	r := rand.New(rand.NewPCG(3, 3))
	kills := 0
	for done := false; !done; kills++ {
		killed := start(t, "intake", "--config", p.file)
		select {
		case err := <-sent:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		case <-time.After(time.Duration(2500+r.IntN(3000)) * time.Millisecond):
		}
		if err := killed.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-killed.done
	}
	address, stop := serveIntake(t, p.file)
	everything := committed(t, p.kafka, "csatflow-intake", "shop.tills", total)
	if status, why := readyz(address); status != 200 {
		t.Errorf("%d %s", status, why)
	}
	if _, text := get(t, address+"/metrics"); !strings.Contains(text, "csatflow_intake_messages_total") || regexp.MustCompile(`csatflow_intake_lag_messages\{[^}]*\} [1-9]`).MatchString(text) {
		t.Errorf("everything is committed, and the metrics say\n%s", text)
	}
	end := func() {
		t.Helper()
		begun := time.Now()
		if code := stop(); code != exitDone || time.Since(begun) > 10*time.Second {
			t.Errorf("exit code %d after %v", code, time.Since(begun))
		}
	}
	end()
	there := len(messages(t, p.kafka, "csat.responses", 8))
	// As after a crash between sending and committing: the last ones of each partition are read again.
	const again = 300
	back := map[string][]kafkago.OffsetCommit{}
	for partition, offset := range everything {
		back["shop.tills"] = append(back["shop.tills"], kafkago.OffsetCommit{Partition: partition, Offset: offset - again})
	}
	within(t, 20*time.Second, "the offsets are set back", func() bool {
		res, err := (&kafkago.Client{Addr: kafkago.TCP(p.kafka)}).OffsetCommit(t.Context(), &kafkago.OffsetCommitRequest{GroupID: "csatflow-intake", GenerationID: -1, Topics: back})
		return err == nil && len(res.Topics["shop.tills"]) == 4 && res.Topics["shop.tills"][0].Error == nil
	})
	_, stop = serveIntake(t, p.file)
	committed(t, p.kafka, "csatflow-intake", "shop.tills", total)
	end()
	repeated := len(messages(t, p.kafka, "csat.responses", 8))
	t.Logf("%d kills, %d messages of %d in csat.responses, %d with those that were read again", kills, there, total-bad, repeated)
	if repeated < there+3*again {
		t.Error("nothing was repeated")
	}
	must(t, "run", "--config", p.file, "--until-end")
	var n uint64
	var sum float64
	query(t, p.connect(t), "SELECT sum(responses), sum(mean_grade * responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'", &n, &sum)
	if int(n) != total-bad || int(sum+.5) != grades {
		t.Errorf("the tables have %d responses with grades of %.1f, and %d with %d were sent", n, sum, total-bad, grades)
	}
	places := map[string]bool{}
	for _, m := range messages(t, p.kafka, "csat.deadletter", 8) {
		for _, h := range m.Headers {
			if h.Key == "x-csatflow-place" {
				places[string(h.Value)] = true
			}
		}
	}
	if len(places) != bad {
		t.Errorf("%d messages are dead letters, want %d: %v", len(places), bad, places)
	}
	must(t, "audit", "--config", p.file)
}

const pressAvro = `{"type":"record","name":"Press","fields":[{"name":"type","type":"string"},{"name":"ts_ms","type":"long"},{"name":"device","type":"string"},{"name":"stars","type":"int"},{"name":"site","type":["null","string"]}]}`

// TestWhileTheRegistryIsAwayNothingIsLostAndNothingCommitted, and it is told; what names a schema that there is not is a dead letter, which
// is mapped again once there is.
func TestWhileTheRegistryIsAwayNothingIsLostAndNothingCommitted(t *testing.T) {
	t.Parallel()
	registry := srfake.New()
	defer registry.Close()
	var away atomic.Bool
	away.Store(true)
	registry.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		if away.Load() {
			http.Error(w, "the backend is away", http.StatusBadGateway)
		}
		return away.Load()
	})
	registry.SeedSchema("press", 1, 7, sr.Schema{Schema: pressAvro, Type: sr.TypeAvro})
	p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", fmt.Sprintf(tillsIntake, "127.0.0.1:0", "avro", registry.URL())).with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	createTopic(t, p.kafka, "shop.tills", 4)
	schema := avro.MustParse(pressAvro)
	value := func(id byte, stars int) []byte {
		b, err := avro.Marshal(schema, map[string]any{"type": "rating", "ts_ms": int64(1772445600000), "device": "till-1", "stars": stars, "site": map[string]any{"string": "store-001"}})
		if err != nil {
			t.Fatal(err)
		}
		return append([]byte{0, 0, 0, 0, id}, b...)
	}
	w := &kafkago.Writer{Addr: kafkago.TCP(p.kafka), Topic: "shop.tills", Balancer: &kafkago.Hash{}, BatchSize: 1}
	defer func() { _ = w.Close() }()
	key := []byte("till-1")
	if err := w.WriteMessages(t.Context(), kafkago.Message{Key: key, Value: value(7, 5)}, kafkago.Message{Key: key, Value: value(8, 4)}, kafkago.Message{Key: key, Value: []byte(`{"type":"rating"}`)}, kafkago.Message{Key: key}, kafkago.Message{Key: key, Value: value(7, 1)}); err != nil {
		t.Fatal(err)
	}
	address, stop := serveIntake(t, p.file)
	within(t, 20*time.Second, "it is told that the registry is away", func() bool {
		status, why := readyz(address)
		return status == 503 && strings.Contains(why, "shop.tills, partition") && strings.Contains(why, "the schema registry "+registry.URL()) && strings.Contains(why, "status 502")
	})
	if _, text := get(t, address+"/metrics"); strings.Contains(text, "csatflow_intake_registry_errors_total 0\n") || strings.Contains(text, `csatflow_intake_retries_total{topic="shop.tills"} 0`) {
		t.Errorf("%s", text)
	}
	time.Sleep(time.Second)
	committed(t, p.kafka, "csatflow-intake", "shop.tills", -4) // -1 of each
	if n := len(messages(t, p.kafka, "csat.responses", 8)) + len(messages(t, p.kafka, "csat.deadletter", 8)); n != 0 {
		t.Errorf("%d messages were written", n)
	}
	away.Store(false)
	committed(t, p.kafka, "csatflow-intake", "shop.tills", 5-3)
	if status, why := readyz(address); status != 200 {
		t.Errorf("%d %s", status, why)
	}
	if code := stop(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	ids := func() (ids []string) {
		for _, m := range messages(t, p.kafka, "csat.responses", 8) {
			_, rest, _ := strings.Cut(string(m.Value), `"event_id":"`)
			id, _, _ := strings.Cut(rest, `"`)
			ids = append(ids, id[strings.LastIndex(id, "/")+1:])
		}
		return ids
	}
	if got := fmt.Sprint(ids()); got != "[0 4]" {
		t.Errorf("offsets %s are in Kafka", got)
	}
	out := must(t, "deadletter", "list", "--config", p.file)
	for _, want := range []string{"2 dead letters", "the registry has no schema 8", "its format is json"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	registry.SeedSchema("press", 2, 8, sr.Schema{Schema: pressAvro, Type: sr.TypeAvro})
	ends(t, exitNo, []string{"deadletter", "retry", "--config", p.file, "--all"}, "1 sent back", "the payload has no ts_ms here", "1 messages are still bad")
	if got := fmt.Sprint(ids()); got != "[0 4 1]" {
		t.Errorf("after the retry offsets %s are in Kafka", got)
	}
}
