package clickhouse

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
)

// sample is a block of several types from a client of a revision.
func sample(t testing.TB, rev int) []byte {
	t.Helper()
	var (
		id     proto.ColUInt64
		text   proto.ColStr
		low    = proto.NewLowCardinality[string](new(proto.ColStr))
		opt    = proto.NewColNullable[string](new(proto.ColStr))
		nums   = proto.NewArray[int64](new(proto.ColInt64))
		counts = proto.NewMap[string, uint8](new(proto.ColStr), new(proto.ColUInt8))
	)
	for i := range 3 {
		id.Append(uint64(i))
		text.Append(string(bytes.Repeat([]byte{'x'}, 100*i)))
		low.Append([]string{"a", "b"}[i%2])
		opt.Append(proto.Nullable[string]{Set: i != 1, Value: "value"})
		nums.Append(make([]int64, i))
		counts.Append(map[string]uint8{"k": uint8(i)})
	}
	input := proto.Input{{Name: "id", Data: &id}, {Name: "text", Data: &text}, {Name: "low", Data: low}, {Name: "opt", Data: opt}, {Name: "nums", Data: nums}, {Name: "counts", Data: counts}}
	var b proto.Buffer
	if hasBlockInfo(rev) {
		b.Buf = append(b.Buf, blockInfo...)
	}
	if err := (proto.Block{Rows: 3, Columns: len(input)}).EncodeRawBlock(&b, rev, input); err != nil {
		t.Fatal(err)
	}
	return b.Buf
}

func TestBlocksOfClientsBecomeBlocksOfTheEngineAndBack(t *testing.T) {
	for _, rev := range []int{revision, proto.FeatureCustomSerialization.Version() - 1} {
		sent := sample(t, rev)
		source := bufio.NewReader(bytes.NewReader(append(slices.Clone(sent), "rest"...)))
		block, columns, rows, err := readBlock(source, rev, nil)
		if err != nil || columns != 6 || rows != 3 {
			t.Fatalf("%d columns, %d rows: %v", columns, rows, err)
		}
		if rest, _ := source.Peek(4); string(rest) != "rest" {
			t.Error("reads beyond the block")
		}
		if want := sample(t, 0); !bytes.Equal(block, want) {
			t.Errorf("revision %d: the engine gets\n%q, want\n%q", rev, block, want)
		}
		blocks := 0
		if _, err := toClient(append(slices.Clone(block), block...), rev, nil, func(b []byte) error {
			blocks++
			if !bytes.Equal(b, sent) {
				t.Errorf("revision %d: back to the client\n%q, want\n%q", rev, b, sent)
			}
			return nil
		}); err != nil || blocks != 2 {
			t.Errorf("%d blocks back: %v", blocks, err)
		}
	}
}

func TestABlockCutAnywhereIsAnError(t *testing.T) {
	sent := sample(t, revision)
	for n := range sent {
		if _, _, _, err := readBlock(bufio.NewReader(bytes.NewReader(sent[:n])), revision, nil); err == nil {
			t.Errorf("cut at %d of %d bytes: no error", n, len(sent))
		}
	}
}

func TestBadBlocksAreRefused(t *testing.T) {
	u64 := func(values ...uint64) []byte {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
		return b
	}
	for _, x := range []struct {
		name, typeName string
		rows           uint64
		data           []byte
	}{
		{"array that runs back", "Array(UInt8)", 2, u64(9, 1)},
		{"array of more than there can be", "Array(UInt8)", 1, u64(1 << 62)},
		{"index beyond the dictionary", "LowCardinality(String)", 1, append(u64(1, lowCardinalityOwnKeys, 1), append([]byte{1, 'a'}, append(u64(1), 7)...)...)},
		{"dictionary of elsewhere", "LowCardinality(String)", 1, u64(1, lowCardinalityGlobalKeys, 1)},
		{"more indices than rows", "LowCardinality(String)", 1, append(u64(1, lowCardinalityOwnKeys, 1), append([]byte{1, 'a'}, append(u64(2), 0, 0)...)...)},
		{"string beyond a block", "String", 1, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
		{"number of too many bits", "String", 1, bytes.Repeat([]byte{0xff}, 20)},
		{"too many rows", "UInt8", 1 << 40, nil},
		{"fixed string without end", "FixedString(99999999999)", 1, nil},
		{"negative fixed string", "FixedString(-1)", 1, nil},
		{"decimal without precision", "Decimal()", 1, nil},
		{"unknown type", "AggregateFunction(sum, UInt64)", 1, nil},
		{"types without end", string(bytes.Repeat([]byte("Array("), 5000)) + "UInt8" + string(bytes.Repeat([]byte(")"), 5000)), 1, nil},
		{"empty function", "SimpleAggregateFunction()", 1, nil},
	} {
		var b proto.Buffer
		b.PutUVarInt(1)
		b.PutUVarInt(x.rows)
		b.PutString("c")
		b.PutString(x.typeName)
		block := append(b.Buf, x.data...)
		if _, _, _, err := readBlock(bufio.NewReader(bytes.NewReader(append(block, make([]byte, 64)...))), 0, nil); err == nil {
			t.Errorf("%s: no error", x.name)
		}
	}
	if _, _, _, err := readBlock(bufio.NewReader(bytes.NewReader([]byte{0, 5})), 0, nil); !errors.Is(err, errMalformed) {
		t.Errorf("rows of no columns: %v", err)
	}
}

func TestTypesHaveTheirLayout(t *testing.T) {
	for name, want := range map[string]columnType{
		"DateTime('UTC')":                       {layout: fixedLayout, size: 4},
		"DateTime64(3, 'UTC')":                  {layout: fixedLayout, size: 8},
		"Enum8('a,(' = 1, 'b' = 2)":             {layout: fixedLayout, size: 1},
		"Decimal(18, 4)":                        {layout: fixedLayout, size: 8},
		"Decimal(76, 4)":                        {layout: fixedLayout, size: 32},
		"FixedString(7)":                        {layout: fixedLayout, size: 7},
		"IntervalDay":                           {layout: fixedLayout, size: 8},
		"SimpleAggregateFunction(sum, Float64)": {layout: fixedLayout, size: 8},
	} {
		if got, err := parseType(name); err != nil || got.layout != want.layout || got.size != want.size {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := parseType("Array(Tuple(a UInt8, `b c` Nullable(String), m Map(String, LowCardinality(Nullable(String)))))")
	if err != nil {
		t.Fatal(err)
	}
	inside := got.sub[0].sub
	if len(inside) != 3 || inside[1].layout != nullableLayout || inside[2].sub[0].sub[1].sub[0].layout != stringLayout {
		t.Errorf("nested: %+v", got)
	}
}

// FuzzReadBlock: no bytes cause a panic, or a block that does not return to the client unchanged.
func FuzzReadBlock(f *testing.F) {
	f.Add(sample(f, revision))
	f.Add(headerBlock([]column{{"a", "Array(UInt8)"}}, revision))
	f.Add(append(slices.Clone(blockInfo), 1, 2, 1, 'a', 5, 'U', 'I', 'n', 't', '8', 0, 1, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		block, columns, rows, err := readBlock(bufio.NewReader(bytes.NewReader(data)), revision, nil)
		if err != nil || columns == 0 {
			return
		}
		n := 0
		if _, err := toClient(block, revision, nil, func(b []byte) error {
			n++
			again, c, r, err := readBlock(bufio.NewReader(bytes.NewReader(b)), revision, nil)
			if err != nil || c != columns || r != rows || !bytes.Equal(again, block) {
				t.Errorf("%d columns and %d rows of %d and %d: %v", c, r, columns, rows, err)
			}
			return nil
		}); err != nil || n != 1 {
			t.Errorf("%d blocks back: %v", n, err)
		}
	})
}

// FuzzPackets: no bytes make the parser of a greeting and a statement panic or run on.
func FuzzPackets(f *testing.F) {
	f.Add([]byte("\x01c\x01\x01\xbc\xa9\x03\x00\x00\x00\x00\x00\x00\x00\x02\x00\x08SELECT 1\x00"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		w := wire{Reader: bufio.NewReader(bytes.NewReader(data))}
		h := w.hello()
		w.statement(h.revision)
	})
}
