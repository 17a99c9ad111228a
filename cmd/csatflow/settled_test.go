package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline/partitioner"
	"csatflow/pipeline/rows"
)

// produceAs sends values to a topic with a producer's own partitioner; each value's key is its customer.
func produceAs(t *testing.T, addr, topic string, by kafkago.Balancer, values map[string]string) {
	t.Helper()
	w := &kafkago.Writer{Addr: kafkago.TCP(addr), Topic: topic, Transport: &kafkago.Transport{}, Balancer: by, BatchTimeout: time.Millisecond, RequiredAcks: kafkago.RequireAll}
	defer func() { _ = w.Close() }()
	var list []kafkago.Message
	for key, value := range values {
		list = append(list, kafkago.Message{Key: []byte(key), Value: []byte(value)})
	}
	if err := w.WriteMessages(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

// unhappy makes a bad response and a complaint for each of n customers.
func unhappy(n int) (responses, complaints map[string]string) {
	responses, complaints = map[string]string{}, map[string]string{}
	for i := range n {
		c := fmt.Sprint("customer-", i)
		responses[c] = fmt.Sprintf(`{"event_id":"r%d","occurred_at":"2026-03-01T10:00:00Z","customer_id":%q,"grade":2}`, i, c)
		complaints[c] = fmt.Sprintf(`{"event_id":"k%d","occurred_at":"2026-03-01T11:00:00Z","customer_id":%q,"complaint_id":"p%d","step":"opened"}`, i, c, i)
	}
	return responses, complaints
}

// voices returns the voice rate of the scope of all, and how many customers have a risk.
func (p *deployment) voices(t *testing.T) (rate float64, customers uint64) {
	t.Helper()
	db := p.connect(t)
	if err := db.QueryRow(t.Context(), "SELECT voice_rate FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'").Scan(&rate); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(t.Context(), "SELECT count() FROM churn_risk").Scan(&customers); err != nil {
		t.Fatal(err)
	}
	return rate, customers
}

// with makes another configuration of the same servers and database.
func (p *deployment) with(t *testing.T, old, new string) *deployment {
	t.Helper()
	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	q := *p
	q.file = filepath.Join(t.TempDir(), "csatflow.yaml")
	changed := strings.Replace(string(text), old, new, 1)
	if changed == string(text) {
		t.Fatalf("%s has no %q", text, old)
	}
	if err := os.WriteFile(q.file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	return &q
}

func refused(t *testing.T, words []string, args ...string) {
	t.Helper()
	code, out, errs := csatflow(t, nil, args...)
	if code != exitUsage {
		t.Errorf("csatflow %v: exit code %d\n%s%s", args, code, out, errs)
	}
	for _, w := range words {
		if !strings.Contains(out+errs, w) {
			t.Errorf("csatflow %v does not say %q:\n%s%s", args, w, out, errs)
		}
	}
}

func TestProducersThatDisagreeAreRefusedWithATableOfWhatEachTopicUses(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "dead_letters: {max_share: 0.5}\n")
	responses, complaints := unhappy(200)
	produceAs(t, kafka, "csat.responses", kafkago.CRC32Balancer{}, responses)
	produceAs(t, kafka, "csat.complaints", kafkago.Murmur2Balancer{}, complaints)
	words := []string{"csat.responses", "it is crc32", "csat.complaints", "it is murmur2", "kafka.partitioner"}
	refused(t, words, "run", "--config", p.file, "--until-end")
	refused(t, words, "check", "--config", p.file)
	refused(t, words, "run", "--config", p.file, "--dry-run")

	// With the right partitioner configured, its events count, and the others become dead letters that name both partitions.
	q := p.with(t, "kafka: {", "kafka: {partitioner: crc32, ")
	must(t, "run", "--config", q.with(t, "max_share: 0.5", "max_share: 1").file, "--until-end")
	letters := q.deadLetters(t)
	if len(letters) < 100 || len(letters) >= 200 {
		t.Errorf("%d dead letters", len(letters))
	}
	for _, l := range letters {
		reason := ""
		for _, h := range l.Headers {
			if h.Key == "x-csatflow-reason" {
				reason = string(h.Value)
			}
		}
		if home := partitioner.CRC32.PartitionOf(l.Key, 8); !strings.Contains(reason, fmt.Sprintf("belongs in partition %d by crc32", home)) || !strings.Contains(reason, "stands in partition ") {
			t.Fatalf("reason %q", reason)
		}
	}
	must(t, "audit", "--config", q.file)

	// Sent back, they go to their partitions, and count.
	if out := must(t, "deadletter", "retry", "--config", q.file, "--all"); !strings.Contains(out, fmt.Sprintf("%d sent back", len(letters))) {
		t.Errorf("%s", out)
	}
	must(t, "run", "--config", q.with(t, "max_share: 0.5", "max_share: 1").file, "--until-end")
	if rate, customers := q.voices(t); rate != 1 || customers != 200 {
		t.Errorf("voice rate %v of %d customers", rate, customers)
	}
}

func TestThePartitionerOfTheTopicsIsLearntAndKept(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "")
	responses, complaints := unhappy(100)
	produceAs(t, kafka, "csat.responses", kafkago.CRC32Balancer{}, responses)
	produceAs(t, kafka, "csat.complaints", kafkago.CRC32Balancer{}, complaints)
	must(t, "run", "--config", p.file, "--until-end")
	if rate, customers := p.voices(t); rate != 1 || customers != 100 {
		t.Errorf("voice rate %v of %d customers", rate, customers)
	}
	if out := must(t, "check", "--config", p.file); !strings.Contains(out, "kafka.partitioner crc32") {
		t.Errorf("check: %s", out)
	}
	refused(t, []string{`kafka.partitioner is "murmur2", and the rows were made with "crc32"`}, "run", "--config", p.with(t, "kafka: {", "kafka: {partitioner: murmur2, ").file, "--until-end")
	// send uses it too.
	file := filepath.Join(t.TempDir(), "responses.jsonl")
	if err := os.WriteFile(file, []byte(`{"event_id":"more","occurred_at":"2026-03-01T12:00:00Z","customer_id":"customer-7","grade":2}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "send", "--config", p.file, file)
	must(t, "run", "--config", p.file, "--until-end")
	if n := p.responses(t); n != 101 {
		t.Errorf("%d responses", n)
	}
}

// TestThePartitionerIsLearntWhileTheServiceRuns: the topics are empty when it begins.
func TestThePartitionerIsLearntWhileTheServiceRuns(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan string, 1)
	go func() {
		code, out, errs := csatflowIn(t, ctx, nil, "run", "--config", p.file)
		done <- fmt.Sprintf("exit code %d\n%s%s", code, out, errs)
	}()
	kept := func(name string) (value string) {
		_ = p.connect(t).QueryRow(t.Context(), "SELECT any(value) FROM settings WHERE name = ?", name).Scan(&value) // the table may not be there yet
		return value
	}
	until := func(what string, so func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(300 * time.Millisecond) {
			if time.Now().After(deadline) {
				cancel()
				t.Fatalf("%s: %s", what, <-done)
			}
		}
	}
	until("the settings are not kept", func() bool { return kept("measures.promise") != "" })
	if by := kept("kafka.partitioner"); by != "" {
		t.Errorf("learnt %s of nothing", by)
	}
	responses, _ := unhappy(100)
	produceAs(t, kafka, "csat.responses", kafkago.CRC32Balancer{}, responses)
	until("nothing is learnt", func() bool { return kept("kafka.partitioner") != "" })
	if by := kept("kafka.partitioner"); by != "crc32" {
		t.Errorf("learnt %s", by)
	}
	stray := map[string]string{}
	for c, r := range responses {
		if partitioner.CRC32.PartitionOf([]byte(c), 8) != partitioner.Murmur2.PartitionOf([]byte(c), 8) && len(stray) == 0 {
			stray[c] = strings.Replace(r, `"event_id":"r`, `"event_id":"stray`, 1)
		}
	}
	time.Sleep(time.Second) // what is learnt is stored before it is used
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, stray)
	until("no dead letter", func() bool { return len(p.deadLetters(t)) > 0 })
	cancel()
	if ended := <-done; !strings.Contains(ended, "exit code 0") {
		t.Error(ended)
	}
}

func TestAuditReportsCustomersInTwoPartitionsInEveryMode(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: any, ")
	responses, complaints := unhappy(50)
	produceAs(t, kafka, "csat.responses", kafkago.CRC32Balancer{}, responses)
	produceAs(t, kafka, "csat.complaints", kafkago.Murmur2Balancer{}, complaints)
	must(t, "run", "--config", p.file, "--until-end")
	for _, more := range [][]string{nil, {"--sample", "0.5"}, {"--partitions", "3"}} {
		code, out, errs := csatflow(t, nil, append([]string{"audit", "--config", p.file}, more...)...)
		if code != exitNo || !strings.Contains(out, "customers and terminals are in several partitions") || !strings.Contains(out, "customer customer-") {
			t.Errorf("audit %v: exit code %d\n%s%s", more, code, out, errs)
		}
	}
}

func TestRunRefusesOtherSettingsThanTheRowsWereMadeWith(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "measures: {promise: 24h, crossings: [[store, source]]}\nflush: {interval: 1s}\nalerts: {enabled: true}\n")
	responses, complaints := unhappy(60)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	produceAs(t, kafka, "csat.complaints", kafkago.Murmur2Balancer{}, complaints)
	must(t, "run", "--config", p.file, "--until-end")
	for _, c := range []struct {
		old, new string
		words    []string
	}{
		{"promise: 24h", "promise: 2h", []string{`measures.promise is "2h0m0s", and the rows were made with "24h0m0s"`}},
		{"crossings: [[store, source]]", "crossings: [[store, source], [region, source]]", []string{`measures.crossings is "region*source, store*source", and the rows were made with "store*source"`}},
		{"promise: 24h", "promise: 24h, promise_by_category: {price: 1h}", []string{`measures.promise_by_category is "price: 1h0m0s"`, `made with ""`}},
		{"promise: 24h", "promise: 24h, time_zone: Europe/Berlin", []string{`measures.time_zone is "Europe/Berlin"`, `made with "UTC"`}},
	} {
		q := p.with(t, c.old, c.new)
		words := append(c.words, "clickhouse.database")
		refused(t, words, "run", "--config", q.file, "--until-end")
		refused(t, words, "check", "--config", q.file)
		refused(t, words, "audit", "--config", q.file)
		refused(t, words, "migrate", "--config", q.file)
	}
	for _, free := range [][2]string{{"interval: 1s", "interval: 2s"}, {"enabled: true", "enabled: false"}, {"promise: 24h", "promise: 24h, rater_weights: {empathy: 2}"}, {"flush:", "log: {level: warn}\nflush:"}} {
		must(t, "run", "--config", p.with(t, free[0], free[1]).file, "--until-end")
	}
	must(t, "audit", "--config", p.file)
}

// TestTablesOfAReleaseThatKeptNoSettingsTakeThoseOfTheFirstRun: their own settings are unknown, but for the panes of minutes that all kinds had.
func TestTablesOfAReleaseThatKeptNoSettingsTakeThoseOfTheFirstRun(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "measures: {promise: 24h, resolutions: {employee: 1m}}\n")
	responses, _ := unhappy(60)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	must(t, "run", "--config", p.file, "--until-end")
	if err := p.connect(t).Exec(t.Context(), "TRUNCATE TABLE settings"); err != nil {
		t.Fatal(err)
	}
	code, _, errs := csatflow(t, nil, "run", "--config", p.file, "--until-end")
	if code != exitDone || !strings.Contains(errs, "kept no settings") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	refused(t, []string{"measures.promise"}, "run", "--config", p.with(t, "promise: 24h", "promise: 2h").file, "--until-end")
}

// TestOfTwoProcessesThatBeginAtOnceWithOtherSettingsOneIsRefused: neither finds settings at its first look.
func TestOfTwoProcessesThatBeginAtOnceWithOtherSettingsOneIsRefused(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "measures: {promise: 24h}\n")
	responses, _ := unhappy(60)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	must(t, "migrate", "--config", p.file)
	var both sync.WaitGroup
	codes := make([]int, 2)
	for i, q := range []*deployment{p, p.with(t, "promise: 24h", "promise: 2h")} {
		both.Go(func() {
			codes[i], _, _ = csatflow(t, nil, "run", "--config", q.file, "--until-end")
		})
	}
	both.Wait()
	if codes[0]+codes[1] != exitUsage || codes[0]*codes[1] != 0 {
		t.Errorf("exit codes %v", codes)
	}
}

func TestAnOlderReleaseRefusesWhatANewerOneHasMade(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	server := storetest.ClickHouse(t)
	responses, _ := unhappy(60)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	for what, newer := range map[string]string{
		"999_future": "INSERT INTO schema_migrations (name) VALUES ('999_future')",
		fmt.Sprintf("logic version %d", rows.LogicVersion+1): fmt.Sprintf("INSERT INTO positions (partition, topic, next, seen, fingerprint, partitions, version) VALUES (0, 'responses', 5, 4, 1, 8, %d)", uint64(rows.LogicVersion+1)<<48),
		"measures.future": "INSERT INTO settings (name, value) VALUES ('measures.future', '1')",
	} {
		p := newDeployment(t, kafka, server, "")
		must(t, "run", "--config", p.file, "--until-end")
		if err := p.connect(t).Exec(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
		words := []string{what, "newer release", "clickhouse.database"}
		refused(t, words, "run", "--config", p.file, "--until-end")
		refused(t, words, "run", "--config", p.with(t, "database:", "migrate: false, database:").file, "--until-end")
		refused(t, words, "check", "--config", p.file)
		refused(t, words, "audit", "--config", p.file)
		refused(t, words, "migrate", "--config", p.file)
	}
}
