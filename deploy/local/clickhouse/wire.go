package clickhouse

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	maxWord      = 1 << 16 // names, passwords, keys of settings
	maxStatement = 1 << 28 // an INSERT may carry its rows in its text
	maxSettings  = 1 << 12
)

// wire reads the packets of a client, except blocks. The first error sticks: later reads return zeros.
type wire struct {
	*bufio.Reader
	err error
}

func (w *wire) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *wire) byte() byte {
	if w.err != nil {
		return 0
	}
	b, err := w.ReadByte()
	if err != nil {
		w.fail(err)
	}
	return b
}

func (w *wire) uvarint() uint64 {
	if w.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(w.Reader)
	if err != nil {
		w.fail(err)
	}
	return n
}

func (w *wire) discard(n int) {
	if w.err != nil {
		return
	}
	if _, err := w.Discard(n); err != nil {
		w.fail(err)
	}
}

// text reads a string of at most limit bytes.
func (w *wire) text(what string, limit uint64) string {
	n := w.uvarint()
	if w.err == nil && n > limit {
		w.fail(fmt.Errorf("%w: %s of %d bytes", errMalformed, what, n))
	}
	if w.err != nil {
		return ""
	}
	var b []byte
	for have := 0; have < int(n); have = len(b) { // memory grows with what arrives, not with what is announced
		b = append(b, make([]byte, min(int(n)-have, readStep))...)
		if _, err := io.ReadFull(w.Reader, b[have:]); err != nil {
			w.fail(fmt.Errorf("reading %s: %w", what, err))
			return ""
		}
	}
	return string(b)
}
