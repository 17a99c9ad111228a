package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/deadletter"
)

// createWide creates a topic of 8 partitions that takes large messages.
func createWide(t *testing.T, broker, name string) {
	t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, 8, 1
	topic.Configs = []kmsg.CreateTopicsRequestTopicConfig{{Name: "max.message.bytes", Value: kmsg.StringPtr("20000000")}}
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(t.Context(), franzClient(t, broker))
	if err != nil || res.Topics[0].ErrorCode != 0 {
		t.Fatalf("creating %s: %v, %+v", name, err, res)
	}
}

// setMessageBytes changes how large messages of a topic may be.
func setMessageBytes(t *testing.T, broker, topic, bytes string) {
	t.Helper()
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: topic,
		Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: "max.message.bytes", Value: &bytes}}}}
	res, err := req.RequestWith(t.Context(), franzClient(t, broker))
	if err != nil || res.Resources[0].ErrorCode != 0 {
		t.Fatalf("altering %s: %v, %+v", topic, err, res)
	}
	c, err := kafka.Connect(kafka.Config{Brokers: []string{broker}})
	if err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, "the broker has heard of it", func() bool {
		sizes, err := c.MessageBytes(t.Context(), []string{topic})
		return err == nil && fmt.Sprint(sizes[topic]) == bytes
	})
}

// TestALargeBadMessageIsKeptWholeWhereTheDeadLetterTopicTakesIt: first with a topic by Kafka's defaults, then by migrate.
func TestALargeBadMessageIsKeptWholeWhereTheDeadLetterTopicTakesIt(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), "")
	createWide(t, p.kafka, responsesTopic)
	must(t, "migrate", "--config", p.file, "--topics")
	if out := must(t, "check", "--config", p.file); strings.Contains(out, "warning") || strings.Contains(out, "not seen") {
		t.Errorf("check with the topic as migrate makes it:\n%s", out)
	}
	setMessageBytes(t, p.kafka, "csat.deadletter", "1048588") // Kafka's default
	out := must(t, "check", "--config", p.file)
	for _, w := range []string{"warning", "csat.responses takes messages of up to 20000000 bytes", "csat.deadletter only of 1048588", "kafka-configs --alter", "--entity-name csat.deadletter", "max.message.bytes=67108864"} {
		if !strings.Contains(out, w) {
			t.Errorf("check does not say %q:\n%s", w, out)
		}
	}
	feed := newHellFeed(0, 0, 1)
	feed.good, feed.bad = nil, feed.bad[:2] // a comment and garbage, of 10 MB each
	feed.send(t, p.kafka)
	must(t, "run", "--config", p.file, "--until-end")
	letters, originsOnly := p.deadLetters(t), 0
	for _, m := range letters {
		if reason := header(m, deadletter.HeaderReason); len(m.Value) == 0 && strings.Contains(reason, "The message itself is not here") && strings.Contains(reason, "csat.responses, partition ") && strings.Contains(reason, "at offset ") {
			originsOnly++
		}
	}
	if len(letters) != 2 || originsOnly != 1 { // one letter, with a comment, compresses well
		t.Errorf("%d dead letters, %d of them with the place alone", len(letters), originsOnly)
	}
	setMessageBytes(t, p.kafka, "csat.deadletter", "67108864")
	feed.send(t, p.kafka)
	must(t, "run", "--config", p.file, "--until-end")
	whole := map[string]bool{}
	for _, m := range p.deadLetters(t) {
		if len(m.Value) > 0 {
			whole[string(m.Value)] = true
		}
	}
	if len(whole) != 2 || !whole[string(feed.bad[0].Value)] || !whole[string(feed.bad[1].Value)] {
		t.Errorf("%d messages have whole dead letters, want the 2 that were sent", len(whole))
	}
}
