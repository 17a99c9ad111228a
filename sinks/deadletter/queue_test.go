package deadletter

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/local"
	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
)

const source, queue = "csat.responses", "csat.deadletter"

// connected starts the embedded Kafka with both topics.
func connected(t *testing.T) *kafka.Connection {
	t.Helper()
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0", Topics: []local.Topic{{Name: source, Partitions: 4}, {Name: queue, Partitions: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	c, err := kafka.Connect(kafka.Config{Brokers: []string{k.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t *testing.T, c *kafka.Connection) *Queue {
	t.Helper()
	b, err := OpenQueue(t.Context(), c, queue, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// divert sends letters of these offsets, as run does.
func divert(t *testing.T, c *kafka.Connection, offsets ...int64) {
	t.Helper()
	topic := Open(c, queue, kafka.TopicNames{source, "csat.complaints"})
	defer func() { _ = topic.Close() }()
	var list []pipeline.DeadLetter
	for _, o := range offsets {
		list = append(list, pipeline.DeadLetter{Partition: 1, Field: "grade", Reason: "must be 1 to 7, is 8",
			Record: pipeline.Record{Topic: pipeline.Responses, Offset: o, Key: []byte("c1"), Value: fmt.Appendf(nil, `{"n":%d}`, o),
				Headers: []pipeline.Header{{Key: "till", Value: []byte("7")}, {Key: "x-csatflow-retry-of", Value: []byte("csat.responses/0/3")}}}})
	}
	if err := topic.Send(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// letters reads all letters, by ID.
func letters(t *testing.T, b *Queue) (list map[ID]Letter, repeated int) {
	t.Helper()
	list = map[ID]Letter{}
	repeated, foreign, err := b.Each(t.Context(), func(l *Letter) error {
		if _, twice := list[l.ID]; twice {
			t.Errorf("%s is handed over twice", l.ID)
		}
		list[l.ID] = *l
		return nil
	})
	if err != nil || foreign != 0 {
		t.Fatalf("%d foreign messages, %v", foreign, err)
	}
	return list, repeated
}

// values reads all messages of the source topic.
func values(t *testing.T, c *kafka.Connection) (list []string) {
	t.Helper()
	bounds, err := c.Bounds(t.Context(), source, 4)
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range bounds {
		err := c.Scan(t.Context(), source, p, b.First, b.End, slog.New(slog.DiscardHandler), func(batch *pipeline.Batch) error {
			for _, r := range batch.Records {
				till, _ := headerOf(r.Headers, "till")
				list = append(list, fmt.Sprintf("%s %s till %s", r.Key, r.Value, till))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func TestLettersAreReadOnceHoweverOftenTheyWereSent(t *testing.T) {
	c := connected(t)
	divert(t, c, 5, 6)
	divert(t, c, 6, 7)
	list, repeated := letters(t, open(t, c))
	if len(list) != 3 || repeated != 1 {
		t.Fatalf("%d letters, %d repeated", len(list), repeated)
	}
	l := list[ID{source, 1, 6}]
	if string(l.Key) != "c1" || string(l.Value) != `{"n":6}` || l.Field != "grade" || l.Reason != "must be 1 to 7, is 8" || l.State != Waiting || time.Since(l.At) > time.Hour {
		t.Errorf("%+v", l)
	}
	if len(l.Headers) != 1 || l.Headers[0].Key != "till" {
		t.Errorf("headers %v", l.Headers)
	}
}

func TestARetryIsSentOnceWhereverItIsBrokenOff(t *testing.T) {
	for what, broken := range map[string]func(b *Queue, l *Letter, n note, m kafkago.Message) error{
		"not at all":         func(*Queue, *Letter, note, kafkago.Message) error { return nil },
		"before it was sent": func(b *Queue, l *Letter, n note, _ kafkago.Message) error { return b.note(t.Context(), l, n) },
		"before it was noted as done": func(b *Queue, l *Letter, n note, m kafkago.Message) error {
			if err := b.note(t.Context(), l, n); err != nil {
				return err
			}
			return b.writer.WriteMessages(t.Context(), m)
		},
		"after all": func(b *Queue, l *Letter, _ note, m kafkago.Message) error {
			_, err := b.Retry(t.Context(), l, m.Key, m.Value)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			c := connected(t)
			divert(t, c, 5)
			b := open(t, c)
			l, _ := letters(t, b)
			letter := l[ID{source, 1, 5}]
			n, err := b.target(t.Context(), &letter, []byte("c1"))
			if err != nil {
				t.Fatal(err)
			}
			m := kafkago.Message{Topic: source, Key: []byte("c1"), Value: []byte("mended"), Headers: []kafkago.Header{{Key: "till", Value: []byte("7")}, {Key: headerNoteOf, Value: []byte(letter.String())}}}
			if err := broken(b, &letter, n, m); err != nil {
				t.Fatal(err)
			}
			for range 2 { // by a new process, and once more
				b = open(t, c)
				if _, err := b.Retry(t.Context(), &letter, []byte("c1"), []byte("mended")); err != nil {
					t.Fatal(err)
				}
			}
			if got := values(t, c); len(got) != 1 || got[0] != "c1 mended till 7" {
				t.Errorf("the topic has %q", got)
			}
			if l, _ := letters(t, open(t, c)); l[letter.ID].State != Retried {
				t.Errorf("the letter is %s", l[letter.ID].State)
			}
		})
	}
}

func TestAMessageIsSentBackToThePartitionThatItsProducerWouldTake(t *testing.T) {
	for _, by := range append([]partitioner.Partitioner{partitioner.Any}, partitioner.Hashes...) {
		for _, key := range []string{"c1", "c2", "c77"} { // the letter's key is c1
			c := connected(t)
			divert(t, c, 5)
			b := open(t, c)
			b.Place = PlaceBy(by, true)
			l, _ := letters(t, b)
			letter := l[ID{source, 1, 5}]
			sent, err := b.Retry(t.Context(), &letter, []byte(key), []byte("mended"))
			want := by.PartitionOf([]byte(key), 4)
			if by == partitioner.Any {
				want = 1 // where it came from
				var unplaced *UnplacedError
				if key != "c1" {
					if !errors.As(err, &unplaced) || sent || len(values(t, c)) > 0 {
						t.Errorf("%s, key %s: sent %v, %v", by, key, sent, err)
					}
					continue
				}
			}
			bounds, berr := c.Bounds(t.Context(), source, 4)
			if err != nil || berr != nil || !sent || bounds[want].End != 1 {
				t.Errorf("%s, key %s: sent %v, %v, bounds %v", by, key, sent, err, bounds)
			}
		}
	}
}

func TestAnIDIsReadAsItIsWritten(t *testing.T) {
	for _, id := range []ID{{source, 0, 0}, {"a.b_c-d", 63, 1 << 40}} {
		if got, err := ParseID(id.String()); got != id || err != nil {
			t.Errorf("%v: %v, %v", id, got, err)
		}
	}
	for _, text := range []string{"", "a", "a/1", "a/b/c", "/1/2", "a/-1/2", "a/1/-2", "a/1/2/3", "a/99999999999/1"} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("%q is %v", text, id)
		}
	}
}
