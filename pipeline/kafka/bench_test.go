package kafka

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/pipeline"
)

// BenchmarkFetch reads messages of 262 bytes, lz4, from a real broker: as the feed does, and by kafka-go's Conn.ReadBatch.
// It reports this process's CPU seconds per million messages; the broker is another process.
func BenchmarkFetch(b *testing.B) {
	const messages = 500_000
	c := real(b)
	topic := newTopic(b, c)
	fill(b, c, topic, messages)
	for _, way := range []struct {
		name string
		read func(b *testing.B, each func(*pipeline.Record))
	}{
		{"feed", func(b *testing.B, each func(*pipeline.Record)) {
			err := c.Scan(b.Context(), topic, 0, 0, messages, slog.New(slog.DiscardHandler), func(batch *pipeline.Batch) error {
				for i := range batch.Records {
					each(&batch.Records[i])
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}},
		{"ReadBatch", func(b *testing.B, each func(*pipeline.Record)) { readBatches(b, c, topic, messages, each) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			began := cpu(b)
			for range b.N {
				n, bytes := 0, 0
				way.read(b, func(r *pipeline.Record) { n++; bytes += len(r.Key) + len(r.Value) })
				if n != messages || bytes < 262*messages {
					b.Fatalf("%d messages, %d bytes", n, bytes)
				}
			}
			million := float64(b.N) * messages / 1e6
			b.ReportMetric((cpu(b)-began).Seconds()/million, "cpu-s/M")
			b.ReportMetric(million/b.Elapsed().Seconds(), "M/s")
		})
	}
}

func fill(b *testing.B, c *Connection, topic string, n int) {
	b.Helper()
	client := franz(b, c, kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerLinger(50*time.Millisecond), kgo.MaxBufferedRecords(50_000))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		value := fmt.Appendf(nil, `{"response_id":"%016x%016x","customer_id":"c-%07d","survey":"post_purchase","store":"store-%03d","channel":"email","score":%d,"asked_at":"2026-11-%02dT10:%02d:%02d.000Z","comment":"`,
			random.Uint64(), random.Uint64(), random.IntN(1_000_000), random.IntN(500), random.IntN(11), 1+i%28, i%60, i%59)
		for len(value) < 262-11 {
			value = append(value, "the parcel came late and open "[random.IntN(30)])
		}
		client.Produce(b.Context(), &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "c-%07d", random.IntN(1_000_000)), Value: append(value, `"}`...)}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := client.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// readBatches reads as the feed did formerly.
func readBatches(b *testing.B, c *Connection, topic string, n int, each func(*pipeline.Record)) {
	conn, err := c.Dialer.DialLeader(b.Context(), "tcp", c.Brokers[0], topic, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for n > 0 {
		batch := conn.ReadBatchWith(kafkago.ReadBatchConfig{MinBytes: 1, MaxBytes: fetchBytes, MaxWait: fetchWait})
		var records []pipeline.Record
		for {
			m, err := batch.ReadMessage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			records = append(records, pipeline.Record{Offset: m.Offset, Time: m.Time, Key: m.Key, Value: m.Value})
		}
		if err := batch.Close(); err != nil {
			b.Fatal(err)
		}
		for i := range records {
			each(&records[i])
		}
		n -= len(records)
	}
}

// cpu returns the CPU time of this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
