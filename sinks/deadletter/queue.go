package deadletter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
)

// Queue reads the dead-letter topic, and sends messages back.
type Queue struct {
	Connection *kafka.Connection
	Topic      string
	Log        *slog.Logger
	// Place returns the partition to which a message with this key goes back; the letter's topic has this many.
	Place  func(l *Letter, key []byte, partitions int) (int, error)
	notes  map[ID]note
	ends   []kafka.Bounds // of the topic's partitions when it was opened
	writer *kafkago.Writer
}

// UnplacedError is the error for a message whose partition cannot be known. It was not sent.
type UnplacedError struct{ Reason string }

func (e *UnplacedError) Error() string { return e.Reason }

// PlaceBy returns a Place that goes by a partitioner. With [partitioner.Any] a message goes back to its partition,
// and one whose key has changed is an [UnplacedError]; but if the producers' partitioner is not known (told is false),
// such a key goes where send would put it.
func PlaceBy(by partitioner.Partitioner, told bool) func(*Letter, []byte, int) (int, error) {
	return func(l *Letter, key []byte, partitions int) (int, error) {
		switch {
		case by != partitioner.Any:
			return by.PartitionOf(key, partitions), nil
		case string(key) == string(l.Key):
			return l.Partition, nil
		case !told:
			return partitioner.Murmur2.PartitionOf(key, partitions), nil
		}
		return 0, &UnplacedError{fmt.Sprintf("its key is %q now and was %q, and only its producer knows the new key's partition (kafka.partitioner is any): let the producer send it again", key, l.Key)}
	}
}

// OpenQueue reads which letters were retried. It shows the topic as of now.
func OpenQueue(ctx context.Context, c *kafka.Connection, topic string, log *slog.Logger) (*Queue, error) {
	n, err := c.PartitionsOf(ctx, topic)
	if err != nil {
		return nil, err
	}
	q := &Queue{Connection: c, Topic: topic, Log: log, Place: PlaceBy(partitioner.Murmur2, true), notes: map[ID]note{}, writer: &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Transport: c.Transport,
		Balancer: kafkago.BalancerFunc(placed), RequiredAcks: kafkago.RequireAll, BatchTimeout: time.Millisecond, BatchBytes: MaxBytes, WriteTimeout: aloneTimeout, MaxAttempts: 3, Compression: kafkago.Lz4}}
	if q.ends, err = c.Bounds(ctx, topic, n); err != nil {
		return nil, err
	}
	return q, q.scan(ctx, func(_ int, rec *pipeline.Record) error {
		if id, n, ok := noteIn(rec); ok && q.notes[id].state != Retried {
			q.notes[id] = n
		}
		return nil
	})
}

func (q *Queue) scan(ctx context.Context, each func(partition int, rec *pipeline.Record) error) error {
	for p, bounds := range q.ends {
		err := q.Connection.Scan(ctx, q.Topic, p, bounds.First, bounds.End, q.Log, func(batch *pipeline.Batch) error {
			for i := range batch.Records {
				if err := each(p, &batch.Records[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Messages is roughly how many messages the topic has: letters, repeated letters, and notes of retries.
func (q *Queue) Messages() (n int64) {
	for _, bounds := range q.ends {
		n += bounds.End - bounds.First
	}
	return n
}

// Each hands over every letter once, partition by partition, in the order of sending. repeated counts letters that
// were sent again, foreign messages that csatflow did not send.
func (q *Queue) Each(ctx context.Context, each func(*Letter) error) (repeated, foreign int, err error) {
	met := map[ID]bool{}
	err = q.scan(ctx, func(p int, rec *pipeline.Record) error {
		if _, _, ok := noteIn(rec); ok {
			return nil
		}
		l, ok := letterIn(rec, p)
		switch {
		case !ok:
			foreign++
			return nil
		case met[l.ID]:
			repeated++
			return nil
		}
		met[l.ID] = true
		if n, has := q.notes[l.ID]; has {
			l.State = n.state
		}
		return each(&l)
	})
	return repeated, foreign, err
}

// Retry sends a message back to a letter's topic, once in effect. It notes its begin and its end in the dead-letter
// topic; a retry that finds another one broken off looks whether that message has arrived. It returns false if the letter
// was retried before.
func (q *Queue) Retry(ctx context.Context, l *Letter, key, value []byte) (sent bool, err error) {
	n := q.notes[l.ID]
	switch n.state {
	case Retried:
		return false, nil
	case Begun:
		arrived, err := q.arrived(ctx, l.ID, n)
		if err != nil {
			return false, err
		}
		if arrived {
			return false, q.note(ctx, l, note{state: Retried})
		}
	default:
		if n, err = q.target(ctx, l, key); err != nil {
			return false, err
		}
		if err := q.note(ctx, l, n); err != nil {
			return false, err
		}
	}
	m := kafkago.Message{Topic: l.Topic, Key: key, Value: value, WriterData: n.partition}
	for _, h := range l.Headers {
		m.Headers = append(m.Headers, kafkago.Header(h))
	}
	m.Headers = append(m.Headers, kafkago.Header{Key: headerNoteOf, Value: []byte(l.String())})
	if err := q.writer.WriteMessages(ctx, m); err != nil {
		return false, fmt.Errorf("sending %s back: %w", l.ID, plain(err))
	}
	return true, q.note(ctx, l, note{state: Retried})
}

// RetryUnmapped sends the events of a dead letter of the intake by send, and notes it; false if that was done before. If it is broken off
// between the two the events are sent again, with the same event_id, and count once.
func (q *Queue) RetryUnmapped(ctx context.Context, l *Letter, send func() error) (sent bool, err error) {
	if q.notes[l.ID].state == Retried {
		return false, nil
	}
	if err := send(); err != nil {
		return false, err
	}
	return true, q.note(ctx, l, note{state: Retried})
}

// placed is a balancer: the partition of a message's WriterData, or for notes that of their key.
func placed(m kafkago.Message, partitions ...int) int {
	if p, told := m.WriterData.(int); told {
		return p
	}
	return partitions[partitioner.Murmur2.PartitionOf(m.Key, len(partitions))]
}

// target returns the partition of a message with this key, and that partition's end.
func (q *Queue) target(ctx context.Context, l *Letter, key []byte) (note, error) {
	count, err := q.Connection.PartitionsOf(ctx, l.Topic)
	if err != nil {
		return note{}, err
	}
	p, err := q.Place(l, key, count)
	if err != nil {
		return note{}, err
	}
	bounds, err := q.Connection.Bounds(ctx, l.Topic, count)
	if err != nil {
		return note{}, err
	}
	return note{state: Begun, partition: p, from: bounds[p].End}, nil
}

// arrived looks for the message that a retry was sending when it was broken off.
func (q *Queue) arrived(ctx context.Context, id ID, n note) (found bool, err error) {
	count, err := q.Connection.PartitionsOf(ctx, id.Topic)
	if err != nil {
		return false, err
	}
	bounds, err := q.Connection.Bounds(ctx, id.Topic, count)
	if err != nil {
		return false, err
	}
	if n.partition >= len(bounds) {
		return false, fmt.Errorf("a retry of %s was broken off on its way to partition %d, and the topic has %d", id, n.partition, len(bounds))
	}
	from := max(n.from, bounds[n.partition].First)
	err = q.Connection.Scan(ctx, id.Topic, n.partition, from, bounds[n.partition].End, q.Log, func(batch *pipeline.Batch) error {
		for i := range batch.Records {
			if of, _ := headerOf(batch.Records[i].Headers, headerNoteOf); of == id.String() {
				found = true
			}
		}
		return nil
	})
	return found, err
}

// note sends a note about a letter to the dead-letter topic.
func (q *Queue) note(ctx context.Context, l *Letter, n note) error {
	m := kafkago.Message{Topic: q.Topic, Key: l.Key, Headers: []kafkago.Header{{Key: headerNote, Value: []byte(n.state)}, {Key: headerNoteOf, Value: []byte(l.String())}}}
	if n.state == Begun {
		m.Headers = append(m.Headers, kafkago.Header{Key: headerNotePlace, Value: []byte(strconv.Itoa(n.partition))},
			kafkago.Header{Key: headerNoteFrom, Value: []byte(strconv.FormatInt(n.from, 10))})
	}
	if err := q.writer.WriteMessages(ctx, m); err != nil {
		return fmt.Errorf("noting the retry of %s in %s: %w", l.ID, q.Topic, plain(err))
	}
	q.notes[l.ID] = n
	return nil
}

// plain returns the first message's error of a write error, which has one for each message.
func plain(err error) error {
	var each kafkago.WriteErrors
	if errors.As(err, &each) {
		for _, e := range each {
			if e != nil {
				return e
			}
		}
	}
	return err
}

// Close closes the queue.
func (q *Queue) Close() error { return q.writer.Close() }
