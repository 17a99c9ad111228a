package main

import (
	"context"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/local/localtest"
)

// TestTwoProcessesShareThePartitionsOfTheEmbeddedKafka, which lists partitions in any order.
func TestTwoProcessesShareThePartitionsOfTheEmbeddedKafka(t *testing.T) {
	kafka := startFakeKafka(t, 8)
	p := newPlace(t, kafka, localtest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	must(t, "migrate", "--config", p.file)
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan string, 2)
	for range 2 {
		go func() {
			_, _, errs := csatflowIn(t, ctx, nil, "run", "--config", p.file)
			said <- errs
		}()
		time.Sleep(2 * time.Second)
	}
	responses, _ := unhappy(100)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	var n uint64
	for deadline := time.Now().Add(30 * time.Second); n < 100 && time.Now().Before(deadline); time.Sleep(300 * time.Millisecond) {
		n = p.responses(t)
	}
	cancel()
	if n != 100 {
		t.Errorf("%d responses of 100", n)
	}
	for range 2 {
		if errs := <-said; !strings.Contains(errs, "partitions assigned") || strings.Contains(errs, "taken up again") {
			t.Errorf("a process said:\n%s", errs)
		}
	}
}
