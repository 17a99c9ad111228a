package kafka

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/deploy/local"
	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

func deleteTopic(t *testing.T, c *Connection, name string) {
	t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 10_000
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	req.Topics, req.TopicNames = append(req.Topics, topic), []string{name}
	if _, err := req.RequestWith(t.Context(), franz(t, c)); err != nil {
		t.Fatal(err)
	}
}

// TestAFeedWhoseTopicIsDeletedEndsAndReadsNothingOfTheOneThatTakesItsName: the new log has other records at the same
// offsets.
func TestAFeedWhoseTopicIsDeletedEndsAndReadsNothingOfTheOneThatTakesItsName(t *testing.T) {
	brokers := map[string]func(t *testing.T) *Connection{
		"embedded": func(t *testing.T) *Connection { return connected(t) },
		"real":     func(t *testing.T) *Connection { return real(t) },
	}
	for name, connect := range brokers {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			for _, pause := range []time.Duration{0, 500 * time.Millisecond} {
				topic, other := newTopic(t, c), newTopic(t, c)
				fill := func(value string, n int) {
					for i := range n {
						produce(t, franz(t, c), &kgo.Record{Topic: topic, Key: fmt.Append(nil, i), Value: []byte(value)})
					}
				}
				fill("old", 3)
				f := openFeed(t.Context(), c, TopicNames{topic, other}, 0, [pipeline.Topics]int64{}, slog.New(slog.NewTextHandler(t.Output(), nil)))
				defer f.Close()
				for b := range f.Batches() {
					if b.Next == 3 {
						break
					}
				}
				time.Sleep(fetchWait / 2) // a fetch waits at the broker
				deleteTopic(t, c, topic)
				time.Sleep(pause)
				made := func() bool {
					created, err := c.CreateTopics(t.Context(), []NewTopic{{Name: topic, Partitions: 1, Replication: 1}})
					return err == nil && len(created) == 1
				}
				eventually(t, made)
				fill("new", 5)
				late := time.AfterFunc(20*time.Second, f.Close)
				for b := range f.Batches() {
					for _, r := range b.Records {
						t.Errorf("%q was read at offset %d", r.Value, r.Offset)
					}
				}
				late.Stop()
				if err := f.Err(); !errors.Is(err, kafka.UnknownTopicOrPartition) {
					t.Errorf("made again after %v: the feed ended with %v", pause, err)
				}
			}
		})
	}
}

func TestScanningATopicThatIsNotThereEnds(t *testing.T) {
	c := connected(t)
	err := c.Scan(t.Context(), "nowhere", 0, 0, 10, slog.New(slog.DiscardHandler), func(*pipeline.Batch) error { return nil })
	if !errors.Is(err, kafka.UnknownTopicOrPartition) {
		t.Errorf("got %v", err)
	}
}

// TestNothingAssignedIsTheEndOnlyWhileTheTopicsAreThere: the coordinator assigns nothing of a deleted topic.
func TestNothingAssignedIsTheEndOnlyWhileTheTopicsAreThere(t *testing.T) {
	c := connected(t, local.Topic{Name: "a", Partitions: 2}, local.Topic{Name: "b", Partitions: 2})
	for topics, want := range map[TopicNames]string{{"a", "b"}: worker.ErrEnds.Error(), {"a", "nowhere"}: "no topic nowhere: create it"} {
		g := &Group{Connection: c, ID: "g", Topics: topics, Partitions: 2, Log: slog.New(slog.DiscardHandler), Joined: func(int32, []int) {}}
		until := &untilEnd{group: g, ends: make([][pipeline.Topics]int64, 2), reached: make([]bool, 2)}
		if topics[1] == "nowhere" { // it had events when the process started
			until.ends[0][1] = 3
		}
		err := g.generation(t.Context(), t.Context(), &kafka.Generation{}, &sameNumbers{}, until)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", topics, err)
		}
	}
}
