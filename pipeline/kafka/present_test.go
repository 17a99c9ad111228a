package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/logtest"
	"csatflow/pipeline"
	"csatflow/pipeline/dryrun"
	"csatflow/pipeline/worker"
	"csatflow/sinks/metrics"
)

// idle returns a group over empty topics; the channel delivers its assignments.
func idle(t *testing.T, c *Connection, names TopicNames, partitions int, log *slog.Logger) (*Group, chan []int) {
	t.Helper()
	joined := make(chan []int, 100)
	return &Group{Connection: c, ID: "g", Topics: names, Partitions: partitions, Log: log,
		Timing: Timing{Heartbeat: 100 * time.Millisecond, Session: 6 * time.Second, Rebalance: 6 * time.Second},
		Worker: func() *worker.Worker {
			m := metrics.New(prometheus.NewRegistry(), "test", metrics.Series{Most: 10})
			return &worker.Worker{Settings: pipeline.DefaultSettings(), Store: dryrun.Store{}, Dead: &dryrun.Letters{}, Observer: m,
				Options: worker.Options{FlushInterval: time.Hour, FlushRows: 1, FlushBytes: 1, StopTimeout: time.Second, Log: log, Meter: m}}
		},
		Joined: func(_ int32, partitions []int) { joined <- partitions }}, joined
}

// leaderSees is a Kafka with topics a and b whose leader of a group sees them as answer says, when it first looks. It may change the request; its nil is
// answered as usual. seen is whether it has looked.
func leaderSees(t *testing.T, partitions int32, answer func(*kmsg.MetadataRequest) kmsg.Response) (c *Connection, seen *atomic.Bool) {
	t.Helper()
	cluster, c := faked(t, kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second), kfake.SeedTopics(partitions, "a", "b"))
	seen = &atomic.Bool{}
	cluster.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		req := r.(*kmsg.MetadataRequest)
		if len(req.Topics) < 2 || seen.Swap(true) { // the leader's request is the first for both
			return nil, nil, false
		}
		res := answer(req)
		return res, nil, res != nil
	})
	return c, seen
}

// TestALeaderThatFoundNoTopicSharesThePartitionsAnew: kafka-go assigns what exists at that moment, and looks for changes
// only from the next moment on.
func TestALeaderThatFoundNoTopicSharesThePartitionsAnew(t *testing.T) {
	names := TopicNames{"a", "b"}
	for what, found := range map[string]int{"no topic": 0, "one topic of two": 1} {
		t.Run(what, func(t *testing.T) {
			c, hidden := leaderSees(t, 2, func(req *kmsg.MetadataRequest) kmsg.Response {
				req.Topics = slices.DeleteFunc(req.Topics, func(rt kmsg.MetadataRequestTopic) bool { return *rt.Topic >= names[found] })
				if found > 0 {
					return nil
				}
				res := req.ResponseKind().(*kmsg.MetadataResponse)
				for _, name := range names.List() {
					rt := kmsg.NewMetadataResponseTopic()
					rt.Topic, rt.ErrorCode = kmsg.StringPtr(name), kerr.UnknownTopicOrPartition.Code
					res.Topics = append(res.Topics, rt)
				}
				return res
			})
			g, joined := idle(t, c, names, 2, slog.New(slog.NewTextHandler(t.Output(), nil)))
			ctx, cancel := context.WithCancel(t.Context())
			shared := make(chan error, 1)
			go func() { shared <- g.Run(ctx) }()
			select {
			case got := <-joined:
				if !hidden.Load() || !slices.Equal(got, []int{0, 1}) {
					t.Errorf("assigned %v, hidden once: %v", got, hidden.Load())
				}
			case <-time.After(20 * time.Second):
				t.Error("nothing was assigned within 20 s")
			}
			cancel()
			if err := <-shared; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAGroupWaitsForTopicsThatAreGone, and joins once they exist: kafka-go alone would join again and again.
func TestAGroupWaitsForTopicsThatAreGone(t *testing.T) {
	c := connected(t, local.Topic{Name: "a", Partitions: 2}, local.Topic{Name: "b", Partitions: 2})
	var log logtest.Buffer
	g, joined := idle(t, c, TopicNames{"a", "b"}, 2, slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	assigned := func() {
		t.Helper()
		for deadline := time.After(20 * time.Second); ; {
			select {
			case got := <-joined:
				if len(got) > 0 {
					return
				}
			case <-deadline:
				t.Fatal("nothing was assigned within 20 s")
			}
		}
	}
	assigned()
	time.Sleep(2 * fetchWait) // both topics are being read
	deleteTopic(t, c, "a")
	deleteTopic(t, c, "b")
	const waits = "waiting for the input topics"
	eventually(t, func() bool { return log.Count(waits) > 0 }) // the cached topics are some seconds old
	time.Sleep(2 * time.Second)
	if n := len(joined); n > 10 {
		t.Errorf("it joined %d times while there was nothing to read", n)
	}
	if _, err := c.CreateTopics(t.Context(), []NewTopic{{Name: "a", Partitions: 2, Replication: 1}, {Name: "b", Partitions: 2, Replication: 1}}); err != nil {
		t.Fatal(err)
	}
	assigned()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := log.Count(waits); n != 1 {
		t.Errorf("that it waits was said %d times", n)
	}
}

// TestTopicsThatComeBackWithOtherPartitionsEndTheProcess: the place of a key depends on their number.
func TestTopicsThatComeBackWithOtherPartitionsEndTheProcess(t *testing.T) {
	c := connected(t, local.Topic{Name: "a", Partitions: 3}, local.Topic{Name: "b", Partitions: 3})
	g, _ := idle(t, c, TopicNames{"a", "b"}, 2, slog.New(slog.DiscardHandler))
	_, err := g.present(t.Context())
	var final *pipeline.FinalError
	if !errors.As(err, &final) || !strings.Contains(err.Error(), "have 3 partitions, and had 2") {
		t.Errorf("got %v", err)
	}
}

// TestATopicThatIsNotReadHoldsNobodyUp: the other members' commits reach the end, although a topic without events, or one
// that is not read, has no commit.
func TestATopicThatIsNotReadHoldsNobodyUp(t *testing.T) {
	c := connected(t, local.Topic{Name: "a", Partitions: 2}, local.Topic{Name: "c", Partitions: 2})
	produce(t, franz(t, c, kgo.DefaultProduceTopic("a"), kgo.RecordPartitioner(kgo.ManualPartitioner())), &kgo.Record{Partition: 1, Value: []byte("{}")})
	g, _ := idle(t, c, TopicNames{"a", "", "c"}, 2, slog.New(slog.DiscardHandler))
	until, err := g.untilEnd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for committed, want := range []string{"[1]", "[]"} {
		res, err := c.Client.OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{GroupID: "g", GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{"a": {{Partition: 1, Offset: int64(committed)}}}})
		if err != nil || res.Topics["a"][0].Error != nil {
			t.Fatalf("%+v, %v", res, err)
		}
		left, err := until.left(t.Context())
		if got := fmt.Sprint(left); got != want || err != nil {
			t.Errorf("with offset %d committed %s are left, want %s (%v)", committed, got, want, err)
		}
	}
}
