package main

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/deploy/trial/storetest"
)

// removeBelow removes the records of a partition below an offset, like retention.
func removeBelow(t *testing.T, broker, topic string, partition int32, offset int64) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = 10_000
	rt := kmsg.NewDeleteRecordsRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewDeleteRecordsRequestTopicPartition()
	rp.Partition, rp.Offset = partition, offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	res, err := req.RequestWith(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if code := res.Topics[0].Partitions[0].ErrorCode; code != 0 {
		t.Fatalf("deleting records: error %d", code)
	}
}

// partitionWithMost returns the partition with the most responses as received, and their number.
func partitionWithMost(t *testing.T, p *deployment) (partition uint32, rows uint64) {
	t.Helper()
	if err := p.connect(t).QueryRow(t.Context(), "SELECT partition, count() AS n FROM responses FINAL GROUP BY partition ORDER BY n DESC LIMIT 1").Scan(&partition, &rows); err != nil {
		t.Fatal(err)
	}
	return partition, rows
}

// TestEventsLostBeforeTheyWereReadStopTheRun removes from a real Kafka what was read, and then what was not.
func TestEventsLostBeforeTheyWereReadStopTheRun(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file, "--topics")
	feed := func(seed string) {
		t.Helper()
		dir := t.TempDir()
		must(t, "simulate", "--out", dir, "--events", "2000", "--seed", seed, "--duplicates", "0", "--late", "0", "--bad", "0")
		must(t, "send", "--config", p.file, dir+"/responses.jsonl")
	}
	feed("1")
	must(t, "run", "--config", p.file, "--until-end")
	partition, read := partitionWithMost(t, p)
	removeBelow(t, p.kafka, "csat.responses", int32(partition), int64(read))
	must(t, "run", "--config", p.file, "--until-end") // everything had been read

	feed("2")
	removeBelow(t, p.kafka, "csat.responses", int32(partition), int64(read)+17)
	code, _, errs := csatflow(t, nil, "run", "--config", p.file, "--until-end")
	if code != exitNo || !strings.Contains(errs, "17 events were removed from the log before they were read") || !strings.Contains(errs, "--accept-lost") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	code, _, errs = csatflow(t, nil, "run", "--config", p.file, "--until-end", "--accept-lost")
	if code != exitDone || !regexp.MustCompile(`"level":"ERROR".*"lost":17`).MatchString(errs) {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	must(t, "run", "--config", p.file, "--until-end") // it goes on as usual from there
	var rows, counted uint64
	if err := p.connect(t).QueryRow(t.Context(), "SELECT count(), (SELECT sum(responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all') FROM responses FINAL WHERE survey = 'instant' AND brand = ''").Scan(&rows, &counted); err != nil || rows != counted {
		t.Errorf("%d responses as received, %d counted (%v)", rows, counted, err)
	}
}

// TestATopicMadeAnewIsRefused deletes the topics and makes them again with more events than before.
func TestATopicMadeAnewIsRefused(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), "")
	for seed, events := range []string{"500", "3000"} {
		must(t, "migrate", "--config", p.file, "--topics")
		dir := t.TempDir()
		must(t, "simulate", "--out", dir, "--events", events, "--seed", string(rune('1'+seed)))
		must(t, "send", "--config", p.file, dir+"/responses.jsonl")
		code, _, errs := csatflow(t, nil, "run", "--config", p.file, "--until-end")
		switch {
		case seed == 0 && code != exitDone:
			t.Fatalf("exit code %d: %s", code, errs)
		case seed == 1 && (code != exitNo || !strings.Contains(errs, "the topic was made anew") || !strings.Contains(errs, "clickhouse.database")):
			t.Fatalf("exit code %d: %s", code, errs)
		}
		deleteTopics(t, p.kafka, inputTopics()...)
	}
}

func deleteTopics(t *testing.T, broker string, names ...string) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 10_000
	for _, name := range names {
		rt := kmsg.NewDeleteTopicsRequestTopic()
		rt.Topic = kmsg.StringPtr(name)
		req.Topics, req.TopicNames = append(req.Topics, rt), append(req.TopicNames, name)
	}
	if _, err := req.RequestWith(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// TestATopicMadeAnewUnderARunningProcessStopsIt: the new topic has more events than the process has read.
func TestATopicMadeAnewUnderARunningProcessStopsIt(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), "flush: {interval: 100ms}\n")
	send := func(seed, events string) {
		t.Helper()
		must(t, "migrate", "--config", p.file, "--topics")
		dir := t.TempDir()
		must(t, "simulate", "--out", dir, "--events", events, "--seed", seed)
		must(t, "send", "--config", p.file, dir+"/responses.jsonl")
	}
	send("1", "500")
	must(t, "run", "--config", p.file, "--until-end")
	rows := func() (n uint64) {
		if err := p.connect(t).QueryRow(t.Context(), "SELECT count() FROM responses FINAL").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := rows()
	running := start(t, "run", "--config", p.file)
	dir := t.TempDir() // once these arrive, it has read on
	must(t, "simulate", "--out", dir, "--events", "300", "--seed", "2")
	must(t, "send", "--config", p.file, dir+"/responses.jsonl")
	within(t, time.Minute, "the running process reads on", func() bool { return rows() > before })
	deleteTopics(t, p.kafka, inputTopics()...)
	send("3", "3000")
	err := running.wait(t, time.Minute)
	var exit *exec.ExitError
	if said := running.said(t); !errors.As(err, &exit) || exit.ExitCode() != exitNo || !strings.Contains(said, "made anew") || !strings.Contains(said, "clickhouse.database") {
		t.Errorf("it ended with %v and said:\n%s", err, said)
	}
	var odd uint64
	if err := p.connect(t).QueryRow(t.Context(), "SELECT count() FROM (SELECT partition, offset, uniqExact(event_id) AS n FROM responses GROUP BY partition, offset HAVING n > 1)").Scan(&odd); err != nil || odd != 0 {
		t.Errorf("%d offsets have events of both topics (%v)", odd, err)
	}
}

// TestPartitionsAddedAreRefused gives the topics more partitions after the first events.
func TestPartitionsAddedAreRefused(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file, "--topics")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "500", "--seed", "1")
	must(t, "send", "--config", p.file, dir+"/responses.jsonl", dir+"/complaints.jsonl")
	must(t, "run", "--config", p.file, "--until-end")
	c, err := kgo.NewClient(kgo.SeedBrokers(p.kafka))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	running := start(t, "run", "--config", p.file)
	req := kmsg.NewPtrCreatePartitionsRequest()
	req.TimeoutMillis = 10_000
	for _, name := range inputTopics() {
		rt := kmsg.NewCreatePartitionsRequestTopic()
		rt.Topic, rt.Count = name, 10
		req.Topics = append(req.Topics, rt)
	}
	if _, err := req.RequestWith(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := running.wait(t, time.Minute); err == nil { // it notices within seconds
		t.Error("a process that was running went on, or ended with 0")
	}
	code, _, errs := csatflow(t, nil, "run", "--config", p.file, "--until-end")
	if code != exitNo || !strings.Contains(errs, "8 partitions, and now there are 10") || !strings.Contains(errs, "new topics with 10 partitions") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
}
