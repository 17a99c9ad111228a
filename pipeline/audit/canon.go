package audit

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
)

// encoder appends the canonical form of a column's value in row i: the same bytes whether the value was computed or read
// back, and other bytes for any other value.
type encoder func(b []byte, i int) []byte

// digits of floating-point numbers that must agree: processors differ in the last ones (fused multiply-add).
const digits = 9

func encoderOf(values any) (encoder, error) {
	switch v := values.(type) {
	case []bool:
		return func(b []byte, i int) []byte { return truth(b, v[i]) }, nil
	case []uint8:
		return numbers(v), nil
	case []uint32:
		return numbers(v), nil
	case []uint64:
		return numbers(v), nil
	case []int64:
		return numbers(v), nil
	case []*int8:
		return optional(v, number[int8]), nil
	case []*int64:
		return optional(v, number[int64]), nil
	case []*float64:
		return optional(v, float), nil
	case []*time.Time:
		return optional(v, instant), nil
	case []float64:
		return func(b []byte, i int) []byte { return float(b, v[i]) }, nil
	case []string:
		return func(b []byte, i int) []byte { return text(b, v[i]) }, nil
	case []time.Time:
		return func(b []byte, i int) []byte { return instant(b, v[i]) }, nil
	case [][]uint32:
		return lists(v, number[uint32]), nil
	case [][]uint64:
		return lists(v, number[uint64]), nil
	case [][]uint8:
		return lists(v, number[uint8]), nil
	case [][]int16:
		return lists(v, number[int16]), nil
	case [][]int64:
		return lists(v, number[int64]), nil
	case [][]float64:
		return lists(v, float), nil
	case [][]string:
		return lists(v, text), nil
	case [][]time.Time:
		return lists(v, instant), nil
	case []map[string]uint8:
		return func(b []byte, i int) []byte {
			return entries(b, v[i], func(k string, v uint8) uint64 { return xxhash.Sum64String(k) ^ uint64(v)<<56 })
		}, nil
	case []map[string]string:
		return func(b []byte, i int) []byte {
			return entries(b, v[i], func(k, v string) uint64 { return mix(xxhash.Sum64String(k)) ^ xxhash.Sum64String(v) })
		}, nil
	}
	return nil, fmt.Errorf("values of type %T cannot be compared", values)
}

type integer interface {
	uint8 | uint32 | uint64 | int8 | int16 | int64
}

func number[T integer](b []byte, v T) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(v))
}

func numbers[T integer](v []T) encoder {
	return func(b []byte, i int) []byte { return number(b, v[i]) }
}

func truth(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func text(b []byte, v string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// instant appends the milliseconds that the tables keep.
func instant(b []byte, v time.Time) []byte { return number(b, v.UnixMilli()) }

func float(b []byte, v float64) []byte {
	if v == 0 || math.IsNaN(v) { // +0 and -0 are one value, and so are all NaNs
		v = math.Abs(v)
	}
	return append(strconv.AppendFloat(b, v, 'e', digits-1, 64), 0)
}

func optional[T any](v []*T, one func([]byte, T) []byte) encoder {
	return func(b []byte, i int) []byte {
		if v[i] == nil {
			return append(b, 0)
		}
		return one(append(b, 1), *v[i])
	}
}

func lists[T any](v [][]T, one func([]byte, T) []byte) encoder {
	return func(b []byte, i int) []byte {
		b = binary.AppendUvarint(b, uint64(len(v[i])))
		for _, x := range v[i] {
			b = one(b, x)
		}
		return b
	}
}

// entries sums the hashes of a map's entries, since they come in any order.
func entries[V any](b []byte, m map[string]V, hash func(string, V) uint64) []byte {
	var sum uint64
	for k, v := range m {
		sum += mix(hash(k, v))
	}
	return binary.LittleEndian.AppendUint64(binary.AppendUvarint(b, uint64(len(m))), sum)
}

// mix spreads a number over 64 bits, one to one (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
