package main

import (
	"strings"
	"testing"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/local"
	"csatflow/deploy/trial/logtest"
)

func TestSendingToAFullEmbeddedKafkaSaysOnceWhatToDo(t *testing.T) {
	t.Parallel()
	var topics []local.Topic
	for _, n := range append(inputTopics(), config.Default().Kafka.Topics.DeadLetter) {
		topics = append(topics, local.Topic{Name: n, Partitions: 8})
	}
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0", Topics: topics, Bytes: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	var out, errs logtest.Buffer
	code := run(&system{ctx: t.Context(), stdout: &out, stderr: &errs}, []string{"simulate", "--brokers", k.Addr(), "--events", "20000", "--side-topics"})
	if code != exitNo {
		t.Errorf("exit code %d", code)
	}
	if n := strings.Count(errs.String(), "start it with a larger --kafka-bytes"); n == 0 || n > 8 {
		t.Errorf("it is said %d times what to do: %.1000s", n, errs.String())
	}
}
