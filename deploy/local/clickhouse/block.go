package clickhouse

import (
	"bufio"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"
)

// revision is the newest protocol revision that this package speaks.
const revision = 54460

// blockInfo is the head of a block since revision 51903: field 1 (is overflows) 0, field 2 (bucket) −1, end.
var blockInfo = []byte{1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0}

// column is a name and a type as ClickHouse writes it.
type column struct{ Name, Type string }

func hasBlockInfo(rev int) bool { return proto.FeatureBlockInfo.In(rev) }

// hasSerializationByte reports whether there is a byte for custom serialization between type and data.
func hasSerializationByte(rev int) bool { return proto.FeatureCustomSerialization.In(rev) }

// toClient converts a chunk of the engine, which holds whole blocks of revision 0, and hands each block to fn; the block is
// valid during the call. It builds them in scratch, which it returns and may grow.
func toClient(chunk []byte, rev int, scratch []byte, fn func(block []byte) error) ([]byte, error) {
	w := &walker{buf: chunk}
	for w.at < len(chunk) {
		start := w.at
		columns, err := w.count("number of columns", maxColumns)
		if err != nil {
			return scratch, err
		}
		rows, err := w.uvarint()
		if err != nil {
			return scratch, err
		}
		scratch = scratch[:0]
		if hasBlockInfo(rev) {
			scratch = append(scratch, blockInfo...)
		}
		scratch = append(scratch, chunk[start:w.at]...)
		for i := range columns {
			if scratch, err = columnToClient(w, rows, rev, i == columns-1, scratch); err != nil {
				return scratch, err
			}
		}
		if err := fn(scratch); err != nil {
			return scratch, err
		}
	}
	return scratch, nil
}

// columnsOf returns the columns of the first block of a chunk of the engine.
func columnsOf(chunk []byte) ([]column, error) {
	w := &walker{buf: chunk}
	if len(chunk) == 0 {
		return nil, nil
	}
	n, err := w.count("number of columns", maxColumns)
	if err != nil {
		return nil, err
	}
	rows, err := w.uvarint()
	if err != nil {
		return nil, err
	}
	columns := make([]column, n)
	for i := range columns {
		if columns[i].Name, err = textOf(w); err != nil {
			return nil, err
		}
		if columns[i].Type, err = textOf(w); err != nil {
			return nil, err
		}
		if rows == 0 || i == len(columns)-1 {
			continue
		}
		t, err := parseType(columns[i].Type)
		if err == nil {
			if err = t.prefix(w); err == nil {
				err = t.data(w, rows)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", columns[i].Name, err)
		}
	}
	return columns, nil
}

// textOf reads a string without its length.
func textOf(w *walker) (string, error) {
	n, err := w.uvarint()
	if err != nil {
		return "", err
	}
	if err := w.skip(n); err != nil {
		return "", err
	}
	return string(w.buf[w.at-int(n) : w.at]), nil
}

func columnToClient(w *walker, rows uint64, rev int, last bool, out []byte) ([]byte, error) {
	start := w.at
	name, err := w.string()
	if err != nil {
		return out, err
	}
	typeName, err := w.string()
	if err != nil {
		return out, err
	}
	out = append(out, w.buf[start:w.at]...)
	if hasSerializationByte(rev) {
		out = append(out, 0)
	}
	start = w.at
	if rows > 0 {
		t, err := parseType(typeName)
		switch {
		case err == nil:
			if err = t.prefix(w); err == nil {
				err = t.data(w, rows)
			}
		case last: // its layout is unknown, but it ends with the chunk
			w.at, err = len(w.buf), nil
		}
		if err != nil {
			return out, fmt.Errorf("column %q: %w", name, err)
		}
	}
	return append(out, w.buf[start:w.at]...), nil
}

// readBlock reads a block of a client and returns it in revision 0, built in scratch. An empty block (no columns and no rows)
// marks the end of the data.
func readBlock(source *bufio.Reader, rev int, scratch []byte) (block []byte, columns, rows uint64, err error) {
	w := &walker{buf: scratch[:0], source: source}
	if hasBlockInfo(rev) {
		if err = skipBlockInfo(w); err != nil {
			return w.buf, 0, 0, err
		}
		w.buf, w.at = w.buf[:0], 0
	}
	if columns, err = w.count("number of columns", maxColumns); err != nil {
		return w.buf, 0, 0, err
	}
	if rows, err = w.count("number of rows", maxBlockRows); err != nil {
		return w.buf, 0, 0, err
	}
	if columns == 0 && rows != 0 {
		return w.buf, 0, 0, fmt.Errorf("%w: %d rows without columns", errMalformed, rows)
	}
	for range columns {
		if err = readColumn(w, rows, rev); err != nil {
			return w.buf, 0, 0, err
		}
	}
	return w.buf, columns, rows, nil
}

func skipBlockInfo(w *walker) error {
	for {
		field, err := w.uvarint()
		if err != nil {
			return err
		}
		switch field {
		case 0:
			return nil
		case 1:
			err = w.skip(1)
		case 2:
			err = w.skip(4)
		default:
			err = fmt.Errorf("%w: field %d of the block info", errMalformed, field)
		}
		if err != nil {
			return err
		}
	}
}

func readColumn(w *walker, rows uint64, rev int) error {
	name, err := w.string()
	if err != nil {
		return err
	}
	typeName, err := w.string()
	if err != nil {
		return err
	}
	if hasSerializationByte(rev) {
		if err := w.skip(1); err != nil {
			return err
		}
		if w.buf[w.at-1] != 0 {
			return fmt.Errorf("column %q: custom serialization is not supported by the embedded server", name)
		}
		w.at-- // the engine's revision has no such byte
		w.buf = w.buf[:w.at]
	}
	if rows == 0 {
		return nil
	}
	t, err := parseType(typeName)
	if err != nil {
		return fmt.Errorf("column %q: %w", name, err)
	}
	if err := t.prefix(w); err != nil {
		return fmt.Errorf("column %q: %w", name, err)
	}
	if err := t.data(w, rows); err != nil {
		return fmt.Errorf("column %q: %w", name, err)
	}
	return nil
}

// headerBlock builds a block of columns without rows.
func headerBlock(columns []column, rev int) []byte {
	var b proto.Buffer
	if hasBlockInfo(rev) {
		b.Buf = append(b.Buf, blockInfo...)
	}
	b.PutUVarInt(uint64(len(columns)))
	b.PutUVarInt(0)
	for _, c := range columns {
		b.PutString(c.Name)
		b.PutString(c.Type)
		if hasSerializationByte(rev) {
			b.PutByte(0)
		}
	}
	return b.Buf
}
