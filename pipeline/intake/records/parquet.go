package records

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"csatflow/pipeline/intake"
)

// parquet reads rows. A payload is a map from the columns' names: groups are maps, repeated columns lists, null is nil, timestamps and
// dates are times, decimals float64.
func (r *Reader) parquet(f *os.File) (err error) {
	file, err := parquet.OpenFile(f, r.Size)
	if err != nil {
		return err
	}
	rows := parquet.NewReader(file)
	schema := file.Schema()
	var leaves []parquet.LeafColumn
	for _, path := range schema.Columns() {
		leaf, _ := schema.Lookup(path...)
		leaves = append(leaves, leaf)
	}
	buffer := make([]parquet.Row, 64)
	var have []parquet.Row
	total := max(file.NumRows(), 1)
	r.next = func() (p *intake.Payload, err error) {
		defer func() {
			if broken := recover(); broken != nil { // the library panics on some broken files
				p, err = nil, fmt.Errorf("%s: row %d: broken Parquet: %v", r.Name, r.At+1, broken)
			}
		}()
		if len(have) == 0 {
			n, err := rows.ReadRows(buffer)
			if n == 0 {
				if err == nil || errors.Is(err, io.EOF) {
					return nil, io.EOF
				}
				return nil, fmt.Errorf("%s: row %d: %w", r.Name, r.At+1, err)
			}
			have = buffer[:n]
		}
		row := have[0]
		have = have[1:]
		r.At++
		r.Read = int64(float64(r.Size) * float64(r.At) / float64(total))
		m := map[string]any{}
		for _, v := range row {
			put(m, &leaves[v.Column()], v)
		}
		return &intake.Payload{Message: m}, nil
	}
	return nil
}

// put puts a value at its path.
func put(m map[string]any, leaf *parquet.LeafColumn, v parquet.Value) {
	path := leaf.Path
	for _, name := range path[:len(path)-1] {
		inner, is := m[name].(map[string]any)
		if !is {
			inner = map[string]any{}
			m[name] = inner
		}
		m = inner
	}
	name := path[len(path)-1]
	if leaf.MaxRepetitionLevel == 0 {
		m[name] = valueOf(leaf, v)
		return
	}
	list, is := m[name].([]any)
	if !is {
		list = []any{}
	}
	if !v.IsNull() {
		list = append(list, valueOf(leaf, v))
	}
	m[name] = list
}

func valueOf(leaf *parquet.LeafColumn, v parquet.Value) any {
	if v.IsNull() {
		return nil
	}
	if t := leaf.Node.Type().LogicalType(); t != nil {
		switch t := t.Value.(type) {
		case *format.TimestampType:
			return instant(v.Int64(), t.Unit.Value.Duration())
		case *format.DateType:
			return time.Unix(int64(v.Int32())*86400, 0).UTC()
		case *format.DecimalType:
			return decimal(v, int(t.Scale))
		}
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Int32:
		return int64(v.Int32())
	case parquet.Int64:
		return v.Int64()
	case parquet.Int96:
		return int96(v)
	case parquet.Float:
		return float64(v.Float())
	case parquet.Double:
		return v.Double()
	}
	b := v.ByteArray()
	if utf8.Valid(b) {
		return string(b)
	}
	return append([]byte(nil), b...)
}

func instant(n int64, unit time.Duration) time.Time {
	per := int64(time.Second / unit)
	return time.Unix(n/per, n%per*int64(unit)).UTC()
}

// int96 is a time as older writers store it: nanoseconds of a Julian day.
func int96(v parquet.Value) time.Time {
	const epoch = 2_440_588 // Julian day of 1970-01-01
	i := v.Int96()
	return time.Unix((int64(i[2])-epoch)*86400, int64(uint64(i[1])<<32|uint64(i[0]))).UTC()
}

func decimal(v parquet.Value, scale int) float64 {
	n := new(big.Float)
	switch v.Kind() {
	case parquet.Int32:
		n.SetInt64(int64(v.Int32()))
	case parquet.Int64:
		n.SetInt64(v.Int64())
	default: // big-endian two's complement
		b := v.ByteArray()
		i := new(big.Int).SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		n.SetInt(i)
	}
	f, _ := n.Quo(n, new(big.Float).SetFloat64(math.Pow10(scale))).Float64()
	return f
}
