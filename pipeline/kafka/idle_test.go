package kafka

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"csatflow/pipeline"
)

// TestAnIdleTopicIsFetchedInPeaceAndAnEventComesAtOnce: an empty fetch is no error, and does not delay the next one.
func TestAnIdleTopicIsFetchedInPeaceAndAnEventComesAtOnce(t *testing.T) {
	names := TopicNames{"csat.responses", "csat.complaints"}
	_, c := faked(t, kfake.NumBrokers(1), kfake.SeedTopics(1, names[:]...))
	var log bytes.Buffer
	f := openFeed(t.Context(), c, names, 0, [pipeline.Topics]int64{}, slog.New(slog.NewTextHandler(&log, nil)))
	time.Sleep(5 * fetchWait)
	w := &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: names[0], BatchSize: 1}
	defer w.Close()
	if err := w.WriteMessages(t.Context(), kafkago.Message{Key: []byte("c1"), Value: []byte("event")}); err != nil {
		t.Fatal(err)
	}
	select {
	case b := <-f.Batches():
		if len(b.Records) != 1 {
			t.Errorf("fetched %+v", b)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing was fetched")
	}
	f.Close()
	if log.Len() > 0 {
		t.Errorf("an idle topic was complained of:\n%s", log.String())
	}
}
