package clickhouse

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	maxBlockBytes = 1 << 30
	maxBlockRows  = 1 << 28
	maxColumns    = 1 << 14
	readStep      = 1 << 20 // grow with what has arrived, not with what a length claims
)

var errMalformed = errors.New("malformed data")

// walker steps over the bytes of a block. Without a source all bytes are in buf; with one they are read as needed, and
// buf keeps them.
type walker struct {
	buf    []byte
	at     int
	source *bufio.Reader
}

// need makes n bytes after at available.
func (w *walker) need(n int) error {
	missing := w.at + n - len(w.buf)
	if missing <= 0 {
		return nil
	}
	if w.source == nil {
		return io.ErrUnexpectedEOF
	}
	if len(w.buf)+missing > maxBlockBytes {
		return fmt.Errorf("%w: block is larger than %d bytes", errMalformed, maxBlockBytes)
	}
	for missing > 0 {
		step, have := min(missing, readStep), len(w.buf)
		if cap(w.buf)-have < step {
			w.buf = append(make([]byte, 0, 2*(have+step)), w.buf...)
		}
		w.buf = w.buf[:have+step]
		if n, err := io.ReadFull(w.source, w.buf[have:]); err != nil {
			w.buf = w.buf[:have+n]
			return err
		}
		missing -= step
	}
	return nil
}

// skip steps over n bytes.
func (w *walker) skip(n uint64) error {
	if n > maxBlockBytes {
		return fmt.Errorf("%w: length %d", errMalformed, n)
	}
	if err := w.need(int(n)); err != nil {
		return err
	}
	w.at += int(n)
	return nil
}

func (w *walker) uint64() (uint64, error) {
	if err := w.skip(8); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(w.buf[w.at-8:]), nil
}

func (w *walker) uvarint() (uint64, error) {
	var v uint64
	for shift := uint(0); shift < 64; shift += 7 {
		if err := w.skip(1); err != nil {
			return 0, err
		}
		b := w.buf[w.at-1]
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, fmt.Errorf("%w: number of more than 64 bits", errMalformed)
}

// count reads a number that may not exceed limit.
func (w *walker) count(what string, limit uint64) (uint64, error) {
	n, err := w.uvarint()
	if err == nil && n > limit {
		err = fmt.Errorf("%w: %s %d is above %d", errMalformed, what, n, limit)
	}
	return n, err
}

func (w *walker) string() (string, error) {
	n, err := w.count("length", maxTypeLength)
	if err != nil {
		return "", err
	}
	if err := w.skip(n); err != nil {
		return "", err
	}
	return string(w.buf[w.at-int(n) : w.at]), nil
}

// strings steps over the values of a String column.
func (w *walker) strings(rows uint64) error {
	for rows > 0 {
		rows -= w.shortStrings(rows)
		if rows == 0 {
			return nil
		}
		n, err := w.uvarint()
		if err != nil {
			return err
		}
		if err := w.skip(n); err != nil {
			return err
		}
		rows--
	}
	return nil
}

// shortStrings steps over strings under 128 bytes that are already in memory, and returns their number.
func (w *walker) shortStrings(rows uint64) uint64 {
	ahead, held := w.buf[w.at:], true
	if len(ahead) == 0 && w.source != nil {
		ahead, _ = w.source.Peek(w.source.Buffered())
		held = false
	}
	if !held && len(w.buf)+len(ahead) > maxBlockBytes {
		return 0
	}
	var done uint64
	at := 0
	for done < rows && at < len(ahead) && ahead[at] < 0x80 && at+1+int(ahead[at]) <= len(ahead) {
		at += 1 + int(ahead[at])
		done++
	}
	if !held && at > 0 {
		w.buf = append(w.buf, ahead[:at]...)
		_, _ = w.source.Discard(at) // buffered: cannot fail
	}
	w.at += at
	return done
}
