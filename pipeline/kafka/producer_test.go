package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/local"
	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
)

// producing returns a producer to an embedded Kafka, which stops with the test.
func producing(t *testing.T) (*kafka.Producer, *local.Kafka) {
	t.Helper()
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0", Topics: []local.Topic{{Name: "r", Partitions: 4}, {Name: "c", Partitions: 4}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() }) // a test may have closed it
	conn, err := kafka.Connect(kafka.Config{Brokers: []string{k.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	p := kafka.NewProducer(conn, kafka.TopicNames{"r", "c", "", "", "absent"}, partitioner.CRC32)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, k
}

func TestManyProduceAtOnceAndEachKeyIsInItsPartition(t *testing.T) {
	p, k := producing(t)
	var all sync.WaitGroup
	var released atomic.Int64
	for n := range 20 {
		all.Go(func() {
			var list []kafka.Message
			for i := range 50 {
				list = append(list, kafka.Message{Feed: []string{"responses", "complaints"}[i%2], Key: fmt.Appendf(nil, "c-%d", n*50+i), Value: []byte("{}"), Headers: []pipeline.Header{{Key: "h", Value: []byte("v")}}})
			}
			if errs := p.Produce(t.Context(), list, func() { released.Add(1) }); errs != nil {
				t.Error(errors.Join(errs...))
			}
		})
	}
	all.Wait()
	if released.Load() != 20 {
		t.Errorf("released %d times", released.Load())
	}
	met := 0
	for partition := range 4 {
		r := kafkago.NewReader(kafkago.ReaderConfig{Brokers: []string{k.Addr()}, Topic: "r", Partition: partition, MaxWait: 50 * time.Millisecond})
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			m, err := r.ReadMessage(ctx)
			cancel()
			if err != nil {
				break
			}
			met++
			if partitioner.CRC32.PartitionOf(m.Key, 4) != partition || len(m.Headers) != 1 {
				t.Errorf("%s is in partition %d with %v", m.Key, partition, m.Headers)
			}
		}
		_ = r.Close()
	}
	if met != 500 {
		t.Errorf("%d of 500 are there", met)
	}
}

func TestWhatItsTopicDoesNotTakeIsToldOfItAlone(t *testing.T) {
	p, _ := producing(t)
	errs := p.Produce(t.Context(), []kafka.Message{{Feed: "responses", Key: []byte("a"), Value: []byte("{}")}, {Feed: "responses", Key: []byte("b"), Value: bytes.Repeat([]byte("x"), kafka.MostMessageBytes+5000)}, {Feed: "complaints", Key: []byte("c"), Value: []byte("{}")}}, func() {})
	var large *kafka.TooLargeError
	if len(errs) != 3 || errs[0] != nil || errs[2] != nil || !errors.As(errs[1], &large) {
		t.Errorf("%v", errs)
	}
	if !p.Has("responses") || p.Has("purchases") {
		t.Error("it does not know which topics there are")
	}
	errs = p.Produce(t.Context(), []kafka.Message{{Feed: "departures", Key: []byte("a"), Value: []byte("{}")}}, func() {})
	var topic *kafka.TopicError
	if len(errs) != 1 || !errors.As(errs[0], &topic) {
		t.Errorf("an absent topic: %v", errs)
	}
}

func TestAProducerWithoutKafkaAnswersInTimeAndReleasesLater(t *testing.T) {
	p, k := producing(t)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	released := make(chan struct{})
	begun := time.Now()
	errs := p.Produce(ctx, []kafka.Message{{Feed: "responses", Key: []byte("a"), Value: []byte("{}")}}, func() { close(released) })
	if len(errs) != 1 || errs[0] == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %v", errs, time.Since(begun))
	}
	select {
	case <-released:
	case <-time.After(time.Minute):
		t.Error("what it held is never released")
	}
}
