package main

import (
	"os"
	"strings"
	"testing"

	"csatflow/deploy/trial/logtest"
	"csatflow/deploy/trial/storetest"

	kafkago "github.com/segmentio/kafka-go"
)

// stored counts the messages of the responses topic.
func (p *deployment) stored(t *testing.T) (n int64) {
	t.Helper()
	for partition := range 8 {
		n += logEnd(t, p.kafka, "csat.responses", partition)
	}
	return n
}

// logEnd is the offset behind the last message of a partition.
func logEnd(t *testing.T, kafka, topic string, partition int) int64 {
	t.Helper()
	conn, err := kafkago.DialLeader(t.Context(), "tcp", kafka, topic, partition)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, end, err := conn.ReadOffsets()
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func TestStrictSendsNothingOfAFileWithABadLine(t *testing.T) {
	p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", "")
	ends(t, exitNo, []string{"send", "--strict", "--config", p.file, file(t, "responses.jsonl", goodResponse, `{"event_id":"2"}`)}, ":2: occurred_at", "1 of 2")
	if n := p.stored(t); n != 0 {
		t.Errorf("%d events were sent of a file that is refused", n)
	}
	ends(t, exitDone, []string{"send", "--config", p.file, file(t, "responses.jsonl", goodResponse, `{"event_id":"2"}`)}, ":2: occurred_at", "sent 2 events, 1 of them bad", "csat.deadletter")
	if n := p.stored(t); n != 2 {
		t.Errorf("%d events were sent, the file has 2", n)
	}
}

func TestStandardInputIsSentAndItsTopicIsTold(t *testing.T) {
	p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", "")
	lines := goodResponse + "\r\n\n" + strings.Replace(goodResponse, `"1"`, `"2"`, 1) // blank line; no newline at the end
	for i, args := range [][]string{{"send", "--config", p.file, "-"}, {"send", "--brokers", p.kafka, "--topic", "responses", "-"}} {
		var out, errs logtest.Buffer
		code := run(&system{ctx: t.Context(), stdin: strings.NewReader(lines), stdout: &out, stderr: &errs}, args)
		if code != exitDone || !strings.Contains(out.String(), "sent 2 events\n") {
			t.Errorf("csatflow %v: exit code %d\n%s%s", args, code, out.String(), errs.String())
		}
		if n := p.stored(t); n != int64(2*(i+1)) {
			t.Errorf("the topic has %d events", n)
		}
	}
}

func TestATopicMadeAnewStopsRunWithAClearError(t *testing.T) {
	t.Parallel()
	clickhouse := storetest.ClickHouse(t)
	p := newDeployment(t, startFakeKafka(t, 8), clickhouse, "")
	must(t, "send", "--config", p.file, file(t, "responses.jsonl", goodResponse))
	must(t, "run", "--config", p.file, "--until-end")

	again := newDeployment(t, startFakeKafka(t, 8), clickhouse, "")
	code, _, errs := csatflow(t, []string{"CSATFLOW_CLICKHOUSE_DATABASE=" + p.database}, "run", "--config", again.file, "--until-end")
	if code != exitNo {
		t.Errorf("exit code %d, want %d", code, exitNo)
	}
	for _, w := range []string{"csat.responses, partition ", "up to offset 0", "ends at 0", "made anew", "clickhouse.database"} {
		if !strings.Contains(errs, w) {
			t.Errorf("the message does not say %q:\n%s", w, errs)
		}
	}
}

// TestTopicsThatAreNotReadKeepNoRunFromItsEnd: Kafka lacks the topics of purchases, observations, departures and invitations.
func TestTopicsThatAreNotReadKeepNoRunFromItsEnd(t *testing.T) {
	t.Parallel()
	kafka := unlike(t, map[string]int{"csat.responses": 4, "csat.complaints": 4, "csat.deadletter": 4})
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "")
	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	p.file = file(t, "csatflow.yaml", strings.Replace(string(text), "partitions: 8", "partitions: 4, topics: {purchases: '', observations: '', departures: '', asked: ''}", 1))
	must(t, "migrate", "--config", p.file)
	if out := must(t, "check", "--config", p.file); !strings.Contains(out, "csat.responses, csat.complaints with 4 partitions each") {
		t.Errorf("%s", out)
	}
	must(t, "send", "--config", p.file, file(t, "responses.jsonl", goodResponse+"\n"))
	if out := must(t, "run", "--config", p.file, "--dry-run"); !strings.Contains(out, "customer_responses: 1 rows") {
		t.Errorf("%s", out)
	}
	must(t, "run", "--config", p.file, "--until-end")
	var n uint64
	query(t, p.connect(t), "SELECT sum(responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'", &n)
	if n != 1 {
		t.Errorf("%d responses", n)
	}
	must(t, "audit", "--config", p.file)
}

// TestEveryTopicOfFilesCanBeNamed, for send and validate: --topic decides, whatever the file's name.
func TestEveryTopicOfFilesCanBeNamed(t *testing.T) {
	p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", "")
	for topic, event := range map[string]string{
		"responses":    goodResponse,
		"complaints":   `{"event_id":"1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","complaint_id":"k","step":"opened"}`,
		"purchases":    `{"event_id":"1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","amount":3}`,
		"observations": `{"event_id":"1","occurred_at":"2026-03-01T09:00:00Z","store_id":"s","kind":"mystery_visit"}`,
		"departures":   `{"event_id":"1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c"}`,
		"asked":        `{"event_id":"1","occurred_at":"2026-03-01T09:00:00Z","terminal_id":"t"}`,
	} {
		ends(t, exitDone, []string{"send", "--config", p.file, "--topic", topic, file(t, "export.jsonl", event)}, "sent 1 events")
		ends(t, exitDone, []string{"validate", "--topic", topic, file(t, "export.jsonl", event)})
	}
	ends(t, exitUsage, []string{"send", "--config", p.file, "--topic", "visits", file(t, "export.jsonl", goodResponse)}, "departures")
}
