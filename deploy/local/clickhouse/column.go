package clickhouse

import (
	"encoding/binary"
	"fmt"
)

const (
	lowCardinalityGlobalKeys = 1 << 8
	lowCardinalityOwnKeys    = 1 << 9
)

// prefix steps over the serialization state of a column, which stands before its data.
func (t *columnType) prefix(w *walker) error {
	if t.layout == lowCardinalityLayout {
		return w.skip(8)
	}
	for _, s := range t.sub {
		if err := s.prefix(w); err != nil {
			return err
		}
	}
	return nil
}

// data steps over the values of a column, and checks offsets and indices, which could lead the engine out of bounds.
func (t *columnType) data(w *walker, rows uint64) error {
	if rows == 0 {
		return nil
	}
	if rows > maxBlockBytes { // a row takes at least a byte, except an empty tuple
		return fmt.Errorf("%w: %d values", errMalformed, rows)
	}
	switch t.layout {
	case fixedLayout:
		return w.skip(rows * uint64(t.size))
	case stringLayout:
		return w.strings(rows)
	case nullableLayout:
		if err := w.skip(rows); err != nil {
			return err
		}
		return t.sub[0].data(w, rows)
	case tupleLayout:
		for _, s := range t.sub {
			if err := s.data(w, rows); err != nil {
				return err
			}
		}
		return nil
	case arrayLayout:
		return t.array(w, rows)
	case lowCardinalityLayout:
		return t.lowCardinality(w, rows)
	}
	return fmt.Errorf("%w: layout %d", errMalformed, t.layout)
}

func (t *columnType) array(w *walker, rows uint64) error {
	if err := w.skip(rows * 8); err != nil {
		return err
	}
	var end uint64
	for offsets := w.buf[w.at-int(rows)*8 : w.at]; len(offsets) > 0; offsets = offsets[8:] {
		next := binary.LittleEndian.Uint64(offsets)
		if next < end {
			return fmt.Errorf("%w: array ends at %d, before its start %d", errMalformed, next, end)
		}
		end = next
	}
	return t.sub[0].data(w, end)
}

func (t *columnType) lowCardinality(w *walker, rows uint64) error {
	flags, err := w.uint64()
	if err != nil {
		return err
	}
	if flags&lowCardinalityGlobalKeys != 0 || flags&lowCardinalityOwnKeys == 0 {
		return fmt.Errorf("%w: dictionary is not within the block", errMalformed)
	}
	keys, err := w.uint64()
	if err != nil {
		return err
	}
	if err := t.sub[0].data(w, keys); err != nil {
		return err
	}
	n, err := w.uint64()
	if err != nil {
		return err
	}
	width := flags & 0xff
	if n != rows || width > 3 {
		return fmt.Errorf("%w: %d indices of width code %d for %d rows", errMalformed, n, width, rows)
	}
	if err := w.skip(n << width); err != nil {
		return err
	}
	return checkIndices(w.buf[w.at-int(n<<width):w.at], 1<<width, keys)
}

// checkIndices checks that all indices, little-endian numbers of size bytes, are below limit.
func checkIndices(b []byte, size int, limit uint64) error {
	for ; len(b) > 0; b = b[size:] {
		var i uint64
		switch size {
		case 1:
			i = uint64(b[0])
		case 2:
			i = uint64(binary.LittleEndian.Uint16(b))
		case 4:
			i = uint64(binary.LittleEndian.Uint32(b))
		default:
			i = binary.LittleEndian.Uint64(b)
		}
		if i >= limit {
			return fmt.Errorf("%w: index %d in a dictionary of %d", errMalformed, i, limit)
		}
	}
	return nil
}
