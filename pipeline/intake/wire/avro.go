package wire

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/hamba/avro/v2"
)

const (
	mostDepth  = 100     // of values within values
	mostValues = 1 << 20 // of one message: an empty value needs no bytes
)

// compileAvro returns what reads values of an Avro schema: records and maps as maps, enumerations as texts, times and decimals as
// their logical types say; of a union the value alone.
func compileAvro(text string, parts []part) (reader, error) {
	cache := &avro.SchemaCache{}
	for _, p := range parts {
		if _, err := avro.ParseWithCache(p.text, "", cache); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	compiled, err := avro.ParseWithCache(text, "", cache)
	if err != nil {
		return nil, err
	}
	return func(data []byte, as *reading) (any, error) {
		a := avroReader{as: as, r: avro.NewReader(nil, 0).Reset(data)}
		v, err := a.value(compiled, 0)
		if err != nil {
			return nil, err
		}
		if a.r.Peek(); a.r.Error == nil {
			return nil, errors.New("bytes follow its end")
		}
		return v, nil
	}, nil
}

type avroReader struct {
	as     *reading
	r      *avro.Reader
	values int
}

// value reads a value. Names of the path to it are put before an error.
func (a *avroReader) value(s avro.Schema, depth int) (v any, err error) {
	if depth > mostDepth {
		return nil, fmt.Errorf("it is nested deeper than %d", mostDepth)
	}
	if a.values++; a.values > mostValues {
		return nil, fmt.Errorf("it has more than %d values", mostValues)
	}
	switch s := s.(type) {
	case *avro.RefSchema:
		return a.value(s.Schema(), depth)
	case *avro.RecordSchema:
		m := make(map[string]any, len(s.Fields()))
		for _, f := range s.Fields() {
			if m[f.Name()], err = a.value(f.Type(), depth+1); err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
		return m, nil
	case *avro.UnionSchema:
		n := a.r.ReadLong()
		if a.r.Error == nil && (n < 0 || n >= int64(len(s.Types()))) {
			return nil, fmt.Errorf("a union of %d types has no type %d", len(s.Types()), n)
		}
		if a.r.Error == nil {
			return a.value(s.Types()[n], depth+1)
		}
	case *avro.ArraySchema:
		list := []any{}
		err := a.blocks(func() error {
			v, err := a.value(s.Items(), depth+1)
			list = append(list, v)
			return err
		})
		return list, err
	case *avro.MapSchema:
		m := map[string]any{}
		err := a.blocks(func() error {
			k := a.r.ReadString()
			v, err := a.value(s.Values(), depth+1)
			m[k] = v
			return err
		})
		return m, err
	case *avro.EnumSchema:
		n := a.r.ReadInt()
		text, known := s.Symbol(int(n))
		if a.r.Error == nil && !known {
			return nil, fmt.Errorf("the enumeration %s has no symbol %d", s.FullName(), n)
		}
		v = a.as.symbol(s.Name(), text)
	case *avro.FixedSchema:
		b := make([]byte, s.Size())
		a.r.Read(b)
		v = logicalBytes(b, s.Logical())
	case *avro.PrimitiveSchema:
		v = a.primitive(s)
	case *avro.NullSchema:
	default:
		return nil, fmt.Errorf("type %s is not read", s.Type())
	}
	return v, a.failed()
}

// failed is the error that the reader has met.
func (a *avroReader) failed() error {
	if errors.Is(a.r.Error, io.EOF) {
		return errors.New("it ends too early")
	}
	return a.r.Error
}

// blocks reads the blocks of an array or map.
func (a *avroReader) blocks(one func() error) error {
	for {
		n, _ := a.r.ReadBlockHeader()
		if err := a.failed(); err != nil || n == 0 {
			return err
		}
		for range n {
			if err := one(); err != nil {
				return err
			}
		}
	}
}

func (a *avroReader) primitive(s *avro.PrimitiveSchema) any {
	switch s.Type() {
	case avro.Boolean:
		return a.r.ReadBool()
	case avro.Int:
		return logicalInteger(int64(a.r.ReadInt()), s.Logical())
	case avro.Long:
		return logicalInteger(a.r.ReadLong(), s.Logical())
	case avro.Float:
		return float64(a.r.ReadFloat())
	case avro.Double:
		return a.r.ReadDouble()
	case avro.String:
		return a.r.ReadString()
	case avro.Bytes:
		return logicalBytes(a.r.ReadBytes(), s.Logical())
	}
	return nil // null
}

// logicalInteger is a number as its logical type says: dates and times are times (local ones in UTC), times of a day durations.
func logicalInteger(n int64, l avro.LogicalSchema) any {
	if l == nil {
		return n
	}
	switch l.Type() {
	case avro.Date:
		return time.Unix(n*86400, 0).UTC()
	case avro.TimestampMillis, avro.LocalTimestampMillis:
		return time.UnixMilli(n).UTC()
	case avro.TimestampMicros, avro.LocalTimestampMicros:
		return time.UnixMicro(n).UTC()
	case avro.TimeMillis:
		return time.Duration(n) * time.Millisecond
	case avro.TimeMicros:
		return time.Duration(n) * time.Microsecond
	}
	return n
}

// logicalBytes is a decimal as a number; other bytes are bytes.
func logicalBytes(b []byte, l avro.LogicalSchema) any {
	d, is := l.(*avro.DecimalLogicalSchema)
	if !is {
		return b
	}
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 { // two's complement
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	x, _ := new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale())), nil)).Float64()
	return x
}
