package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"

	"csatflow/pipeline/kafka/recordbatch"
)

const (
	clientID = "csatflow"
	// The oldest version of Fetch with record batches and transactions: Kafka 0.11.
	oldestFetch = 4
	// A response has one batch of the largest size, and little else.
	maxResponse = recordbatch.MaxBytes + 1<<20
	lookBytes   = 64 << 10 // read of a larger response
)

// fetchRequest fetches from one partition over kafka-go's [kafka.Transport], which connects, authenticates and finds the
// leader. kafka-go writes the request. This package reads the response itself, since kafka-go copies each record and
// ignores transactions.
//
// Each request has a connection of the transport to itself, so that a waiting one holds up no other.
type fetchRequest struct {
	topic     string
	partition int
	offset    int64
	bytes     int
	leader    int32 // broker to ask, -1 for the leader that the transport knows
	timeout   time.Duration
	buffer    []byte // to read into if large enough; its owner must not use it any more
	version   int16
}

// fetchResponse is the broker's answer for the partition.
type fetchResponse struct {
	code       int16
	throttled  bool
	high       int64 // high watermark
	stable     int64 // last stable offset, where reading ends
	first      int64 // first offset of the log
	aborted    []recordbatch.Aborted
	recordSets []byte // in buffer
	size       int    // bytes of record sets that the broker sent
	buffer     []byte
}

var (
	_ protocol.BrokerMessage   = (*fetchRequest)(nil)
	_ protocol.PreparedMessage = (*fetchRequest)(nil)
	_ protocol.RawExchanger    = (*fetchRequest)(nil)
)

func (*fetchRequest) ApiKey() protocol.ApiKey  { return protocol.Fetch }
func (*fetchResponse) ApiKey() protocol.ApiKey { return protocol.Fetch }

// Prepare receives the version that kafka-go and the broker agree on.
func (r *fetchRequest) Prepare(version int16) { r.version = version }

// Required makes the transport call RawExchange.
func (*fetchRequest) Required(map[protocol.ApiKey]int16) bool { return true }

// Broker returns the partition's leader.
func (r *fetchRequest) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	if b, ok := cluster.Brokers[r.leader]; ok {
		return b, nil
	}
	none := protocol.Broker{ID: -1}
	topic, ok := cluster.Topics[r.topic]
	if !ok {
		return none, protocol.NewErrNoTopic(r.topic)
	}
	partition, ok := topic.Partitions[int32(r.partition)]
	if !ok {
		return none, protocol.NewErrNoPartition(r.topic, int32(r.partition))
	}
	leader, ok := cluster.Brokers[partition.Leader]
	if !ok {
		return none, protocol.NewErrNoLeader(r.topic, int32(r.partition))
	}
	return leader, nil
}

// RawExchange sends the request and reads the response. The connection serves no other request meanwhile; an error closes it.
func (r *fetchRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if r.version < oldestFetch {
		return nil, fmt.Errorf("the broker is older than Kafka 0.11 (it knows Fetch up to version %d, and %d is needed)", r.version, oldestFetch)
	}
	// Deadlines are set here, not by a context, since they depend on the response's size.
	deadline := func(time.Time) error { return nil }
	if conn, ok := rw.(interface{ SetDeadline(time.Time) error }); ok {
		deadline = conn.SetDeadline
	}
	if err := deadline(time.Now().Add(fetchWait + r.timeout)); err != nil {
		return nil, err
	}
	const correlation = 1
	err := protocol.WriteRequest(rw, r.version, correlation, clientID, &fetch.Request{
		ReplicaID: -1, MaxWaitTime: int32(fetchWait.Milliseconds()), MinBytes: 1, MaxBytes: int32(r.bytes),
		IsolationLevel: int8(kafka.ReadCommitted), SessionEpoch: -1,
		Topics: []fetch.RequestTopic{{Topic: r.topic, Partitions: []fetch.RequestPartition{{
			Partition: int32(r.partition), CurrentLeaderEpoch: -1, FetchOffset: r.offset, LogStartOffset: -1, PartitionMaxBytes: int32(r.bytes),
		}}}},
	})
	if err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	size, id := int32(binary.BigEndian.Uint32(head[:])), binary.BigEndian.Uint32(head[4:])
	switch {
	case id != correlation:
		return nil, fmt.Errorf("a response to another request (correlation id %d, not %d)", id, correlation)
	case size < 4:
		return nil, r.unreadable("a response of %d bytes", size)
	}
	given := size - 4
	if size > maxResponse { // the batch is too large to read; its header is enough to report it
		given = lookBytes
	}
	if err := deadline(time.Now().Add(r.timeout * time.Duration(1+size/fetchBytes))); err != nil {
		return nil, err
	}
	body := r.buffer[:0]
	if cap(body) < int(given) {
		body = make([]byte, given)
	}
	body = body[:given]
	if _, err := io.ReadFull(rw, body); err != nil {
		return nil, fmt.Errorf("reading a response of %d bytes: %w", size, err)
	}
	if _, err := io.CopyN(io.Discard, rw, int64(size-4-given)); err != nil {
		return nil, fmt.Errorf("reading past a response of %d bytes: %w", size, err)
	}
	res, err := r.parse(body)
	if err != nil {
		return nil, r.unreadable("%w", err)
	}
	res.buffer = body
	return res, deadline(time.Time{})
}

func (r *fetchRequest) unreadable(format string, args ...any) error {
	return &recordbatch.Error{Offset: r.offset, After: r.offset + 1, Err: fmt.Errorf(format, args...)}
}

var errResponse = errors.New("the response is not of the form that Kafka's Fetch has")

// parse reads the response for one partition. https://kafka.apache.org/protocol.html#The_Messages_Fetch
func (r *fetchRequest) parse(b []byte) (*fetchResponse, error) {
	c := fields{b: b}
	res := &fetchResponse{first: -1, throttled: c.int32() > 0}
	if r.version >= 7 {
		if res.code = c.int16(); res.code != 0 {
			return res, nil
		}
		c.int32() // session
	}
	if c.int32() != 1 || string(c.take(int(c.int16()))) != r.topic || c.int32() != 1 || c.int32() != int32(r.partition) {
		return nil, errResponse
	}
	res.code, res.high, res.stable = c.int16(), c.int64(), c.int64()
	if r.version >= 5 {
		res.first = c.int64()
	}
	if n := int(c.int32()); n > 0 {
		if n > len(c.b)/16 {
			return nil, errResponse
		}
		res.aborted = make([]recordbatch.Aborted, n)
		for i := range res.aborted {
			res.aborted[i] = recordbatch.Aborted{ProducerID: c.int64(), FirstOffset: c.int64()}
		}
	}
	if r.version >= 11 {
		c.int32() // preferred replica: only for clients that name a rack
	}
	if n := int(c.int32()); n > 0 {
		res.recordSets = c.take(min(n, len(c.b)))
		res.size = n
	}
	if c.bad {
		return nil, errResponse
	}
	return res, nil
}

// fields reads the fields of a response in order. Once bytes are missing it is bad and returns zeros.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.b) {
		f.b, f.bad = nil, true
		return nil
	}
	v := f.b[:n:n]
	f.b = f.b[n:]
	return v
}

func (f *fields) int16() int16 {
	if v := f.take(2); v != nil {
		return int16(binary.BigEndian.Uint16(v))
	}
	return 0
}

func (f *fields) int32() int32 {
	if v := f.take(4); v != nil {
		return int32(binary.BigEndian.Uint32(v))
	}
	return 0
}

func (f *fields) int64() int64 {
	if v := f.take(8); v != nil {
		return int64(binary.BigEndian.Uint64(v))
	}
	return 0
}
