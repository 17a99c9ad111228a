package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka/recordbatch"
)

const (
	fetchBytes   = 1 << 20                // per fetch, unless a batch is larger
	fetchWait    = 250 * time.Millisecond // wait for the first byte
	fetchPause   = 80 * time.Millisecond  // after a fetch that reached the end of the log: each event would have a fetch of its own
	handBytes    = 4 << 20                // records delivered at once; a batch may be compressed to far less
	corruptTries = 5                      // at the same offset: the network may have corrupted the bytes, or another broker may lead
)

// fetcher reads one partition of a topic from an offset on.
type fetcher struct {
	conn      *Connection
	name      string
	topic     pipeline.Topic
	partition int
	next      int64
	end       int64 // of the log, when it was last fetched from
	bytes     int   // to ask for
	leader    int32 // -1: the one that the transport knows
	found     bool  // a fetch has found the partition
	timeout   time.Duration
	buffer    []byte // of the last fetch, unless records share it
	log       *slog.Logger
	hand      func(pipeline.Batch) error
}

func newFetcher(conn *Connection, name string, topic pipeline.Topic, partition int, next int64, log *slog.Logger, hand func(pipeline.Batch) error) *fetcher {
	return &fetcher{conn: conn, name: name, topic: topic, partition: partition, next: next, bytes: fetchBytes, leader: -1, timeout: requestTimeout, log: log, hand: hand}
}

// run fetches until the context ends (nil), or until an error that another try cannot fix.
func (f *fetcher) run(ctx context.Context) error {
	const shortest, longest = 100 * time.Millisecond, 5 * time.Second
	pause, corruptAt, tries := shortest, int64(-1), 0
	for {
		from := f.next
		err := f.once(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the fetch was broken off on purpose
		}
		if err == nil {
			pause = shortest
			if f.next > from && f.next >= f.end && !sleep(ctx, fetchPause) {
				return nil
			}
			continue
		}
		var out *outOfRange
		if errors.As(err, &out) {
			return err
		}
		if f.gone(err) {
			return fmt.Errorf("%w: the topic was deleted, or the brokers have not found it again yet; if it comes back it is looked at again before anything is read", err)
		}
		var corrupt *recordbatch.Error
		if errors.As(err, &corrupt) {
			if corruptAt != f.next {
				corruptAt, tries = f.next, 0
			}
			if tries++; tries == corruptTries {
				return &pipeline.FinalError{Err: f.corrupt(corrupt)}
			}
		}
		if f.next > from {
			pause = shortest
		}
		f.log.Warn("fetching went wrong and is tried again", "topic", f.name, "partition", f.partition, "offset", f.next, "in", pause, "err", err)
		if !sleep(ctx, pause) {
			return nil
		}
		pause = min(2*pause, longest)
	}
}

// gone reports whether the brokers no longer know the partition. It may come back with other records, so only a new
// start, which compares the log with the tables, can go on.
func (f *fetcher) gone(err error) bool {
	is := func(e error) bool { return errors.Is(err, e) }
	// The transport may not know a new topic yet.
	vanished := f.found && (is(protocol.ErrNoTopic) || is(protocol.ErrNoPartition))
	return vanished || is(kafka.UnknownTopicOrPartition) || is(kafka.UnknownTopicID) || is(kafka.InconsistentTopicID)
}

func (f *fetcher) corrupt(err *recordbatch.Error) error {
	return fmt.Errorf("%s, partition %d: the log cannot be read at offset %d, tried %d times: %w. Look at it with kafka-dump-log --deep-iteration; if another replica has it whole, make that one the leader. To go on without what stands there, remove the log up to offset %d (kafka-delete-records) and start once with run --accept-lost",
		f.name, f.partition, f.next, corruptTries, err, max(err.After, f.next+1))
}

// once makes one fetch and delivers its records.
func (f *fetcher) once(ctx context.Context) error {
	res, err := f.fetch(ctx)
	if err != nil {
		return fmt.Errorf("fetching %s, partition %d, at offset %d: %w", f.name, f.partition, f.next, err)
	}
	f.end = res.stable
	r := recordbatch.NewReader(recordbatch.Fetched{Topic: f.topic, Offset: f.next, High: res.high, Aborted: res.aborted, Bytes: res.recordSets, Size: res.size})
	for {
		records, err := r.Read(handBytes)
		if r.Next() > f.next {
			f.next = r.Next()
			if err := f.hand(pipeline.Batch{Topic: f.topic, Records: records, Next: f.next, High: res.stable}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s, partition %d: %w", f.name, f.partition, err)
		}
	}
	if !r.Shared() && cap(res.buffer) <= 2*fetchBytes {
		f.buffer = res.buffer
	}
	return f.resize(r.Missing())
}

// resize makes the next fetch large enough for a whole batch. Brokers since Kafka 0.10.1 send the first batch whole
// at any size; older ones cut it.
func (f *fetcher) resize(missing int) error {
	switch {
	case missing == 0:
		f.bytes = fetchBytes
	case f.bytes >= recordbatch.MaxBytes:
		return fmt.Errorf("reading %s, partition %d: %w", f.name, f.partition,
			&recordbatch.Error{Offset: f.next, After: f.next + 1, Err: fmt.Errorf("the broker cuts it short though %d bytes were asked for", f.bytes)})
	default:
		f.bytes = min(max(missing, 2*f.bytes), recordbatch.MaxBytes)
	}
	return nil
}

// fetch asks the leader. After an error the next fetch asks the leader at that time.
func (f *fetcher) fetch(ctx context.Context) (*fetchResponse, error) {
	buffer := f.buffer
	f.buffer = nil // the request may outlive the context
	m, err := f.conn.Transport.RoundTrip(ctx, f.conn.Client.Addr, &fetchRequest{topic: f.name, partition: f.partition, offset: f.next, bytes: f.bytes, leader: f.leader, timeout: f.timeout, buffer: buffer})
	if err == nil {
		res := m.(*fetchResponse)
		switch code := kafka.Error(res.code); code {
		case 0:
			f.found = true
			return res, nil
		case kafka.OffsetOutOfRange:
			return nil, f.outOfRange(ctx)
		default:
			err = code
		}
	}
	if ctx.Err() != nil {
		return nil, err
	}
	asked, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var unknown error
	if f.leader, unknown = f.conn.leader(asked, f.name, f.partition); unknown != nil {
		return nil, fmt.Errorf("%w (%w)", err, unknown)
	}
	return nil, err
}

// outOfRange: the log lost offsets before they were read. It was truncated, or recreated.
type outOfRange struct {
	topic     string
	partition int
	offset    int64
	why       string
}

func (e *outOfRange) Error() string {
	return fmt.Sprintf("%s, partition %d: offset %d is not in the log: %s", e.topic, e.partition, e.offset, e.why)
}

// outOfRange asks for the log's bounds, to explain what happened to the offset.
func (f *fetcher) outOfRange(ctx context.Context) error {
	e := &outOfRange{f.name, f.partition, f.next, "its retention has removed it unread, or the topic was made anew"}
	b, err := f.conn.bounds(ctx, f.name, []int{f.partition})
	switch {
	case err != nil: // the first explanation holds
	case f.next < b[0].First:
		e.why = fmt.Sprintf("it begins at %d, so that %d events were removed unread. Check the topic's retention", b[0].First, b[0].First-f.next)
	case f.next > b[0].End:
		e.why = fmt.Sprintf("it ends at %d: the topic was made anew, or cut", b[0].End)
	}
	return e
}
