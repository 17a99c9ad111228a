package deadletter

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"csatflow/deploy/trial/apachekafka"
	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
)

// noise is bytes that no codec makes smaller.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // it never fails
	return b
}

// queueOf creates a dead-letter topic that takes messages up to a size, 0 for Kafka's default.
func queueOf(t *testing.T, c *kafka.Connection, name string, size int) *Topic {
	t.Helper()
	if _, err := c.CreateTopics(t.Context(), []kafka.NewTopic{{Name: name, Partitions: 2, Replication: 1, MessageBytes: size}}); err != nil {
		t.Fatal(err)
	}
	topic := Open(c, name, kafka.TopicNames{source, "csat.complaints"})
	t.Cleanup(func() { _ = topic.Close() })
	return topic
}

func letterOf(offset int64, value []byte) pipeline.DeadLetter {
	return pipeline.DeadLetter{Partition: 3, Reason: "not JSON", Record: pipeline.Record{Offset: offset, Key: []byte("c1"), Value: value}}
}

// sent returns the values of a topic, in order; all have one key.
func sent(t *testing.T, c *kafka.Connection, name string) (list [][]byte) {
	t.Helper()
	bounds, err := c.Bounds(t.Context(), name, 2)
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range bounds {
		err := c.Scan(t.Context(), name, p, b.First, b.End, slog.New(slog.DiscardHandler), func(batch *pipeline.Batch) error {
			for i := range batch.Records {
				list = append(list, batch.Records[i].Value)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestLettersOfAnySize sends to topics of a real Apache Kafka, which minds their sizes as no embedded one does.
func TestLettersOfAnySize(t *testing.T) {
	b, err := apachekafka.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Kill() }()
	c, err := kafka.Connect(kafka.Config{Brokers: []string{b.Addr}})
	if err != nil {
		t.Fatal(err)
	}
	large := noise(10 << 20)
	t.Run("large ones arrive whole and in order among small ones", func(t *testing.T) {
		topic := queueOf(t, c, "wide", MaxBytes)
		var letters []pipeline.DeadLetter
		var want [][]byte
		for i := range 40 {
			value := fmt.Appendf(nil, "small %d", i)
			if i%8 == 5 {
				value = large[i:]
			}
			letters, want = append(letters, letterOf(int64(i), value)), append(want, value)
		}
		if err := topic.Send(t.Context(), letters); err != nil {
			t.Fatal(err)
		}
		got := sent(t, c, "wide")
		if len(got) != len(want) {
			t.Fatalf("%d letters, want %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("letter %d: %d bytes, want %d", i, len(got[i]), len(want[i]))
			}
		}
	})
	for _, x := range []struct {
		what, name string
		takes      int
		value      []byte
	}{
		{"larger than the topic takes", "narrow", 0, large},
		{"larger than csatflow sends", "huge", MaxBytes, make([]byte, MaxBytes)},
	} {
		t.Run("of a message "+x.what+" the letter tells the place, and the ones after it arrive", func(t *testing.T) {
			topic := queueOf(t, c, x.name, x.takes)
			if err := topic.Send(t.Context(), []pipeline.DeadLetter{letterOf(0, []byte("small")), letterOf(1, x.value), letterOf(2, []byte("after"))}); err != nil {
				t.Fatal(err)
			}
			letters, err := Latest(t.Context(), c, x.name, 10, slog.New(slog.DiscardHandler))
			if err != nil || len(letters) != 3 {
				t.Fatalf("%d letters, %v", len(letters), err)
			}
			for _, l := range letters {
				switch l.Offset {
				case 1:
					for _, w := range []string{"not JSON. The message itself is not here", x.name + " takes (max.message.bytes)", source + ", partition 3, at offset 1 until"} {
						if !strings.Contains(l.Reason, w) {
							t.Errorf("%q does not say %q", l.Reason, w)
						}
					}
				default:
					if l.Reason != "not JSON" {
						t.Errorf("offset %d: %q", l.Offset, l.Reason)
					}
				}
			}
			values := fmt.Sprintf("%q", sent(t, c, x.name))
			if !strings.Contains(values, `"small"`) || !strings.Contains(values, `"after"`) || !strings.Contains(values, `""`) || len(values) > 30 {
				t.Errorf("values %.100s", values)
			}
		})
	}
	t.Run("a topic that takes nothing ends it with the remedy", func(t *testing.T) {
		topic := queueOf(t, c, "none", 100)
		err := topic.Send(t.Context(), []pipeline.DeadLetter{letterOf(1, []byte("small"))})
		var final *pipeline.FinalError
		if !errors.As(err, &final) {
			t.Fatalf("%v is not final", err)
		}
		for _, w := range []string{source + ", partition 3, offset 1", "kafka-configs --alter", "--entity-name none", "max.message.bytes=67108864"} {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not say %q", err, w)
			}
		}
	})
	t.Run("a topic that takes less than a batch takes letter by letter", func(t *testing.T) {
		topic := queueOf(t, c, "slim", 10_000)
		var letters []pipeline.DeadLetter
		for i := range 20 {
			letters = append(letters, letterOf(int64(i), large[i*5000:][:5000]))
		}
		if err := topic.Send(t.Context(), letters); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, c, "slim"); len(got) != len(letters) {
			t.Errorf("%d letters, want %d", len(got), len(letters))
		}
	})
}

func TestTopicsSayHowLargeTheirMessagesMayBe(t *testing.T) {
	c := connected(t)
	if _, err := c.CreateTopics(t.Context(), []kafka.NewTopic{{Name: "wide", Partitions: 1, Replication: 1, MessageBytes: MaxBytes}}); err != nil {
		t.Fatal(err)
	}
	sizes, err := c.MessageBytes(t.Context(), []string{"wide", source})
	if err != nil || sizes["wide"] != MaxBytes || sizes[source] == 0 || sizes[source] > 2<<20 {
		t.Errorf("%v, %v", sizes, err)
	}
}

func TestATombstoneStaysApartFromAnEmptyMessage(t *testing.T) {
	c := connected(t)
	topic := Open(c, queue, kafka.TopicNames{source, "csat.complaints"})
	defer func() { _ = topic.Close() }()
	if err := topic.Send(t.Context(), []pipeline.DeadLetter{letterOf(0, nil), letterOf(1, []byte{})}); err != nil {
		t.Fatal(err)
	}
	if got := sent(t, c, queue); len(got) != 2 || got[0] != nil || got[1] == nil {
		t.Errorf("%#v", got)
	}
}
