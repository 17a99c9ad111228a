package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
)

const (
	fetchBytes    = 1 << 20                // of one fetch
	fetchWait     = 250 * time.Millisecond // for the first byte
	batchesQueued = 2                      // a partition, all topics together
)

// feed fetches one partition of every topic, each over a connection of its own.
type feed struct {
	conn      *Connection
	topics    TopicNames
	partition int
	batches   chan pipeline.Batch
	log       *slog.Logger
	cancel    context.CancelFunc
	fetchers  sync.WaitGroup
	once      sync.Once
	mu        sync.Mutex
	err       error
}

func openFeed(ctx context.Context, conn *Connection, topics TopicNames, partition int, next [pipeline.Topics]int64, log *slog.Logger) *feed {
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{conn: conn, topics: topics, partition: partition, batches: make(chan pipeline.Batch, batchesQueued), cancel: cancel, log: log}
	for topic := range topics {
		f.fetchers.Go(func() {
			if err := f.fetch(ctx, pipeline.Topic(topic), next[topic]); err != nil && ctx.Err() == nil {
				f.fail(err)
			}
		})
	}
	go func() {
		f.fetchers.Wait()
		close(f.batches)
	}()
	return f
}

func (f *feed) Batches() <-chan pipeline.Batch { return f.batches }

func (f *feed) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *feed) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	f.cancel()
}

// Close stops the fetchers and waits for them.
func (f *feed) Close() {
	f.once.Do(func() {
		f.cancel()
		for range f.batches { // a fetcher may be waiting to hand one over
		}
	})
}

// fetch reads one topic from an offset until the context ends. A connection that breaks is made anew.
func (f *feed) fetch(ctx context.Context, topic pipeline.Topic, next int64) error {
	const shortest, longest = 100 * time.Millisecond, 5 * time.Second
	for pause := shortest; ; {
		at, err := f.fetchOver(ctx, topic, next)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the fetch was broken off on purpose
		}
		var out *outOfRange
		if errors.As(err, &out) {
			return err
		}
		if at > next {
			pause = shortest
		}
		next = at
		f.log.Warn("fetching went wrong and is tried again", "in", pause, "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
			pause = min(2*pause, longest)
		}
	}
}

// outOfRange means that the log has lost offsets that were not read: it was cut, or made anew.
type outOfRange struct {
	topic     string
	partition int
	offset    int64
}

func (e *outOfRange) Error() string {
	return fmt.Sprintf("%s, partition %d: offset %d is not in the log: its retention has removed it unread, or the topic was made anew", e.topic, e.partition, e.offset)
}

// fetchOver fetches over one connection, and gives the offset where it stopped.
func (f *feed) fetchOver(ctx context.Context, topic pipeline.Topic, next int64) (int64, error) {
	name := f.topics[topic]
	conn, err := f.dial(ctx, name)
	if err != nil {
		return next, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })() // ends a fetch that waits
	if _, err := conn.Seek(next, kafka.SeekAbsolute|kafka.SeekDontCheck); err != nil {
		return next, fmt.Errorf("seeking in %s: %w", name, err)
	}
	for ctx.Err() == nil {
		b, err := readBatch(conn, topic)
		if errors.Is(err, kafka.OffsetOutOfRange) {
			return next, &outOfRange{topic: name, partition: f.partition, offset: next}
		}
		if b.Next > next {
			next = b.Next
			select {
			case f.batches <- b:
			case <-ctx.Done():
				return next, ctx.Err()
			}
		}
		if err != nil {
			return next, fmt.Errorf("fetching %s, partition %d: %w", name, f.partition, err)
		}
	}
	return next, ctx.Err()
}

func (f *feed) dial(ctx context.Context, topic string) (conn *kafka.Conn, err error) {
	for _, broker := range f.conn.Brokers {
		if conn, err = f.conn.Dialer.DialLeader(ctx, "tcp", broker, topic, f.partition); err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("reaching the leader of %s, partition %d: %w", topic, f.partition, err)
}

// readBatch makes one fetch. What was read before an error is good and comes with it.
func readBatch(conn *kafka.Conn, topic pipeline.Topic) (b pipeline.Batch, err error) {
	if err := conn.SetReadDeadline(time.Now().Add(requestTimeout)); err != nil {
		return b, err
	}
	batch := conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: fetchBytes, MaxWait: fetchWait})
	b = pipeline.Batch{Topic: topic, High: batch.HighWaterMark(), Next: -1}
	defer func() {
		// kafka-go panics on batches that compaction has emptied; the connection is then useless.
		if r := recover(); r != nil {
			err = fmt.Errorf("reading a batch at offset %d: %v", b.Next, r)
		}
	}()
	for {
		var m kafka.Message
		if m, err = batch.ReadMessage(); err != nil {
			break
		}
		rec := pipeline.Record{Topic: topic, Offset: m.Offset, Time: m.Time, Key: m.Key, Value: m.Value}
		for _, h := range m.Headers {
			rec.Headers = append(rec.Headers, pipeline.Header(h))
		}
		b.Records = append(b.Records, rec)
		b.Next = m.Offset + 1
	}
	if closed := batch.Close(); closed != nil {
		err = closed
	}
	if errors.Is(err, kafka.RequestTimedOut) { // what kafka-go calls a fetch that found nothing in its wait
		return b, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return b, err
	}
	b.Next = max(b.Next, offsetAfter(conn))
	return b, nil
}

func offsetAfter(conn *kafka.Conn) int64 {
	offset, whence := conn.Offset()
	if whence != kafka.SeekAbsolute {
		return -1
	}
	return offset
}
