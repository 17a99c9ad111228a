package recordbatch

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
)

// made is a batch for tests; seal returns its bytes.
type made struct {
	kmsg.RecordBatch
	codec   kgo.CompressionCodec
	packed  bool // Records are compressed already
	records []kmsg.Record
}

// batch returns a batch at an offset, with keys and values k0, v0 and so on.
func batch(base int64, n int) *made {
	m := &made{RecordBatch: kmsg.RecordBatch{FirstOffset: base, Magic: 2, FirstTimestamp: 1000, MaxTimestamp: 2000, LastOffsetDelta: int32(n - 1), ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(n)}, codec: kgo.NoCompression()}
	for i := range n {
		m.records = append(m.records, kmsg.Record{OffsetDelta: int32(i), TimestampDelta64: int64(i), Key: fmt.Appendf(nil, "k%d", i), Value: fmt.Appendf(nil, "v%d", i)})
	}
	return m
}

// transaction makes the batch part of a producer's transaction.
func (m *made) transaction(producer int64) *made {
	m.ProducerID, m.Attributes = producer, m.Attributes|transactionBit
	return m
}

// marker returns a control batch that ends a producer's transaction.
func marker(base, producer int64, commit byte) *made {
	m := batch(base, 1).transaction(producer)
	m.Attributes |= controlBit
	m.records[0].Key, m.records[0].Value = []byte{0, 0, 0, commit}, []byte{0, 0, 0, 0, 0, 0}
	return m
}

const abort, commit = 0, 1

func (m *made) seal() []byte {
	b := m.RecordBatch
	if !m.packed {
		b.Records = recordBytes(m.records)
		c, err := kgo.DefaultCompressor(m.codec)
		if err != nil {
			panic(err)
		}
		if c != nil {
			var buf bytes.Buffer
			packed, kind := c.Compress(&buf, b.Records)
			b.Records, b.Attributes = bytes.Clone(packed), b.Attributes|int16(kind)
		}
	}
	b.Length = int32(headerSize - lengthEnd + len(b.Records))
	out := b.AppendTo(nil)
	b.CRC = int32(crc32.Checksum(out[attributes:], castagnoli))
	return b.AppendTo(nil)
}

func recordBytes(list []kmsg.Record) (out []byte) {
	for _, r := range list {
		r.Length = 0
		r.Length = int32(len(r.AppendTo(nil)) - 1) // a length of 0 has one byte
		out = r.AppendTo(out)
	}
	return out
}

func sealed(batches ...*made) (out []byte) {
	for _, b := range batches {
		out = append(out, b.seal()...)
	}
	return out
}

// read reads a whole fetch.
func read(f Fetched) ([]pipeline.Record, *Reader, error) {
	r := NewReader(f)
	var all []pipeline.Record
	for {
		list, err := r.Read(1 << 20)
		all = append(all, list...)
		if errors.Is(err, io.EOF) {
			return all, r, nil
		}
		if err != nil {
			return all, r, err
		}
	}
}

func mustRead(t *testing.T, f Fetched) ([]pipeline.Record, *Reader) {
	t.Helper()
	list, r, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	return list, r
}

// offsets returns the records' offsets.
func offsets(list []pipeline.Record) string {
	var all []int64
	for _, r := range list {
		all = append(all, r.Offset)
	}
	return fmt.Sprint(all)
}
