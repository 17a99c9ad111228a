package recordbatch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"csatflow/pipeline"
)

func TestRecordsComeWithAllThatTheyHave(t *testing.T) {
	m := batch(10, 4)
	m.records[1] = kmsg.Record{OffsetDelta: 1, TimestampDelta64: -900, Headers: []kmsg.Header{{Key: "a", Value: []byte("1")}, {Key: "", Value: nil}, {Key: "b", Value: []byte{}}}}
	m.records[2].Key, m.records[2].Value = []byte{}, []byte{}
	m.records[3].TimestampDelta64 = 1 << 40
	got, r := mustRead(t, Fetched{Topic: 1, Offset: 10, High: 14, Bytes: m.seal()})
	want := []pipeline.Record{
		{Topic: 1, Offset: 10, Time: time.UnixMilli(1000).UTC(), Key: []byte("k0"), Value: []byte("v0")},
		{Topic: 1, Offset: 11, Time: time.UnixMilli(100).UTC(), Headers: []pipeline.Header{{Key: "a", Value: []byte("1")}, {}, {Key: "b", Value: []byte{}}}},
		{Topic: 1, Offset: 12, Time: time.UnixMilli(1002).UTC(), Key: []byte{}, Value: []byte{}},
		{Topic: 1, Offset: 13, Time: time.UnixMilli(1000 + 1<<40).UTC(), Key: []byte("k3"), Value: []byte("v3")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r.Next() != 14 {
		t.Errorf("reading is at %d", r.Next())
	}
}

func TestTheTimeIsTheLogsWhereTheBatchSaysSoAndNoneWhereThereIsNone(t *testing.T) {
	appended, none := batch(0, 2), batch(2, 1)
	appended.Attributes |= appendTimeBit
	none.FirstTimestamp, none.MaxTimestamp = -1, -1
	got, _ := mustRead(t, Fetched{High: 3, Bytes: sealed(appended, none)})
	if got[0].Time.UnixMilli() != 2000 || got[1].Time.UnixMilli() != 2000 || !got[2].Time.IsZero() {
		t.Errorf("%v", got)
	}
}

func TestATimeBeyondWhatTablesKeepRowsByIsTheirLatest(t *testing.T) {
	for _, ms := range []int64{latestTime - 1, latestTime, 1 << 45, 253402300800000, 1<<63 - 1} {
		m := batch(0, 1)
		m.FirstTimestamp, m.records[0].TimestampDelta64 = ms, 0
		got, _ := mustRead(t, Fetched{High: 1, Bytes: m.seal()})
		if want := min(ms, latestTime); got[0].Time.UnixMilli() != want {
			t.Errorf("%d is read as %v", ms, got[0].Time)
		}
	}
}

func TestRecordsAreOfTheFetchsBytesAndDoNotReachIntoOneAnother(t *testing.T) {
	b := batch(0, 2).seal()
	got, r := mustRead(t, Fetched{High: 2, Bytes: b})
	if !r.Shared() {
		t.Error("the fetch's bytes are said to be free")
	}
	i := bytes.Index(b, []byte("v0"))
	b[i] = 'x'
	if string(got[0].Value) != "x0" {
		t.Error("the value was copied")
	}
	_ = append(got[0].Key, "overflow"...)
	if string(got[0].Value) != "x0" {
		t.Error("a key can grow into the value after it")
	}
}

func TestTheFetchsBytesAreFreeOnceCompressedBatchesAreRead(t *testing.T) {
	for name, codec := range codecs {
		if name == "none" {
			continue
		}
		m := batch(0, 2)
		m.codec = codec
		b := sealed(m, marker(2, 7, commit))
		got, r := mustRead(t, Fetched{High: 3, Bytes: b})
		clear(b)
		if r.Shared() || string(got[1].Value) != "v1" {
			t.Errorf("%s: records are of them", name)
		}
	}
}

func TestBatchesThatShowNothingAreReadPast(t *testing.T) {
	emptied := batch(14, 0)
	emptied.LastOffsetDelta = 5
	sparse := batch(20, 2) // compaction has left two of ten
	sparse.LastOffsetDelta, sparse.records[0].OffsetDelta, sparse.records[1].OffsetDelta = 9, 3, 7
	for name, c := range map[string]struct {
		from    int64
		aborted []Aborted
		batches []*made
		want    string
		next    int64
	}{
		"within a batch":         {12, nil, []*made{batch(10, 4)}, "[12 13]", 14},
		"emptied by compaction":  {14, nil, []*made{emptied}, "[]", 20},
		"thinned by compaction":  {14, nil, []*made{emptied, sparse}, "[23 27]", 30},
		"from a removed offset":  {25, nil, []*made{sparse}, "[27]", 30},
		"a hole":                 {5, nil, []*made{batch(10, 1), batch(20, 1)}, "[10 20]", 21},
		"a mark of a commit":     {0, nil, []*made{batch(0, 1).transaction(7), marker(1, 7, commit)}, "[0]", 2},
		"an aborted transaction": {0, []Aborted{{7, 0}}, []*made{batch(0, 2).transaction(7), batch(2, 1), marker(3, 7, abort), batch(4, 1).transaction(7), marker(5, 7, commit)}, "[2 4]", 6},
		"two producers":          {0, []Aborted{{8, 3}, {7, 0}}, []*made{batch(0, 1).transaction(7), batch(1, 1).transaction(8), marker(2, 8, commit), batch(3, 1).transaction(8), batch(4, 1).transaction(7), marker(5, 8, abort), batch(6, 1).transaction(7), marker(7, 7, abort), batch(8, 1).transaction(8)}, "[1 8]", 9},
		"aborted twice":          {0, []Aborted{{7, 0}, {7, 3}}, []*made{batch(0, 1).transaction(7), marker(1, 7, abort), batch(2, 1), batch(3, 1).transaction(7), marker(4, 7, abort), batch(5, 1).transaction(7)}, "[2 5]", 6},
		"begun before the fetch": {10, []Aborted{{7, 3}}, []*made{batch(10, 1).transaction(7), marker(11, 7, abort), batch(12, 1).transaction(7)}, "[12]", 13},
		"only its mark is left":  {10, []Aborted{{7, 8}}, []*made{marker(11, 7, abort), batch(12, 1).transaction(7)}, "[12]", 13},
		"without a transaction":  {0, []Aborted{{7, 0}}, []*made{func() *made { m := batch(0, 1); m.ProducerID = 7; return m }()}, "[0]", 1},
	} {
		got, r, err := read(Fetched{Offset: c.from, High: 100, Aborted: c.aborted, Bytes: sealed(c.batches...)})
		if offsets(got) != c.want || r.Next() != c.next || err != nil {
			t.Errorf("%s: %s up to %d (%v), want %s up to %d", name, offsets(got), r.Next(), err, c.want, c.next)
		}
	}
}

func TestABatchCutByTheFetchIsLeftForTheNext(t *testing.T) {
	first, second := batch(0, 3).seal(), batch(3, 3).seal()
	all := append(bytes.Clone(first), second...)
	for n := range all {
		got, r, err := read(Fetched{High: 6, Bytes: all[:n]})
		want, next := "[]", int64(0)
		if n >= len(first) {
			want, next = "[0 1 2]", 3
		}
		if offsets(got) != want || r.Next() != next || err != nil {
			t.Fatalf("cut at %d: %s up to %d, %v", n, offsets(got), r.Next(), err)
		}
		switch missing := r.Missing(); {
		case n == 0 || n >= len(first):
			if missing != 0 {
				t.Fatalf("cut at %d: %d bytes are asked for", n, missing)
			}
		case n < lengthEnd:
			if missing != 1 {
				t.Fatalf("cut at %d, where the length is not known: %d", n, missing)
			}
		case missing != len(first):
			t.Fatalf("cut at %d: the batch has %d bytes, not %d", n, len(first), missing)
		}
	}
}

// TestABitThatFlipsIsSeen flips every bit of the middle one of three batches. The CRC does not cover the base offset, the
// length, the leader's epoch (not used here) and the format.
func TestABitThatFlipsIsSeen(t *testing.T) {
	for name, codec := range codecs {
		one, two, three := batch(0, 3), batch(3, 5), batch(8, 3)
		two.codec = codec
		before, middle := one.seal(), two.seal()
		all := append(append(bytes.Clone(before), middle...), three.seal()...)
		whole, _ := mustRead(t, Fetched{High: 11, Bytes: all})
		for bit := range 8 * len(middle) {
			at := bit / 8
			b := bytes.Clone(all)
			b[len(before)+at] ^= 1 << (bit % 8)
			got, r, err := read(Fetched{High: 11, Bytes: b})
			switch {
			case at >= 12 && at < 16:
				if err != nil || !cmp.Equal(got, whole) {
					t.Errorf("%s: a flip in the epoch, byte %d: %v", name, at, err)
				}
			case at < 8:
				if err == nil {
					t.Errorf("%s: a flip in the base offset, byte %d: %s", name, at, offsets(got))
				}
			case at < 12 && err == nil: // longer than the bytes: as if incomplete
				if offsets(got) != "[0 1 2]" || r.Next() != 3 {
					t.Errorf("%s: a flip in the length, byte %d: %s", name, at, offsets(got))
				}
			default:
				var told *Error
				if !errors.As(err, &told) || told.Offset != 3 || r.Next() != 3 || offsets(got) != "[0 1 2]" {
					t.Errorf("%s: a flip in byte %d: %s up to %d, %v", name, at, offsets(got), r.Next(), err)
				}
			}
		}
	}
}

func TestBatchesAreHeldAgainstWhereTheyMayBe(t *testing.T) {
	negative, many, back, end := batch(5, 3), batch(5, 3), batch(5, 3), batch(5, 3)
	negative.LastOffsetDelta = -1
	many.LastOffsetDelta = 1
	back.records[2].OffsetDelta = 1
	end.records[2].OffsetDelta = 3
	tail := batch(5, 3)
	tail.records = append(tail.records, kmsg.Record{})
	mark := marker(5, 7, abort)
	mark.records[0].Key = nil
	for name, c := range map[string]struct {
		from    int64
		batches []*made
		words   string
	}{
		"beyond the end":               {5, []*made{batch(99, 2)}, "beyond the log's end, 100"},
		"goes back":                    {5, []*made{batch(5, 3), batch(6, 2)}, "begins at 6, which the batch before it has passed"},
		"only earlier ones":            {5, []*made{batch(0, 3)}, "ends before the offset asked for"},
		"an earlier one, then a later": {5, []*made{batch(0, 3), batch(8, 1)}, "ends before the offset asked for"},
		"negative offsets":             {5, []*made{negative}, "from 5 to 4"},
		"more records than offsets":    {5, []*made{many}, "3 records cannot have the offsets from 5 to 6"},
		"an offset twice":              {5, []*made{back}, "record 3 of 3: its offset delta is 1 after 1"},
		"an offset beyond":             {5, []*made{end}, "its offset delta is 3 after 1, in a batch with deltas up to 2"},
		"more bytes than records":      {5, []*made{tail}, "bytes are left after its 3 records"},
		"a mark without a type":        {5, []*made{mark}, "mark of a transaction's end has no type"},
	} {
		_, r, err := read(Fetched{Offset: c.from, High: 100, Bytes: sealed(c.batches...)})
		var told *Error
		if !errors.As(err, &told) || !strings.Contains(err.Error(), c.words) || told.After <= r.Next() {
			t.Errorf("%s: %v (reading at %d)", name, err, r.Next())
		}
	}
	// Some brokers begin early.
	got, _ := mustRead(t, Fetched{Offset: 5, High: 100, Bytes: sealed(batch(0, 3), batch(3, 2), batch(5, 2))})
	if offsets(got) != "[5 6]" {
		t.Errorf("after earlier ones: %s", offsets(got))
	}
}

func TestMessagesOfOldFormatsAreNamedWithTheRemedy(t *testing.T) {
	for magic, words := range map[int8]string{0: "format 0, which Kafka wrote before 0.11", 1: "copy the topic", 3: "format 3 is unknown"} {
		m := batch(5, 1)
		m.Magic = magic
		_, _, err := read(Fetched{Offset: 5, High: 100, Bytes: m.seal()})
		if err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "offset 5") {
			t.Errorf("%d: %v", magic, err)
		}
	}
}

// TestMalformedRecordsUnderARightCRCAreNoPanic changes every byte of the records, and their count.
func TestMalformedRecordsUnderARightCRCAreNoPanic(t *testing.T) {
	m := batch(0, 4)
	m.records[1].Headers = []kmsg.Header{{Key: "a", Value: []byte("1")}}
	raw := recordBytes(m.records)
	m.packed = true
	for at := range raw {
		for _, to := range []byte{0, 1, 2, 3, 0x7f, 0x80, 0xff} {
			m.Records = bytes.Clone(raw)
			m.Records[at] = to
			got, r, err := read(Fetched{High: 4, Bytes: m.seal()})
			if err != nil && (len(got) > 0 || r.Next() != 0) {
				t.Fatalf("byte %d = %#x: %d records of a batch that is malformed (%v)", at, to, len(got), err)
			}
		}
	}
	m.Records = raw
	for _, n := range []int32{0, 3, -1} {
		m.NumRecords = n
		if _, _, err := read(Fetched{High: 4, Bytes: m.seal()}); err == nil {
			t.Errorf("%d records of 4", n)
		}
	}
}

// TestReadingIsTheSameInPiecesOfAnySize compares pieces with a single read.
func TestReadingIsTheSameInPiecesOfAnySize(t *testing.T) {
	packed := batch(30, 20)
	packed.codec = kgo.Lz4Compression()
	b := sealed(batch(0, 20), batch(20, 1).transaction(7), batch(21, 5), marker(26, 7, abort), packed)
	f := func() Fetched { return Fetched{Offset: 3, High: 100, Aborted: []Aborted{{7, 20}}, Bytes: b} }
	want, _ := mustRead(t, f())
	for _, room := range []int{1, 100, 500, 1000, 10_000} {
		r := NewReader(f())
		var got []pipeline.Record
		for {
			list, err := r.Read(room)
			got = append(got, list...)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				t.Fatal("a piece of nothing")
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || r.Next() != 50 {
			t.Errorf("in pieces of %d, up to %d: %s", room, r.Next(), diff)
		}
	}
	if got := fmt.Sprint(len(want)); got != "42" {
		t.Errorf("%s records", got)
	}
}
