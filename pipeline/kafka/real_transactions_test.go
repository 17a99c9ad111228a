package kafka

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
)

// transaction produces n records in an open transaction; end ends it.
func transaction(t *testing.T, client *kgo.Client, topic, value string, n int) {
	t.Helper()
	if err := client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	more(t, client, topic, value, n)
}

func more(t *testing.T, client *kgo.Client, topic, value string, n int) {
	t.Helper()
	for i := range n {
		produce(t, client, &kgo.Record{Topic: topic, Key: fmt.Append(nil, i), Value: []byte(value)})
	}
}

func end(t *testing.T, client *kgo.Client, how kgo.TransactionEndTry) {
	t.Helper()
	if err := client.EndTransaction(t.Context(), how); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatTransactionsCommittedIsReadAndReadingEndsBeforeAnOpenOne(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c)
	producer := func(id string) *kgo.Client {
		return franz(t, c, kgo.TransactionalID(topic+id), kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	}
	a, b, plain := producer("a"), producer("b"), franz(t, c)

	transaction(t, a, topic, "yes, alone", 3)
	end(t, a, kgo.TryCommit)
	transaction(t, a, topic, "no, alone", 3)
	end(t, a, kgo.TryAbort)
	for range 3 { // interleaved with each other and with a producer without transactions
		transaction(t, a, topic, "yes, among", 2)
		transaction(t, b, topic, "no, among", 2)
		more(t, plain, topic, "yes, plain", 2)
		more(t, a, topic, "yes, among", 2)
		more(t, b, topic, "no, among", 2)
		end(t, b, kgo.TryAbort)
		more(t, plain, topic, "yes, plain", 2)
		more(t, a, topic, "yes, among", 2)
		end(t, a, kgo.TryCommit)
	}
	transaction(t, b, topic, "no, then yes", 1)
	end(t, b, kgo.TryAbort)
	transaction(t, b, topic, "yes after no", 1)
	end(t, b, kgo.TryCommit)
	more(t, plain, topic, "yes, before the open one", 1)
	if err := a.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	open := &kgo.Record{Topic: topic, Value: []byte("open")}
	produce(t, a, open)
	more(t, plain, topic, "after the open one", 2)

	got := sameAsFranz(t, c, topic, 0)
	yes := 0
	for _, r := range got {
		if !strings.HasPrefix(string(r.Value), "yes") {
			t.Errorf("offset %d: %q", r.Offset, r.Value)
		}
		yes++
	}
	if want := 3 + 3*(6+4) + 1 + 1; yes != want {
		t.Errorf("%d records, want %d", yes, want)
	}
	bounds, err := c.Bounds(t.Context(), topic, 1)
	if err != nil {
		t.Fatal(err)
	}
	if bounds[0].End != open.Offset {
		t.Errorf("reading ends at %d, the open transaction begins at %d", bounds[0].End, open.Offset)
	}
	group := &Group{Connection: c, Topics: TopicNames{topic, topic}, Partitions: 1}
	if until, err := group.untilEnd(t.Context()); err != nil || until.ends[0] != [pipeline.Topics]int64{open.Offset, open.Offset, 0, 0, 0} {
		t.Errorf("--until-end goes up to %v, %v", until, err)
	}
	for from := range bounds[0].End { // from each offset, even within transactions
		scan, _ := scanned(t, c, topic, from, bounds[0].End)
		want := got
		for len(want) > 0 && want[0].Offset < from {
			want = want[1:]
		}
		if len(scan) != len(want) {
			t.Errorf("from %d: %d records, want %d", from, len(scan), len(want))
		}
	}
	end(t, a, kgo.TryAbort)
	eventually(t, func() bool {
		bounds, err = c.Bounds(t.Context(), topic, 1)
		return err == nil && bounds[0].End > open.Offset
	})
	if now := sameAsFranz(t, c, topic, 0); len(now) != len(got)+2 {
		t.Errorf("%d records once the open transaction was aborted, want %d", len(now), len(got)+2)
	}
}

// TestReadingReachesAnEndThatShowsNothing: the last offset of the log is the marker of a transaction's end.
func TestReadingReachesAnEndThatShowsNothing(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c)
	a := franz(t, c, kgo.TransactionalID(topic))
	transaction(t, a, topic, "in vain", 5)
	end(t, a, kgo.TryAbort)
	eventually(t, func() bool {
		b, err := c.Bounds(t.Context(), topic, 1)
		return err == nil && b[0].End == 6
	})
	records, batches := scanned(t, c, topic, 0, 6)
	if len(records) != 0 || batches[len(batches)-1].Next != 6 {
		t.Errorf("%d records, and reading went to %d", len(records), batches[len(batches)-1].Next)
	}
}

func TestCompactionLeavesHolesAndEmptyBatchesThatReadingPasses(t *testing.T) {
	c := real(t)
	cleanOften(t, c)
	topic := newTopic(t, c, "cleanup.policy", "compact", "segment.ms", "100", "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "0",
		"min.compaction.lag.ms", "0", "max.compaction.lag.ms", "100")
	client := franz(t, c, kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	txn := franz(t, c, kgo.TransactionalID(topic))
	// A broker keeps a producer's last batch, even if empty, for its sequence number.
	produce(t, franz(t, c), &kgo.Record{Topic: topic, Key: []byte("0"), Value: []byte("replaced by another producer")})
	for round := range 4 {
		for k := range 20 {
			r := &kgo.Record{Topic: topic, Key: fmt.Append(nil, k), Value: fmt.Appendf(nil, "round %d", round)}
			if k%4 == 3 && round == 3 {
				r.Value = nil
			}
			produce(t, client, r)
		}
		transaction(t, txn, topic, "void", 2)
		end(t, txn, kgo.TryAbort)
		time.Sleep(150 * time.Millisecond) // the first record after segment.ms closes a segment
	}
	produce(t, client, &kgo.Record{Topic: topic, Key: []byte("last"), Value: []byte("last")})
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	for seen := -1; ctx.Err() == nil; time.Sleep(500 * time.Millisecond) {
		got := sameAsFranz(t, c, topic, 0)
		if len(got) != seen {
			t.Logf("%d records", len(got))
		}
		if seen = len(got); seen <= 21 {
			break
		}
	}
	if ctx.Err() != nil {
		t.Fatal("the broker has not compacted the topic")
	}
	if n := emptyBatches(t, c, topic); n == 0 {
		t.Error("compaction has left no empty batch, so that reading one was not tried")
	}
}

// cleanOften makes the broker look for work to compact every 200 ms, not every 15 s.
func cleanOften(t *testing.T, c *Connection) {
	t.Helper()
	often := "200"
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kmsg.ConfigResourceTypeBroker, Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: "log.cleaner.backoff.ms", Value: &often}}}}
	res, err := req.RequestWith(t.Context(), franz(t, c))
	if err == nil {
		err = kerr.ErrorForCode(res.Resources[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// emptyBatches counts the batches without records in a fetch.
func emptyBatches(t *testing.T, c *Connection, topic string) (n int) {
	t.Helper()
	f := newFetcher(c, topic, 0, 0, 0, slog.New(slog.DiscardHandler), nil)
	var res *fetchResponse
	eventually(t, func() bool { // kafka-go's transport may not know the topic yet
		var err error
		res, err = f.fetch(t.Context())
		return err == nil
	})
	for b := res.recordSets; len(b) > 61; b = b[12+binary.BigEndian.Uint32(b[8:]):] {
		if binary.BigEndian.Uint32(b[57:]) == 0 {
			n++
		}
	}
	return n
}

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come")
		}
	}
}
