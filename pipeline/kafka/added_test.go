package kafka

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
)

// added is a Kafka whose topics a and b get a third partition right after the leader of a group has looked, and before anybody else has.
func added(t *testing.T) *Connection {
	c, _ := leaderSees(t, 3, func(req *kmsg.MetadataRequest) kmsg.Response {
		res := req.ResponseKind().(*kmsg.MetadataResponse)
		for _, name := range []string{"a", "b"} {
			rt := kmsg.NewMetadataResponseTopic()
			rt.Topic = kmsg.StringPtr(name)
			for p := range int32(2) {
				rp := kmsg.NewMetadataResponseTopicPartition()
				rp.Partition = p
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res
	})
	return c
}

// TestPartitionsAddedWhileTheyAreSharedOutEndTheProcess: the place of a key depends on their number.
func TestPartitionsAddedWhileTheyAreSharedOutEndTheProcess(t *testing.T) {
	g, joined := idle(t, added(t), TopicNames{"a", "b"}, 2, slog.New(slog.NewTextHandler(t.Output(), nil)))
	ended := make(chan error, 1)
	go func() { ended <- g.Run(t.Context()) }()
	select {
	case got := <-joined:
		if !slices.Equal(got, []int{0, 1}) {
			t.Errorf("assigned %v", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was assigned within 20 s")
	}
	var final *pipeline.FinalError
	select {
	case err := <-ended:
		if !errors.As(err, &final) || !strings.Contains(err.Error(), "have 3 partitions, and had 2") {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it goes on without the third partitions")
	}
}

// TestPartitionsOfOthersAddedWhileTheyAreSharedOutAreRead: they are shared out once more.
func TestPartitionsOfOthersAddedWhileTheyAreSharedOutAreRead(t *testing.T) {
	c := added(t)
	taken := make(chan string, 10)
	s := &Subscription{Connection: c, Group: "g", Topics: []string{"a", "b"}, Slots: make(chan struct{}, 1), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Timing: Timing{Heartbeat: 100 * time.Millisecond, Session: 6 * time.Second, Rebalance: 6 * time.Second},
		Take: func(_ context.Context, p Portion) (int, error) {
			taken <- p.Topic + string(p.Records[0].Value)
			return len(p.Records), nil
		},
		Told: func(string, int, string) {}, Left: func(string, int) {}, Lost: func(string, int, int64) {}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	client := franz(t, c, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	produce(t, client, &kgo.Record{Topic: "a", Partition: 1, Value: []byte("1")})
	produce(t, client, &kgo.Record{Topic: "b", Partition: 2, Value: []byte("2")})
	for _, want := range []string{"a1", "b2"} {
		select {
		case got := <-taken:
			if got != want {
				t.Errorf("%s was taken, want %s", got, want)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%s is not read", want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
