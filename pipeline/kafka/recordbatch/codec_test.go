package recordbatch

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
	kafkasnappy "github.com/segmentio/kafka-go/compress/snappy"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

// long returns a batch of about a megabyte, half of it noise.
func long(base int64) *made {
	m := batch(base, 3000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.records {
		noise := make([]byte, random.IntN(300))
		for j := range noise {
			noise[j] = byte(random.Uint32())
		}
		m.records[i].Value = append(noise, bytes.Repeat([]byte("a"), random.IntN(300))...)
	}
	return m
}

func TestEveryCodecGivesBackWhatWasPacked(t *testing.T) {
	for name, codec := range codecs {
		t.Run(name, func(t *testing.T) {
			m := long(7)
			m.codec = codec
			checkLong(t, m)
		})
	}
}

func checkLong(t *testing.T, m *made) {
	t.Helper()
	list, r := mustRead(t, Fetched{Offset: 7, High: 5000, Bytes: m.seal()})
	if len(list) != 3000 || r.Next() != 3007 {
		t.Fatalf("%d records, up to %d", len(list), r.Next())
	}
	for i, rec := range list {
		if rec.Offset != int64(7+i) || !bytes.Equal(rec.Value, m.records[i].Value) {
			t.Fatalf("record %d differs", i)
		}
	}
}

// packed compresses the records in other ways than franz-go.
func packed(m *made, codec int16, b []byte) *made {
	m.packed, m.Records, m.Attributes = true, b, codec
	return m
}

func TestSnappyIsReadAsJavaFramesIt(t *testing.T) {
	m := long(7)
	var buf bytes.Buffer
	w := (&kafkasnappy.Codec{Framing: kafkasnappy.Framed}).NewWriter(&buf)
	if _, err := w.Write(recordBytes(m.records)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(buf.Bytes(), xerial) {
		t.Fatal("kafka-go does not frame it")
	}
	checkLong(t, packed(m, 2, buf.Bytes()))
}

func TestLZ4IsReadWithEverySizeOfBlocksAndWithSums(t *testing.T) {
	for _, size := range []lz4.BlockSize{lz4.Block64Kb, lz4.Block256Kb, lz4.Block1Mb, lz4.Block4Mb} {
		for _, sums := range []bool{false, true} {
			m := long(7)
			var buf bytes.Buffer
			w := lz4.NewWriter(&buf)
			raw := recordBytes(m.records)
			if err := w.Apply(lz4.BlockSizeOption(size), lz4.BlockChecksumOption(sums), lz4.ChecksumOption(sums), lz4.SizeOption(uint64(len(raw)))); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(raw); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			checkLong(t, packed(m, 3, buf.Bytes()))
		}
	}
}

// TestLZ4BlocksMayReferToTheOnesBefore: some producers link blocks; franz-go and kafka-go do not.
func TestLZ4BlocksMayReferToTheOnesBefore(t *testing.T) {
	frame := []byte{0x04, 0x22, 0x4d, 0x18, 1 << 6, 4 << 4, 0}
	frame = append(frame, 10, 0, 0, 0x80)
	frame = append(frame, "abcdefghij"...)
	frame = append(frame, 9, 0, 0, 0)
	frame = append(frame, 0x04, 10, 0, 0x50)
	frame = append(frame, "12345"...)
	frame = append(frame, 0, 0, 0, 0)
	if got, err := unLZ4(nil, frame); string(got) != "abcdefghijabcdefgh12345" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestABatchThatWouldFillTheMemoryIsOneUnreadableRecord: more zeros than a batch may have.
func TestABatchThatWouldFillTheMemoryIsOneUnreadableRecord(t *testing.T) {
	bomb := []kmsg.Record{{Value: make([]byte, MaxBytes)}}
	for name, codec := range codecs {
		if name == "none" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := batch(40, 1)
			m.records, m.codec = bomb, codec
			b := append(append(batch(39, 1).seal(), m.seal()...), batch(41, 1).seal()...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			list, _, err := read(Fetched{Offset: 39, High: 100, Bytes: b})
			runtime.ReadMemStats(&after)
			if err != nil || offsets(list) != "[39 40 41]" || list[0].Unreadable != nil || list[2].Unreadable != nil {
				t.Fatalf("offsets %s, %v", offsets(list), err)
			}
			for _, words := range []string{"the batch of offsets 40 to 40 (1 messages, ", " bytes as stored)", "exhaust the memory", "smaller batches"} {
				if bad := list[1].Unreadable; bad == nil || !strings.Contains(bad.Error(), words) {
					t.Errorf("%v lacks %q", bad, words)
				}
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 8*MaxBytes {
				t.Errorf("%d MiB were allocated for it", used>>20)
			}
		})
	}
}

// TestManySmallRecordsAreGivenInPieces: records of a few bytes take far more in memory.
func TestManySmallRecordsAreGivenInPieces(t *testing.T) {
	const n = 200_000
	m := batch(0, n)
	for i := range m.records {
		m.records[i].Key, m.records[i].Value = nil, nil
	}
	m.codec = kgo.ZstdCompression()
	r := NewReader(Fetched{High: n, Bytes: m.seal()})
	const room = 1 << 20
	next, pieces := int64(0), 0
	for {
		list, err := r.Read(room)
		if len(list) > room/recordWeight+1 || cap(list) > 2*room/recordWeight {
			t.Fatalf("a piece of %d records, with place for %d", len(list), cap(list))
		}
		for i := range list {
			if list[i].Offset != next {
				t.Fatalf("offset %d, want %d", list[i].Offset, next)
			}
			next++
		}
		if r.Next() != next {
			t.Fatalf("reading is at %d, the records end at %d", r.Next(), next)
		}
		pieces++
		if err != nil {
			break
		}
	}
	if next != n || pieces < n*recordWeight/room {
		t.Errorf("%d records in %d pieces", next, pieces)
	}
}

func TestABatchThatItsProducerBrokeIsOneUnreadableRecord(t *testing.T) {
	for name, codec := range codecs {
		if name == "none" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := batch(40, 30)
			m.codec = codec
			whole := m.seal()
			for what, bytes := range map[string][]byte{
				"cut":     whole[headerSize : len(whole)-9],
				"garbage": []byte("no such thing"),
			} {
				kind := int16(whole[attributes+1]) & codecBits
				b := packed(batch(40, 30), kind, bytes)
				last := b.FirstOffset + int64(b.LastOffsetDelta)
				for from := b.FirstOffset; from <= last; from++ { // from every offset
					list, r, err := read(Fetched{Offset: from, High: last + 1, Bytes: b.seal()})
					if err != nil || len(list) != 1 || list[0].Offset != last || list[0].Unreadable == nil || r.Next() != last+1 {
						t.Fatalf("%s, from %d: %v, up to %d, %v", what, from, list, r.Next(), err)
					}
				}
			}
		})
	}
}

// TestWhatJavaReadsAfterTheEndOfAGzipIsNoReasonToStop: brokers accept such a batch, since Java's reader stops at the end.
func TestWhatJavaReadsAfterTheEndOfAGzipIsNoReasonToStop(t *testing.T) {
	m := batch(5, 2)
	m.codec = kgo.GzipCompression()
	whole := m.seal()
	b := packed(batch(5, 2), 1, append(whole[headerSize:len(whole):len(whole)], "more"...))
	list, r, err := read(Fetched{Offset: 5, High: 7, Bytes: b.seal()})
	if err != nil || r.Next() != 7 || offsets(list) != "[6]" || list[0].Unreadable == nil {
		t.Errorf("%v up to %d, %v", list, r.Next(), err)
	}
}

func TestARecordWithCountlessHeadersIsUnreadableAndItsNeighboursAreNot(t *testing.T) {
	m := batch(0, 3)
	m.records[1].Headers = make([]kmsg.Header, maxHeaders+1)
	m.codec = kgo.ZstdCompression()
	list, _, err := read(Fetched{High: 3, Bytes: m.seal()})
	if err != nil || offsets(list) != "[0 1 2]" {
		t.Fatalf("offsets %s, %v", offsets(list), err)
	}
	if bad := list[1]; bad.Unreadable == nil || !strings.Contains(bad.Unreadable.Error(), "headers, more than") || string(bad.Value) != "v1" || len(bad.Headers) > 0 {
		t.Errorf("%+v", bad)
	}
	if list[0].Unreadable != nil || list[2].Unreadable != nil {
		t.Error("its neighbours are unreadable too")
	}
}

func TestCodecsOfTheFutureAreNamed(t *testing.T) {
	m := packed(batch(3, 1), 6, []byte("?"))
	if _, _, err := read(Fetched{High: 4, Bytes: m.seal()}); err == nil || !strings.Contains(err.Error(), "offset 3: compression 6 is unknown") {
		t.Errorf("got %v", err)
	}
}
