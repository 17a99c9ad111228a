package clickhouse

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

// filler fills columns of the driver. The driver's own Append takes arrays and dictionaries value by value through
// reflection, which takes 6 times as long for scope kinds and 16 times for counters (BenchmarkFill). So these columns are
// written in ClickHouse's native format, and the driver reads them as if a server had sent them.
type filler struct {
	bytes  []byte
	source bytes.Reader
	reader *proto.Reader
	codes  map[string]uint32
	keys   []uint32
}

var fillers = sync.Pool{New: func() any {
	f := &filler{codes: map[string]uint32{}}
	f.reader = proto.NewReader(bufio.NewReaderSize(&f.source, 1<<20))
	return f
}}

// fill sets the values of a column.
func (f *filler) fill(to column.Interface, values any) error {
	f.bytes = f.bytes[:0]
	rows, known := f.write(string(to.Type()), values)
	if !known {
		_, err := to.Append(values)
		return err
	}
	if rows == 0 {
		return nil
	}
	f.source.Reset(f.bytes)
	if err := to.Decode(f.reader, rows); err != nil {
		return fmt.Errorf("giving the driver %d values of type %s: %w", rows, to.Type(), err)
	}
	return nil
}

// write writes values of the types that it knows.
func (f *filler) write(columnType string, values any) (rows int, known bool) {
	switch v := values.(type) {
	case []string:
		if columnType == "LowCardinality(String)" {
			f.dictionary(len(v), func(add func(string)) {
				for _, s := range v {
					add(s)
				}
			})
			return len(v), true
		}
	case [][]string:
		if columnType == "Array(LowCardinality(String))" {
			n := writeOffsets(f, v)
			f.dictionary(n, func(add func(string)) {
				for _, list := range v {
					for _, s := range list {
						add(s)
					}
				}
			})
			return len(v), true
		}
	case [][]int64:
		if columnType == "Array(Int64)" {
			return writeArrays(f, v, func(b []byte, x int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(x)) }), true
		}
	case [][]int16:
		if columnType == "Array(Int16)" {
			return writeArrays(f, v, func(b []byte, x int16) []byte { return binary.LittleEndian.AppendUint16(b, uint16(x)) }), true
		}
	case [][]uint8:
		if columnType == "Array(UInt8)" {
			return writeArrays(f, v, func(b []byte, x uint8) []byte { return append(b, x) }), true
		}
	case [][]float64:
		if columnType == "Array(Float64)" {
			return writeArrays(f, v, func(b []byte, x float64) []byte { return binary.LittleEndian.AppendUint64(b, math.Float64bits(x)) }), true
		}
	case []time.Time:
		if columnType == "DateTime64(3, 'UTC')" {
			for _, t := range v {
				f.bytes = binary.LittleEndian.AppendUint64(f.bytes, uint64(t.UnixMilli()))
			}
			return len(v), true
		}
	}
	return 0, false
}

// writeOffsets writes where each array ends, and returns the number of elements of all.
func writeOffsets[T any](f *filler, arrays [][]T) (n int) {
	for _, a := range arrays {
		n += len(a)
		f.bytes = binary.LittleEndian.AppendUint64(f.bytes, uint64(n))
	}
	return n
}

func writeArrays[T any](f *filler, arrays [][]T, element func([]byte, T) []byte) (rows int) {
	writeOffsets(f, arrays)
	b := f.bytes
	for _, a := range arrays {
		for _, x := range a {
			b = element(b, x)
		}
	}
	f.bytes = b
	return len(arrays)
}

// dictionary writes n strings as a LowCardinality column: the distinct strings, the default first, then an index for each.
func (f *filler) dictionary(n int, each func(add func(string))) {
	if n == 0 {
		return
	}
	clear(f.codes)
	f.codes[""] = 0
	f.keys = f.keys[:0]
	names := []string{""}
	last, code := "", uint32(0)
	each(func(s string) {
		if s != last { // equal strings often follow each other
			var ok bool
			if code, ok = f.codes[s]; !ok {
				code = uint32(len(names))
				f.codes[s] = code
				names = append(names, s)
			}
			last = s
		}
		f.keys = append(f.keys, code)
	})
	const additionalKeys, updateDictionary = 1 << 9, 1 << 10
	width := uint64(2) // of the indices: 0 for one byte, 1 for two, 2 for four
	switch {
	case len(names) <= math.MaxUint8:
		width = 0
	case len(names) <= math.MaxUint16:
		width = 1
	}
	b := binary.LittleEndian.AppendUint64(f.bytes, additionalKeys|updateDictionary|width)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(names)))
	for _, s := range names {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(f.keys)))
	for _, k := range f.keys {
		switch width {
		case 0:
			b = append(b, byte(k))
		case 1:
			b = binary.LittleEndian.AppendUint16(b, uint16(k))
		default:
			b = binary.LittleEndian.AppendUint32(b, k)
		}
	}
	f.bytes = b
}
