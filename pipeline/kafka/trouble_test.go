package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka/recordbatch"
)

const troubled = "troubled"

// trouble starts an embedded Kafka with a topic of one partition and a batch of 3 records; a test can change its responses.
func trouble(t *testing.T, opts ...kfake.Opt) (*kfake.Cluster, *Connection) {
	t.Helper()
	cluster, c := faked(t, append(opts, kfake.SeedTopics(1, troubled))...)
	add(t, c)
	return cluster, c
}

func add(t *testing.T, c *Connection) {
	t.Helper()
	produce(t, franz(t, c, kgo.DefaultProduceTopic(troubled)), &kgo.Record{Value: []byte("0")}, &kgo.Record{Value: []byte("1")}, &kgo.Record{Value: []byte("2")})
}

// stored returns the topic's bytes as the broker stores them.
func stored(t *testing.T, c *Connection) []byte {
	t.Helper()
	res, err := newFetcher(c, troubled, 0, 0, 0, slog.New(slog.DiscardHandler), nil).fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return res.recordSets
}

// answer makes the broker send these batches n times; an old broker cuts them to the requested size.
func answer(cluster *kfake.Cluster, batches []byte, n int, cut bool) (asked *atomic.Int64) {
	asked = new(atomic.Int64)
	cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		req := r.(*kmsg.FetchRequest)
		cluster.KeepControl()
		if asked.Add(1) == int64(n) {
			cluster.DropControl()
		}
		res := req.ResponseKind().(*kmsg.FetchResponse)
		p := kmsg.NewFetchResponseTopicPartition()
		p.HighWatermark, p.LastStableOffset, p.RecordBatches = 3, 3, batches
		if cut {
			p.RecordBatches = batches[:min(len(batches), int(req.Topics[0].Partitions[0].PartitionMaxBytes))]
		}
		res.Topics = []kmsg.FetchResponseTopic{{Topic: troubled, Partitions: []kmsg.FetchResponseTopicPartition{p}}}
		return res, nil, true
	})
	return asked
}

// fetched runs a fetcher from 0 until an offset, and returns the values.
func fetched(t *testing.T, f *fetcher, until int64) (values string, err error) {
	t.Helper()
	done := errors.New("done")
	f.hand = func(b pipeline.Batch) error {
		for _, r := range b.Records {
			values += string(r.Value)
		}
		if b.Next >= until {
			return done
		}
		return nil
	}
	began := time.Now()
	for time.Since(began) < 20*time.Second {
		if err = f.once(t.Context()); errors.Is(err, done) {
			return values, nil
		}
	}
	return values, err
}

func troubledFetcher(t *testing.T, c *Connection) *fetcher {
	return newFetcher(c, troubled, 0, 0, 0, slog.New(slog.NewTextHandler(t.Output(), nil)), nil)
}

func TestBytesThatTheNetworkBrokeAreFetchedAgain(t *testing.T) {
	cluster, c := trouble(t)
	broken := bytes.Clone(stored(t, c))
	broken[len(broken)-3] ^= 4
	asked := answer(cluster, broken, corruptTries-1, false)
	var log bytes.Buffer
	err := c.Scan(t.Context(), troubled, 0, 0, 3, slog.New(slog.NewTextHandler(&log, nil)), func(b *pipeline.Batch) error {
		if len(b.Records) != 3 {
			t.Errorf("%d records", len(b.Records))
		}
		return nil
	})
	if err != nil || asked.Load() != corruptTries-1 || strings.Count(log.String(), "CRC does not fit") != corruptTries-1 {
		t.Errorf("%v after %d broken answers:\n%s", err, asked.Load(), log.String())
	}
}

func TestALogThatIsCorruptStopsTheFeedForGoodAndSaysWhatToDo(t *testing.T) {
	cluster, c := trouble(t)
	one := stored(t, c)
	add(t, c)
	both := bytes.Clone(stored(t, c)) // offsets 3 to 5 are corrupt
	both[len(both)-3] ^= 4
	for _, b := range [][]byte{both, both[len(one):]} {
		answer(cluster, b, 1, false)
	}
	answer(cluster, both[len(one):], 100, false)
	var got []pipeline.Record
	err := c.Scan(t.Context(), troubled, 0, 0, 6, slog.New(slog.DiscardHandler), func(b *pipeline.Batch) error {
		got = append(got, b.Records...)
		return nil
	})
	var final *pipeline.FinalError
	if !errors.As(err, &final) {
		t.Fatalf("got %v", err)
	}
	for _, words := range []string{troubled + ", partition 0: the log cannot be read at offset 3, tried 5 times", "CRC", "kafka-dump-log", "kafka-delete-records", "--accept-lost"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q does not say %q", err, words)
		}
	}
	if len(got) != 3 {
		t.Errorf("%d records before it", len(got))
	}
}

// TestABatchThatOldBrokersCutIsFetchedWithALargerSize, and the size shrinks again.
func TestABatchLargerThanIsTakenAtOnceIsOneUnreadableRecord(t *testing.T) {
	cluster, c := trouble(t)
	// The batch of three records, longer than what is kept of it.
	large := append(bytes.Clone(stored(t, c)), make([]byte, recordbatch.MaxBytes)...)
	binary.BigEndian.PutUint32(large[8:], uint32(len(large)-12))
	answer(cluster, large, 1, false)
	f := troubledFetcher(t, c)
	var got []pipeline.Record
	f.hand = func(b pipeline.Batch) error {
		got = append(got, b.Records...)
		return nil
	}
	if err := f.once(t.Context()); err != nil || f.next != 3 || len(got) != 1 || got[0].Offset != 2 {
		t.Fatalf("%v, up to %d, %v", got, f.next, err)
	}
	if bad := got[0].Unreadable; bad == nil || !strings.Contains(bad.Error(), fmt.Sprintf("offsets 0 to 2 (3 messages, %d bytes as stored)", len(large))) {
		t.Errorf("got %v", bad)
	}
	add(t, c) // over the same connection, or another
	if values, err := fetched(t, f, 6); values != "012" || err != nil {
		t.Errorf("after it %q, %v", values, err)
	}
}

func TestALengthThatIsNotTrueIsNoLargeBatch(t *testing.T) {
	cluster, c := trouble(t)
	long := bytes.Clone(stored(t, c))
	binary.BigEndian.PutUint32(long[8:], recordbatch.MaxBytes+5)
	answer(cluster, long, 1, false)
	f := troubledFetcher(t, c)
	if err := f.once(t.Context()); err == nil || f.next != 0 || !strings.Contains(err.Error(), "more than the 67108864 that are taken") {
		t.Errorf("up to %d, %v", f.next, err)
	}
}

func TestABatchThatOldBrokersCutIsFetchedWithALargerSize(t *testing.T) {
	cluster, c := trouble(t)
	b := stored(t, c)
	f := troubledFetcher(t, c)
	for _, size := range []int{5, 30, len(b) - 1} {
		asked := answer(cluster, b, 20, true)
		f.bytes, f.next = size, 0
		values, err := fetched(t, f, 3)
		if values != "012" || err != nil || asked.Load() > 6 {
			t.Errorf("from %d bytes: %q after %d fetches, %v", size, values, asked.Load(), err)
		}
	}
	f.hand, f.next = func(pipeline.Batch) error { return nil }, 0
	if err := f.once(t.Context()); err != nil || f.bytes != fetchBytes {
		t.Errorf("%d bytes are asked for next, %v", f.bytes, err)
	}
}

func TestAPartitionIsFollowedToItsNewLeaderAtOnce(t *testing.T) {
	cluster, c := trouble(t, kfake.NumBrokers(3))
	f := troubledFetcher(t, c)
	for node := range int32(3) {
		if err := cluster.MoveTopicPartition(troubled, 0, node); err != nil {
			t.Fatal(err)
		}
		f.next = 0
		began := time.Now()
		if values, err := fetched(t, f, 3); values != "012" || err != nil || time.Since(began) > time.Second {
			t.Errorf("at broker %d: %q, %v after %v", node, values, err, time.Since(began))
		}
	}
}

func TestErrorsOfTheBrokerAreToldWithThePlace(t *testing.T) {
	cluster, c := trouble(t)
	cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		res := r.ResponseKind().(*kmsg.FetchResponse)
		res.Topics = []kmsg.FetchResponseTopic{{Topic: troubled, Partitions: []kmsg.FetchResponseTopicPartition{{ErrorCode: kerr.TopicAuthorizationFailed.Code}}}}
		return res, nil, true
	})
	err := troubledFetcher(t, c).once(t.Context())
	if err == nil || !strings.Contains(err.Error(), "fetching troubled, partition 0, at offset 0") || !strings.Contains(err.Error(), "Topic Authorization Failed") {
		t.Errorf("got %v", err)
	}
}

func TestBrokersThatAreGoneAreToldAndFetchedFromOnceTheyAreBack(t *testing.T) {
	cluster, c := trouble(t)
	f := troubledFetcher(t, c)
	if _, err := fetched(t, f, 3); err != nil {
		t.Fatal(err)
	}
	var closed atomic.Bool
	closed.Store(true)
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		if closed.Load() {
			cluster.KeepControl()
			return nil, io.ErrUnexpectedEOF, true
		}
		return nil, nil, false
	})
	if err := f.once(t.Context()); err == nil {
		t.Error("a connection that was cut is no error")
	}
	closed.Store(false)
	f.next = 0
	if values, err := fetched(t, f, 3); values != "012" || err != nil {
		t.Errorf("%q, %v", values, err)
	}
	cluster.Close()
	if err := f.once(t.Context()); err == nil || !strings.Contains(err.Error(), "asking who leads") {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerThatNeverComesIsGivenUp(t *testing.T) {
	cluster, c := trouble(t)
	f := troubledFetcher(t, c)
	f.timeout = 100 * time.Millisecond
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) { return nil, nil, true })
	began := time.Now()
	err := f.once(t.Context())
	var timeout net.Error
	if took := time.Since(began); !errors.As(err, &timeout) || !timeout.Timeout() || took < fetchWait || took > fetchWait+time.Second {
		t.Errorf("%v after %v", err, took)
	}
	if values, err := fetched(t, f, 3); values != "012" || err != nil {
		t.Errorf("then %q, %v", values, err)
	}
}

// TestAFeedThatWaitsClosesAtOnce: Kafka answers an empty fetch only after its wait.
func TestAFeedThatWaitsClosesAtOnce(t *testing.T) {
	_, c := trouble(t)
	f := openFeed(t.Context(), c, TopicNames{troubled, troubled}, 0, [pipeline.Topics]int64{3, 3}, slog.New(slog.DiscardHandler))
	time.Sleep(fetchWait / 2)
	began := time.Now()
	f.Close()
	if took := time.Since(began); took > 100*time.Millisecond {
		t.Errorf("closing took %v", took)
	}
	if err := f.Err(); err != nil {
		t.Error(err)
	}
}

// TestFetchesThatWaitHoldUpNoOther: each has a connection of the transport to itself.
func TestFetchesThatWaitHoldUpNoOther(t *testing.T) {
	const idle = 16
	names := []string{"busy"}
	for i := range idle {
		names = append(names, fmt.Sprintf("idle-%d", i))
	}
	_, c := faked(t, kfake.NumBrokers(1), kfake.SeedTopics(1, names...))
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	for _, name := range names[1:] {
		f := openFeed(t.Context(), c, TopicNames{name, name}, 0, [pipeline.Topics]int64{}, log)
		defer f.Close()
	}
	f := openFeed(t.Context(), c, TopicNames{"busy", "idle-0"}, 0, [pipeline.Topics]int64{}, log)
	defer f.Close()
	client := franz(t, c, kgo.DefaultProduceTopic("busy"), kgo.ProducerLinger(0))
	var longest time.Duration
	for range 50 {
		began := time.Now()
		produce(t, client, &kgo.Record{Value: []byte("event")})
		<-f.Batches()
		longest = max(longest, time.Since(began))
	}
	t.Logf("an event is there after at most %v", longest)
	if longest > fetchPause+fetchWait/2 {
		t.Errorf("an event took %v", longest)
	}
}
