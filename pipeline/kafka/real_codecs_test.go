package kafka

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka/recordbatch"
)

// messages have every shape that a record can have.
func messages(topic string, n int) (list []*kgo.Record) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		r := &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(1_700_000_000_000 + int64(i*37%1000)), Key: fmt.Appendf(nil, "customer-%d", i%50), Value: fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, strings.Repeat("x", random.IntN(300)))}
		switch i % 10 {
		case 3:
			r.Key = nil
		case 4:
			r.Value = nil
		case 5:
			r.Key, r.Value = []byte{}, []byte{}
		case 6:
			r.Headers = []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "", Value: nil}, {Key: "b", Value: []byte{}}}
		}
		list = append(list, r)
	}
	return list
}

func TestEveryCodecOfFranzGoIsReadAsFranzGoReadsIt(t *testing.T) {
	c := real(t)
	for name, codec := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		t.Run(name, func(t *testing.T) {
			topic := newTopic(t, c)
			produce(t, franz(t, c, kgo.ProducerBatchCompression(codec), kgo.ProducerLinger(10*time.Millisecond), kgo.ProducerBatchMaxBytes(100_000)), messages(topic, 3000)...)
			if got := sameAsFranz(t, c, topic, 0); len(got) != 3000 {
				t.Errorf("%d records", len(got))
			}
			if got := sameAsFranz(t, c, topic, 1234); got[0].Offset != 1234 { // in the middle of a batch
				t.Errorf("begins at %d", got[0].Offset)
			}
		})
	}
}

func TestEveryCodecOfKafkaGoIsReadAsFranzGoReadsIt(t *testing.T) {
	c := real(t)
	for _, codec := range []kafkago.Compression{0, kafkago.Gzip, kafkago.Snappy, kafkago.Lz4, kafkago.Zstd} {
		t.Run(codec.String(), func(t *testing.T) {
			topic := newTopic(t, c)
			w := &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: topic, Transport: &kafkago.Transport{}, RequiredAcks: kafkago.RequireAll, Compression: codec, BatchSize: 500, BatchTimeout: 10 * time.Millisecond}
			defer w.Close()
			var list []kafkago.Message
			for _, m := range messages("", 2000) {
				list = append(list, kafkago.Message{Key: m.Key, Value: m.Value, Time: m.Timestamp})
			}
			if err := w.WriteMessages(t.Context(), list...); err != nil {
				t.Fatal(err)
			}
			if got := sameAsFranz(t, c, topic, 0); len(got) != 2000 {
				t.Errorf("%d records", len(got))
			}
		})
	}
}

func TestTimestampsOfTheLogAreReadAsTheBrokerSetThem(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c, "message.timestamp.type", "LogAppendTime")
	began := time.Now().Add(-time.Second)
	produce(t, franz(t, c, kgo.ProducerBatchCompression(kgo.Lz4Compression())), messages(topic, 100)...)
	for _, r := range sameAsFranz(t, c, topic, 0) {
		if r.Time.Before(began) {
			t.Fatalf("offset %d has the time %v", r.Offset, r.Time)
		}
	}
}

func TestAMessageOfTenMegabytesPassesAmongSmallOnes(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c, "max.message.bytes", "20000000")
	client := franz(t, c, kgo.ProducerBatchMaxBytes(20_000_000), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.BrokerMaxWriteBytes(100<<20))
	large := bytes.Repeat([]byte("0123456789"), 1<<20)
	produce(t, client, messages(topic, 200)...)
	produce(t, client, &kgo.Record{Topic: topic, Value: large})
	produce(t, client, messages(topic, 200)...)
	if got := sameAsFranz(t, c, topic, 0); len(got) != 401 || !bytes.Equal(got[200].Value, large) {
		t.Errorf("%d records", len(got))
	}
}

// TestABatchThatUnpacksToTooMuchIsPassedAsOneUnreadableRecord: a real broker accepts it, since it is small when compressed.
func TestABatchThatUnpacksToTooMuchIsPassedAsOneUnreadableRecord(t *testing.T) {
	c := real(t)
	topic := newTopic(t, c)
	produce(t, franz(t, c), messages(topic, 20)...)
	bomb := franz(t, c, kgo.ProducerBatchCompression(kgo.GzipCompression()), kgo.ProducerBatchMaxBytes(100<<20), kgo.BrokerMaxWriteBytes(200<<20))
	produce(t, bomb, &kgo.Record{Topic: topic, Value: make([]byte, recordbatch.MaxBytes)})
	produce(t, franz(t, c), messages(topic, 20)...)
	var got []pipeline.Record
	err := c.Scan(t.Context(), topic, 0, 0, 41, slog.New(slog.DiscardHandler), func(b *pipeline.Batch) error {
		got = append(got, b.Records...)
		return nil
	})
	if err != nil || len(got) != 41 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	for i := range got {
		if bad := got[i].Unreadable; (bad != nil) != (i == 20) || got[i].Offset != int64(i) {
			t.Errorf("record %d, offset %d: %v", i, got[i].Offset, bad)
		}
	}
}
