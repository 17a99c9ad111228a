package records

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"csatflow/pipeline/intake"
)

// inOneValue reports whether a file is JSON other than one value a line: an array, or a value over several lines.
func inOneValue(b *bufio.Reader) bool {
	start, _ := b.Peek(64 << 10) // a short file is all of it
	rest := bytes.TrimLeft(start, " \t\r\n")
	if len(rest) == 0 || rest[0] == '[' {
		return len(rest) > 0
	}
	line, _, whole := bytes.Cut(rest, []byte("\n"))
	return whole && !json.Valid(line) && (bytes.TrimSpace(line)[len(bytes.TrimSpace(line))-1] == '{' || bytes.TrimSpace(line)[len(bytes.TrimSpace(line))-1] == ',')
}

// values reads an array, or values one after the other.
func (r *Reader) values(from *bufio.Reader, format string) error {
	d := json.NewDecoder(from)
	array := false
	for {
		c, err := from.Peek(1)
		if err != nil {
			break // the decoder tells
		}
		if bytes.IndexByte([]byte(" \t\r\n"), c[0]) < 0 {
			array = c[0] == '['
			break
		}
		_, _ = from.Discard(1) // it is there
	}
	if array {
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
	}
	r.next = func() (*intake.Payload, error) {
		if array && !d.More() {
			if _, err := d.Token(); err != nil {
				return nil, fmt.Errorf("%s: the array does not end: %w", r.Name, err)
			}
			array = false
			r.next = func() (*intake.Payload, error) { return nil, io.EOF }
			return nil, io.EOF
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); errors.Is(err, io.EOF) {
			return nil, io.EOF
		} else if err != nil {
			return nil, fmt.Errorf("%s: after value %d: not JSON: %w", r.Name, r.At, err)
		}
		r.At++
		return Payload(format, raw)
	}
	return nil
}
