package main

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/trial/logtest"
	"csatflow/deploy/trial/storetest"
)

// TestTwoProcessesShareThePartitionsOfTheEmbeddedKafka, which lists partitions in any order.
func TestTwoProcessesShareThePartitionsOfTheEmbeddedKafka(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	must(t, "migrate", "--config", p.file)
	ctx, cancel := context.WithCancel(t.Context())
	var said [2]logtest.Buffer
	ended := make(chan struct{}, 2)
	for i := range said {
		go func() {
			run(&system{ctx: ctx, stdin: bytes.NewReader(nil), stdout: io.Discard, stderr: &said[i]}, []string{"run", "--config", p.file})
			ended <- struct{}{}
		}()
		for deadline := time.Now().Add(30 * time.Second); !strings.Contains(said[i].String(), "partitions assigned") && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		}
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
	for range said {
		<-ended
	}
	for i := range said {
		if errs := said[i].String(); !strings.Contains(errs, "partitions assigned") || strings.Contains(errs, "taken up again") {
			t.Errorf("a process said:\n%s", errs)
		}
	}
}

// TestUntilEndWaitsForPartitionsThatAnotherMemberHolds and does not read: a member that was killed while joining still
// gets its share, and holds it until its session ends.
func TestUntilEndWaitsForPartitionsThatAnotherMemberHolds(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	must(t, "migrate", "--config", p.file)
	responses, _ := unhappy(100)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	other, err := kafkago.NewConsumerGroup(kafkago.ConsumerGroupConfig{ID: "csatflow", Brokers: []string{kafka}, GroupBalancers: []kafkago.GroupBalancer{inOrder{}},
		Topics: []string{"csat.responses", "csat.complaints", "csat.purchases", "csat.observations", "csat.departures", "csat.asked"}, HeartbeatInterval: 200 * time.Millisecond, SessionTimeout: 6 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	held := make(chan int, 8)
	go func() { // runs until it is closed
		for {
			gen, err := other.Next(t.Context())
			if err != nil {
				return
			}
			held <- len(gen.Assignments["csat.responses"])
			gen.Start(func(ctx context.Context) { <-ctx.Done() })
		}
	}()
	holds := func(want int) {
		t.Helper()
		select {
		case n := <-held:
			if n != want {
				t.Fatalf("the other member holds %d partitions of 8, want %d", n, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("the other member was not assigned %d partitions within 30 s", want)
		}
	}
	holds(8)
	ended := make(chan string, 1)
	go func() {
		_, _, errs := csatflowIn(t, t.Context(), nil, "run", "--config", p.file, "--until-end")
		ended <- errs
	}()
	holds(4)
	select {
	case errs := <-ended:
		t.Fatalf("it ended while another member held partitions that were not read:\n%s", errs)
	case <-time.After(5 * time.Second):
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if errs := <-ended; !strings.Contains(errs, "waiting for other members") {
		t.Errorf("it did not say what it waited for:\n%s", errs)
	}
	if n := p.responses(t); n != 100 {
		t.Errorf("%d responses of 100", n)
	}
}

// inOrder shares partitions as csatflow does.
type inOrder struct{ kafkago.RangeGroupBalancer }

func (b inOrder) AssignGroups(members []kafkago.GroupMember, partitions []kafkago.Partition) kafkago.GroupMemberAssignments {
	slices.SortFunc(partitions, func(a, b kafkago.Partition) int { return cmp.Or(cmp.Compare(a.Topic, b.Topic), a.ID-b.ID) })
	return b.RangeGroupBalancer.AssignGroups(members, partitions)
}
