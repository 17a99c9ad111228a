package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/local"
	"csatflow/deploy/trial/storetest"
)

// nobody is an address at which no server listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// file writes a file of lines in a new folder.
func file(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// ends runs a command line that must exit with a code, and print words on stderr or stdout.
func ends(t *testing.T, want int, args []string, words ...string) {
	t.Helper()
	code, out, errs := csatflow(t, nil, args...)
	if code != want {
		t.Errorf("csatflow %v: exit code %d, want %d\n%s%s", args, code, want, out, errs)
	}
	for _, w := range words {
		if !strings.Contains(out+errs, w) {
			t.Errorf("csatflow %v does not say %q:\n%s%s", args, w, out, errs)
		}
	}
}

const goodResponse = `{"event_id":"1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":7}`

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	help := must(t, "--help")
	names := regexp.MustCompile(`(?m)^  ([a-z]+) `).FindAllStringSubmatch(help, -1)
	if len(names) < 10 {
		t.Fatalf("only %d commands in:\n%s", len(names), help)
	}
	for _, n := range names {
		text := must(t, n[1], "--help")
		if n[1] != "version" && (!strings.Contains(text, "Example") || !strings.Contains(text, "csatflow "+n[1])) {
			t.Errorf("csatflow %s --help has no example:\n%s", n[1], text)
		}
	}
}

func TestWrongUsageEndsWithTwoAndSaysWhatIsRight(t *testing.T) {
	small := newDeployment(t, "127.0.0.1:1", "127.0.0.1:1", "").file
	unread := file(t, "csatflow.yaml", "kafka: {brokers: [\"127.0.0.1:1\"], topics: {purchases: \"\"}}\nclickhouse: {address: [\"127.0.0.1:1\"]}")
	unknown := file(t, "csatflow.yaml", "kafka: {broker: [127.0.0.1:9092]}")
	empty := file(t, "csatflow.yaml", "listen: 127.0.0.1:0")
	lines := file(t, "responses.jsonl", goodResponse)
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{nil, []string{"--help"}},
		{[]string{"dance"}, []string{"dance", "--help"}},
		{[]string{"run", "--config", small, "--twice"}, []string{"--twice", "--help"}},
		{[]string{"check", "--config", "absent.yaml"}, []string{"absent.yaml", "no such file"}},
		{[]string{"run", "--config", unknown}, []string{`"kafka.broker"`, `"kafka.brokers"`}},
		{[]string{"run", "--config", empty}, []string{"kafka.brokers", "clickhouse.address", "127.0.0.1:9092"}},
		{[]string{"run"}, []string{"no configuration file", "--config", "CSATFLOW_CONFIG", "--example", "kafka.brokers"}},
		{[]string{"report"}, []string{"no configuration file", "CSATFLOW_CONFIG"}},
		{[]string{"config", "--config", empty}, []string{"kafka.brokers"}},
		{[]string{"migrate", "--config", empty}, []string{"clickhouse.address"}},
		{[]string{"validate", "absent.jsonl"}, []string{"absent.jsonl"}},
		{[]string{"validate", "--topic", "weather", lines}, []string{"weather", "responses"}},
		{[]string{"validate", file(t, "feed.jsonl", `{"hello":1}`)}, []string{"cannot tell which topic", "--topic"}},
		{[]string{"send", "--config", small, file(t, "feed.jsonl", `{"hello":1}`)}, []string{"cannot tell which topic", "--topic"}},
		{[]string{"send", "--config", unread, file(t, "purchases.jsonl", `{"amount":1}`)}, []string{"purchases", "kafka.topics.purchases"}},
		{[]string{"send", "--config", small, "--strict", "-"}, []string{"--strict", "standard input"}},
		{[]string{"send", "--brokers", "kafka", lines}, []string{"kafka.brokers", "host:port"}},
		{[]string{"simulate", "--out", t.TempDir(), "--stores", "-1"}, []string{"store"}},
		{[]string{"demo", "--speed", "0"}, []string{"--speed"}},
	} {
		ends(t, exitUsage, c.args, c.words...)
	}
	code, _, errs := csatflow(t, []string{"CSATFLOW_LISTENS=x"}, "run", "--config", small)
	if code != exitUsage || !strings.Contains(errs, "CSATFLOW_LISTEN?") {
		t.Errorf("an unknown variable: exit code %d, %s", code, errs)
	}
}

func TestWrongConnectionSettingsEndWithTwo(t *testing.T) {
	for more, word := range map[string]string{
		"CSATFLOW_KAFKA_SASL_MECHANISM=GSSAPI":      "SCRAM-SHA-256",
		"CSATFLOW_CLICKHOUSE_COMPRESSION=gzip":      "zstd",
		"CSATFLOW_CLICKHOUSE_PASSWORD_FILE=/secret": "clickhouse.password_file: open /secret",
		"CSATFLOW_LISTEN=0.0.0.0:0":                 "insecure: true",
	} {
		code, _, errs := csatflow(t, []string{more}, "check", "--config", newDeployment(t, "127.0.0.1:1", "127.0.0.1:1", "").file)
		if code != exitUsage || !strings.Contains(errs, word) {
			t.Errorf("%s: exit code %d, %s", more, code, errs)
		}
	}
}

func TestABadLineIsToldWithFileLineFieldAndReason(t *testing.T) {
	bad := file(t, "responses.jsonl", goodResponse, "", strings.Replace(goodResponse, ":7}", ":8}", 1))
	code, out, errs := csatflow(t, nil, "validate", bad)
	if code != exitNo || !regexp.MustCompile(`^`+regexp.QuoteMeta(bad)+`:3: grade: .+\n$`).MatchString(out) || !strings.Contains(errs, "2 events, 1 bad") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	ends(t, exitDone, []string{"validate", file(t, "anything.jsonl", goodResponse)}, "1 events, 0 bad")
	ends(t, exitNo, []string{"validate", file(t, "purchases.jsonl", `{"event_id":"1"}`)}, ":1: ")
}

func TestTheConfigurationIsPrintedWithoutSecrets(t *testing.T) {
	p := newDeployment(t, "127.0.0.1:1", "127.0.0.1:1", "")
	code, out, errs := csatflow(t, []string{"CSATFLOW_CLICKHOUSE_PASSWORD=hush", "CSATFLOW_KAFKA_SASL_PASSWORD=hush"}, "config", "--config", p.file)
	if code != exitDone || strings.Contains(out+errs, "hush") || strings.Count(out, config.Hidden) != 2 || !strings.Contains(out, p.database) {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}

func TestTheExampleConfigurationIsOneThatConfigTakes(t *testing.T) {
	example := must(t, "config", "--example")
	if printed := must(t, "config", "--config", file(t, "csatflow.yaml", example)); !strings.Contains(printed, "interval: 1s # Between flushes") || !strings.Contains(printed, "- 127.0.0.1:9092") {
		t.Errorf("what it gives is\n%s", printed)
	}
}

func TestAServerThatCannotBeReachedEndsWithThree(t *testing.T) {
	p := newDeployment(t, nobody(t), nobody(t), "")
	ends(t, exitUnreachable, []string{"check", "--config", p.file}, "WRONG    Kafka", "WRONG    ClickHouse", p.kafka, p.clickhouse, "clickhouse.address")
	ends(t, exitUnreachable, []string{"send", "--config", p.file, file(t, "responses.jsonl", goodResponse)}, p.kafka)
	ends(t, exitUnreachable, []string{"migrate", "--config", p.file}, p.clickhouse)
	ends(t, exitUnreachable, []string{"simulate", "--brokers", p.kafka, "--events", "10"}, p.kafka)
}

// unlike starts an embedded Kafka; topics has the number of partitions by name.
func unlike(t *testing.T, topics map[string]int) (addr string) {
	t.Helper()
	var list []local.Topic
	for name, n := range topics {
		list = append(list, local.Topic{Name: name, Partitions: n})
	}
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0", Topics: list})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k.Addr()
}

func TestTopicsThatAreAbsentOrDifferEndWithTwoAndTheRemedy(t *testing.T) {
	clickhouse := storetest.ClickHouse(t)
	none := newDeployment(t, unlike(t, nil), clickhouse, "")
	differ := newDeployment(t, unlike(t, map[string]int{"csat.responses": 4, "csat.complaints": 2, "csat.purchases": 4, "csat.observations": 4, "csat.departures": 4, "csat.asked": 4}), clickhouse, "")
	undead := newDeployment(t, unlike(t, map[string]int{"csat.responses": 4, "csat.complaints": 4, "csat.purchases": 4, "csat.observations": 4, "csat.departures": 4, "csat.asked": 4}), clickhouse, "")
	absent := []string{"csat.responses, csat.complaints, csat.purchases", "migrate --topics", "kafka.topics.departures"}
	differing := []string{"csat.responses has 4", "csat.complaints has 2", "kafka-topics --alter"}
	for _, command := range []string{"check", "run"} {
		ends(t, exitUsage, []string{command, "--config", none.file}, absent...)
		ends(t, exitUsage, []string{command, "--config", differ.file}, differing...)
	}
	ends(t, exitUsage, []string{"check", "--config", undead.file}, "no topic csat.deadletter", "migrate --topics")
	ends(t, exitUsage, []string{"send", "--config", none.file, file(t, "responses.jsonl", goodResponse)}, "csat.responses", "migrate --topics")

	ends(t, exitDone, []string{"migrate", "--config", none.file, "--topics"}, "topic csat.responses with 8 partitions", "csat.deadletter")
	out := must(t, "check", "--config", none.file)
	if strings.Count(out, "ok ") != 6 || strings.Contains(out, "WRONG") || strings.Contains(out, "to do") {
		t.Errorf("check after migrate:\n%s", out)
	}
	if out := must(t, "migrate", "--config", none.file, "--topics"); out != "the tables and views of "+none.database+" are those of this release\n" {
		t.Errorf("the second migrate made tables or topics:\n%s", out)
	}
	text, err := os.ReadFile(none.file)
	if err != nil {
		t.Fatal(err)
	}
	slower := file(t, "slower.yaml", string(text)+"service: {answer_window: 48h}\n")
	if out := must(t, "check", "--config", slower); !strings.Contains(out, "to do    views ") || !strings.Contains(out, " are not those of this release and its settings: csatflow migrate") {
		t.Errorf("check after another answer window:\n%s", out)
	}
	unmigrated := file(t, "unmigrated.yaml", strings.Replace(string(text), "database:", "migrate: false, database:", 1)+"service: {answer_window: 48h}\n")
	ends(t, exitDone, []string{"run", "--config", unmigrated, "--until-end"}, "read views that are not those of this release and its settings: csatflow migrate")
	must(t, "migrate", "--config", slower)
	if out := must(t, "check", "--config", slower); strings.Contains(out, "to do") {
		t.Errorf("check after the second migrate:\n%s", out)
	}
	if out := must(t, "check", "--config", newDeployment(t, none.kafka, clickhouse, "").file); !strings.Contains(out, "to do    tables") || !strings.Contains(out, "csatflow migrate") {
		t.Errorf("check before migrate:\n%s", out)
	}
}

func TestTheSameSeedWritesTheSameBytes(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{one, other} {
		must(t, "simulate", "--out", dir, "--events", "2000", "--seed", "5", "--start", "2026-03-01T00:00:00Z", "--bad", "0.01")
	}
	for _, name := range []string{"responses.jsonl", "complaints.jsonl", "truth.json"} {
		a, err := os.ReadFile(filepath.Join(one, name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(other, name))
		if err != nil || len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s: %d bytes and %d bytes (%v) differ", name, len(a), len(b), err)
		}
	}
}
