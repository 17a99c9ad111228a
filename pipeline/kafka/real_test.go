package kafka

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/deploy/trial/apachekafka"
	"csatflow/pipeline"
)

// One real broker serves all tests of the package; the first that needs it starts it.
var realBroker struct {
	once sync.Once
	b    *apachekafka.Broker
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if b := realBroker.b; b != nil {
		if err := b.Kill(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.RemoveAll(realBroker.dir)
	os.Exit(code)
}

// real connects to a real Apache Kafka.
func real(t testing.TB) *Connection {
	t.Helper()
	r := &realBroker
	r.once.Do(func() {
		if r.dir, r.err = os.MkdirTemp("", "csatflow-kafka-"); r.err == nil {
			r.b, r.err = apachekafka.Start(context.Background(), r.dir)
		}
	})
	if r.err != nil {
		t.Fatal(r.err)
	}
	c, err := Connect(Config{Brokers: []string{r.b.Addr}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Transport.CloseIdleConnections)
	return c
}

// franz returns another library's client, to compare with.
func franz(t testing.TB, c *Connection, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(c.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(50 * time.Millisecond), kgo.UnknownTopicRetries(-1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// newTopic creates a topic of one partition, named after the test.
func newTopic(t testing.TB, c *Connection, config ...string) string {
	t.Helper()
	name := fmt.Sprintf("topic-%d", time.Now().UnixNano())
	req := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, 1, 1
	for i := 0; i < len(config); i += 2 {
		topic.Configs = append(topic.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: config[i], Value: &config[i+1]})
	}
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(t.Context(), franz(t, c))
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatalf("creating a topic: %v", err)
	}
	// A broker acknowledges a new topic before it knows the topic itself.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, err := c.Bounds(t.Context(), name, 1)
		if err == nil {
			return name
		}
		if time.Now().After(deadline) {
			t.Fatalf("a topic that was made: %v", err)
		}
	}
}

func produce(t testing.TB, client *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// scanned reads a topic's only partition up to an offset with this package.
func scanned(t testing.TB, c *Connection, topic string, from, to int64) (records []pipeline.Record, batches []pipeline.Batch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := c.Scan(ctx, topic, 0, from, to, slog.New(slog.NewTextHandler(t.Output(), nil)), func(b *pipeline.Batch) error {
		records = append(records, b.Records...)
		batches = append(batches, *b)
		return nil
	})
	if err != nil {
		t.Fatalf("reading %s from %d to %d: %v", topic, from, to, err)
	}
	return records, batches
}

// consumed reads with franz-go, read_committed.
func consumed(t testing.TB, c *Connection, topic string, from, to int64) (records []*kgo.Record) {
	t.Helper()
	client := franz(t, c, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(from)}}))
	for at := from; at < to; {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		fetches := client.PollFetches(ctx)
		cancel()
		if fetches.NumRecords() == 0 { // compaction has removed the last ones
			return records
		}
		fetches.EachRecord(func(r *kgo.Record) {
			at = r.Offset + 1
			if !r.Attrs.IsControl() {
				records = append(records, r)
			}
		})
	}
	return records
}

// sameAsFranz reads a topic both ways from an offset to the end, and returns our records.
func sameAsFranz(t testing.TB, c *Connection, topic string, from int64) []pipeline.Record {
	t.Helper()
	bounds, err := c.Bounds(t.Context(), topic, 1)
	if err != nil {
		t.Fatal(err)
	}
	ours, batches := scanned(t, c, topic, from, bounds[0].End)
	if n := len(batches); n > 0 && batches[n-1].High < bounds[0].End {
		t.Errorf("the last batch says that reading ends at %d, not %d", batches[n-1].High, bounds[0].End)
	}
	theirs := consumed(t, c, topic, from, bounds[0].End)
	for { // compaction may run between the two
		again, _ := scanned(t, c, topic, from, bounds[0].End)
		if len(again) == len(ours) {
			break
		}
		ours, theirs = again, consumed(t, c, topic, from, bounds[0].End)
	}
	if len(ours) != len(theirs) {
		t.Errorf("%d records, and franz-go reads %d", len(ours), len(theirs))
	}
	for i := range min(len(ours), len(theirs)) {
		if a, b := show(&ours[i]), showFranz(theirs[i]); a != b {
			t.Fatalf("record %d differs:\n%.300s\n%.300s", i, a, b)
		}
	}
	return ours
}

func show(r *pipeline.Record) string {
	text := fmt.Sprintf("%d %d %s %s", r.Offset, r.Time.UnixMilli(), literal(r.Key), literal(r.Value))
	for _, h := range r.Headers {
		text += fmt.Sprintf(" %q=%s", h.Key, literal(h.Value))
	}
	return text
}

func showFranz(r *kgo.Record) string {
	rec := pipeline.Record{Offset: r.Offset, Time: r.Timestamp, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, pipeline.Header(h))
	}
	return show(&rec)
}

func literal(b []byte) string {
	if b == nil {
		return "nil"
	}
	if len(b) > 200 {
		return fmt.Sprintf("%d bytes with hash %x", len(b), sha256.Sum256(b))
	}
	return fmt.Sprintf("%q", b)
}
