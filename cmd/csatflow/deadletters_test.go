package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/trial/storetest"
	"csatflow/sinks/deadletter"
)

// deadLetters reads the whole dead-letter topic, with a client that tells an empty value from none.
func (p *deployment) deadLetters(t *testing.T) (list []kafkago.Message) {
	t.Helper()
	topic := config.Default().Kafka.Topics.DeadLetter
	missing := int64(0)
	from := map[int32]kgo.Offset{}
	for partition := range 8 {
		conn, err := kafkago.DialLeader(t.Context(), "tcp", p.kafka, topic, partition)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, end, err := conn.ReadOffsets()
		if err != nil {
			t.Fatal(err)
		}
		missing += end
		from[int32(partition)] = kgo.NewOffset().At(0)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(p.kafka), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for missing > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("%d dead letters are missing: %v", missing, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			missing--
			m := kafkago.Message{Partition: int(r.Partition), Offset: r.Offset, Key: r.Key, Value: r.Value}
			for _, h := range r.Headers {
				m.Headers = append(m.Headers, kafkago.Header(h))
			}
			list = append(list, m)
		})
	}
	return list
}

func header(m kafkago.Message, key string) string {
	for _, h := range m.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

func TestABadLineGoesWholeToTheDeadLetterTopicAndTheGoodOnesCount(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	good := `{"event_id":"1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":7}`
	bad := []string{
		`{"event_id":"2","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":8}`,
		`{"event_id":"3","occurred_at":"2026-03-01 10:00","customer_id":"c1","grade":3}`,
		`not JSON at all`,
	}
	file := filepath.Join(t.TempDir(), "responses.jsonl")
	lines := strings.Join([]string{bad[0], good, bad[1], bad[2], strings.Replace(good, `"1"`, `"4"`, 1)}, "\n")
	if err := os.WriteFile(file, []byte(lines+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "send", "--config", p.file, file)
	must(t, "run", "--config", p.file, "--until-end")

	var responses uint64
	if err := p.connect(t).QueryRow(t.Context(), "SELECT responses FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'").Scan(&responses); err != nil || responses != 2 {
		t.Errorf("%d responses counted (%v), 2 are good", responses, err)
	}
	fields := map[string]string{bad[0]: "grade", bad[1]: "occurred_at", bad[2]: ""}
	letters := p.deadLetters(t)
	if len(letters) != len(bad) {
		t.Fatalf("%d dead letters, %d lines are bad", len(letters), len(bad))
	}
	for _, m := range letters {
		field, known := fields[string(m.Value)]
		if !known {
			t.Errorf("dead letter with another value: %q", m.Value)
		}
		if header(m, deadletter.HeaderField) != field || header(m, deadletter.HeaderReason) == "" || header(m, deadletter.HeaderTopic) != "csat.responses" ||
			header(m, deadletter.HeaderPartition) == "" || header(m, deadletter.HeaderOffset) == "" {
			t.Errorf("dead letter %q has headers %v", m.Value, m.Headers)
		}
		if field != "" && string(m.Key) != "c1" {
			t.Errorf("dead letter %q has the key %q", m.Value, m.Key)
		}
	}
}
