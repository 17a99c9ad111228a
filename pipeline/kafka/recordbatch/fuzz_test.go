package recordbatch

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
)

// FuzzParse reads arbitrary bytes; if mend is set their CRCs are right. Records are in order and within their limits, and
// franz-go reads the same.
func FuzzParse(f *testing.F) {
	for _, codec := range codecs {
		m := batch(3, 4)
		m.codec = codec
		m.records[1].Headers = []kmsg.Header{{Key: "a", Value: []byte("1")}}
		f.Add(sealed(batch(0, 3), m), int64(1), true)
		f.Add(sealed(m, marker(7, 7, abort), batch(8, 1)), int64(3), false)
	}
	emptied := batch(1, 0)
	emptied.LastOffsetDelta = 5
	f.Add(sealed(batch(0, 1).transaction(7), emptied, marker(7, 7, abort), batch(8, 2).transaction(7), marker(10, 7, commit)), int64(0), true)
	const high = 1 << 40
	f.Fuzz(func(t *testing.T, b []byte, from int64, mend bool) {
		if from < 0 {
			return
		}
		if mend {
			b = bytes.Clone(b)
			setCRCs(b)
		}
		list, r, err := read(Fetched{Offset: from, High: high, Aborted: []Aborted{{7, 0}}, Bytes: b})
		last := from - 1
		for i := range list {
			if list[i].Offset <= last || list[i].Offset >= high {
				t.Fatalf("offset %d after %d", list[i].Offset, last)
			}
			last = list[i].Offset
		}
		if r.Next() <= last || r.Missing() > MaxBytes {
			t.Fatalf("reading is at %d after offset %d, and misses %d bytes", r.Next(), last, r.Missing())
		}
		if err != nil || slices.ContainsFunc(list, func(r pipeline.Record) bool { return r.Unreadable != nil }) || hasLZ4(b) { // an LZ4 frame's checksums are not checked, since the CRC is
			return
		}
		theirs, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Offset: from, IsolationLevel: kgo.ReadCommitted()},
			&kmsg.FetchResponseTopicPartition{HighWatermark: high, RecordBatches: b, AbortedTransactions: []kmsg.FetchResponseTopicPartitionAbortedTransaction{{ProducerID: 7}}}, kgo.DefaultDecompressor(), nil)
		if len(theirs.Records) != len(list) {
			t.Fatalf("%d records, and franz-go reads %d (%v)", len(list), len(theirs.Records), theirs.Err)
		}
		for i, r := range theirs.Records {
			o := &list[i]
			if o.Offset != r.Offset || string(o.Key) != string(r.Key) || string(o.Value) != string(r.Value) || len(o.Headers) != len(r.Headers) {
				t.Fatalf("%v, and franz-go reads %v", o, r)
			}
		}
	})
}

func setCRCs(b []byte) {
	for len(b) >= headerSize {
		size := int(int32(binary.BigEndian.Uint32(b[8:]))) + lengthEnd
		if size < headerSize || size > len(b) {
			return
		}
		binary.BigEndian.PutUint32(b[crcAt:], crc32.Checksum(b[attributes:size], castagnoli))
		b = b[size:]
	}
}

func hasLZ4(b []byte) bool {
	for len(b) >= headerSize {
		h, size, err := parseHeader(b, 0)
		if err != nil || size > len(b) {
			return false
		}
		if h.attributes&codecBits == 3 {
			return true
		}
		b = b[size:]
	}
	return false
}
