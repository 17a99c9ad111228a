package kafka

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
)

func TestOffsetsThatTheLogDoesNotHaveAreToldApart(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c)
	client := franz(t, c)
	produce(t, client, messages(topic, 100)...)
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: topic, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: 40}}}}
	req.TimeoutMillis = 5000
	if _, err := req.RequestWith(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for from, words := range map[int64]string{
		10:  topic + ", partition 0: offset 10 is not in the log: it begins at 40, so that 30 events were removed unread",
		101: topic + ", partition 0: offset 101 is not in the log: it ends at 100: the topic was made anew, or cut",
	} {
		err := c.Scan(t.Context(), topic, 0, from, 200, slog.New(slog.DiscardHandler), func(*pipeline.Batch) error { return nil })
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("from %d: %v", from, err)
		}
	}
	if got := sameAsFranz(t, c, topic, 40); len(got) != 60 || got[0].Offset != 40 {
		t.Errorf("%d records", len(got))
	}
}

func TestAFeedOutlivesTheBrokersDeath(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c)
	open := func(next int64) *feed {
		return openFeed(t.Context(), c, TopicNames{topic, topic}, 0, [pipeline.Topics]int64{next, next}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	}
	f := open(0)
	defer func() { f.Close() }()
	produce(t, franz(t, c), &kgo.Record{Topic: topic, Value: []byte("before")})
	taken := int64(0)
	take := func() (values string) {
		for range 2 { // both names are of this topic
			b, is := <-f.Batches()
			for !is {
				// A broker that begins may not know its topics yet; then the feed ends, and who reads begins anew.
				if err := f.Err(); err == nil || !strings.Contains(err.Error(), "have not found it again yet") || values != "" {
					t.Fatalf("the feed ended: %v", err)
				}
				f.Close()
				f = open(taken)
				b, is = <-f.Batches()
			}
			for _, r := range b.Records {
				values += string(r.Value) + " "
			}
		}
		taken++
		return values
	}
	if got := take(); got != "before before " {
		t.Fatalf("got %q", got)
	}
	if err := realBroker.b.Kill(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if err := realBroker.b.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	produce(t, franz(t, c), &kgo.Record{Topic: topic, Value: []byte("after")})
	if got := take(); got != "after after " {
		t.Errorf("got %q", got)
	}
}
