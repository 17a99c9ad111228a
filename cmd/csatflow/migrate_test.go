package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/storetest"
)

// emptyKafka is an embedded Kafka without topics.
func emptyKafka(t *testing.T) string {
	t.Helper()
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k.Addr()
}

// TestATopicWithoutANameIsNotMade: an empty name leaves a topic unread.
func TestATopicWithoutANameIsNotMade(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"purchases: ''", "purchases: '', observations: '', departures: '', asked: ''", "purchases: '', actions: ''"} {
		p := newDeployment(t, emptyKafka(t), storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {topics: {"+empty+"}, ")
		said := must(t, "migrate", "--config", p.file, "--topics")
		if strings.Contains(said, "topic  with") || !strings.Contains(said, "topic csat.responses with") {
			t.Errorf("%s: it said\n%s", empty, said)
		}
		c, err := kgo.NewClient(kgo.SeedBrokers(p.kafka))
		if err != nil {
			t.Fatal(err)
		}
		topics, err := kadm.NewClient(c).ListTopics(t.Context())
		c.Close()
		if err != nil {
			t.Fatal(err)
		}
		if names := topics.Names(); slices.Contains(names, "") || len(names) != 8-strings.Count(empty, "''") {
			t.Errorf("%s: the topics are %q", empty, names)
		}
	}
}
