// Package records reads exports and recordings as payloads of the intake: CSV, JSON, Parquet, forms. Start at [Open].
package records

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"csatflow/pipeline/intake"
)

// Formats of files.
const (
	Auto    = "auto" // by the name
	JSON    = "json" // an object, an array, or one object a line
	CSV     = "csv"  // with a header; separated by comma, semicolon or tab
	Parquet = "parquet"
	Form    = "form"        // a form a line, as browsers send it
	Cloud   = "cloudevents" // JSON, each a CloudEvent
)

// Reader reads the payloads of a file one by one.
type Reader struct {
	Name string
	Size int64 // bytes, 0 if unknown
	// At is where the last payload stands: its line, from 1; of JSON that is not one value a line and of Parquet, its number.
	At   int64
	Read int64 // bytes read so far, about; of Parquet, its share of the file by rows
	next func() (*intake.Payload, error)
	file io.Closer
}

// BadError is why one payload cannot be read. The next may be.
type BadError struct{ Err error }

// Error implements error.
func (e *BadError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *BadError) Unwrap() error { return e.Err }

// Open opens a file; "-" is standard input.
func Open(name, format string, stdin io.Reader) (*Reader, error) {
	if format == Auto || format == "" {
		format = byName(name)
	}
	r := &Reader{Name: name, file: io.NopCloser(nil)}
	from := stdin
	if name == "-" {
		r.Name = "standard input"
		if format == Parquet {
			return nil, errors.New("a Parquet file is read from its end: it cannot be standard input")
		}
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("opening records: %w", err)
		}
		r.file, from = f, f
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			r.Size = info.Size()
		}
		if format == Parquet {
			if err := r.parquet(f); err != nil {
				return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
			}
			return r, nil
		}
	}
	in := &counted{r: from, n: &r.Read}
	var err error
	switch format {
	case CSV:
		err = r.csv(in)
	case JSON, Cloud, Form:
		err = r.text(in, format)
	default:
		err = fmt.Errorf("no format %q", format)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", r.Name, err), r.file.Close())
	}
	return r, nil
}

func byName(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv":
		return CSV
	case ".parquet":
		return Parquet
	case ".form":
		return Form
	}
	return JSON
}

// Next returns the next payload; io.EOF at the end, a [*BadError] for one that cannot be read.
func (r *Reader) Next() (*intake.Payload, error) { return r.next() }

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

type counted struct {
	r io.Reader
	n *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}

// mostLine bounds a line, bytes.
const mostLine = 64 << 20

// text reads JSON values or forms.
func (r *Reader) text(from io.Reader, format string) error {
	b := bufio.NewReaderSize(from, 1<<20)
	skipBOM(b)
	if format == Form || !inOneValue(b) {
		r.next = func() (*intake.Payload, error) {
			for {
				line, err := readLine(b)
				if err != nil {
					return nil, err
				}
				r.At++
				if line = bytes.TrimSpace(line); len(line) > 0 {
					return Payload(format, line)
				}
			}
		}
		return nil
	}
	return r.values(b, format)
}

func skipBOM(b *bufio.Reader) {
	if start, err := b.Peek(3); err == nil && string(start) == "\ufeff" {
		_, _ = b.Discard(3) // they are there
	}
}

func readLine(b *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := b.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(line) < mostLine:
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("a line has more than %d bytes", mostLine)
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		}
		return line, err
	}
}

// Payload makes a payload of the bytes of one, in one of the formats JSON, Form and Cloud.
func Payload(format string, b []byte) (*intake.Payload, error) {
	p := &intake.Payload{}
	decode := intake.DecodeJSON
	var err error
	switch format {
	case Form:
		decode = intake.DecodeForm
	case Cloud:
		if b, p.Cloud, err = intake.OpenCloudEvent(b); err != nil {
			return nil, &BadError{err}
		}
	}
	if p.Message, err = decode(b); err != nil {
		return nil, &BadError{err}
	}
	return p, nil
}
