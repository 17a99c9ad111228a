package local

import (
	"context"
	"errors"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestMembersThatDiedWhileTheyJoinedKeepNoPartitions: their sessions end although nobody could answer them.
func TestMembersThatDiedWhileTheyJoinedKeepNoPartitions(t *testing.T) {
	k, err := StartKafka(KafkaOptions{Addr: "127.0.0.1:0", Topics: []Topic{{Name: "t", Partitions: 8}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	group, err := kafkago.NewConsumerGroup(kafkago.ConsumerGroupConfig{ID: "g", Brokers: []string{k.Addr()}, Topics: []string{"t"}, GroupBalancers: []kafkago.GroupBalancer{kafkago.RangeGroupBalancer{}},
		HeartbeatInterval: 2 * time.Second, SessionTimeout: 6 * time.Second, RebalanceTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = group.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	assigned := func() int {
		t.Helper()
		gen, err := group.Next(ctx)
		if err != nil {
			t.Fatalf("no other generation: %v", err)
		}
		gen.Start(func(ctx context.Context) { <-ctx.Done() })
		return len(gen.Assignments["t"])
	}
	if n := assigned(); n != 8 {
		t.Fatalf("the only member has %d partitions of 8", n)
	}
	// Whether the broker sees that it cannot answer is a matter of chance: of many, it does for some.
	var dying []*kgo.Client
	for range 8 {
		dying = append(dying, joining(ctx, t, k.Addr()))
	}
	admin, err := kgo.NewClient(kgo.SeedBrokers(k.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	for {
		list, err := kadm.NewClient(admin).DescribeGroups(ctx, "g")
		if err != nil {
			t.Fatal(err)
		}
		if g := list["g"]; g.State == "PreparingRebalance" && len(g.Members) == 1+len(dying) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, c := range dying {
		c.Close()
	}
	if n := assigned(); n > 1 {
		t.Fatalf("beside eight members that have died it has %d partitions: the test does not show what it should", n)
	}
	for assigned() < 8 { // the sessions end one after another
	}
}

// joining is the client of a member that waits to join the group.
func joining(ctx context.Context, t *testing.T, addr string) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType, join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = "g", "consumer", 3000, 20000
	protocol := kmsg.NewJoinGroupRequestProtocol()
	metadata := kmsg.NewConsumerMemberMetadata()
	metadata.Topics = []string{"t"}
	protocol.Name, protocol.Metadata = "range", metadata.AppendTo(nil)
	join.Protocols = append(join.Protocols, protocol)
	res, err := join.RequestWith(ctx, c)
	if err != nil || !errors.Is(kerr.ErrorForCode(res.ErrorCode), kerr.MemberIDRequired) {
		t.Fatalf("%+v, %v", res, err)
	}
	join.MemberID = res.MemberID
	go func() { _, _ = join.RequestWith(ctx, c) }() // it ends before it is answered
	return c
}
